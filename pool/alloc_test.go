package pool_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/race"
	"github.com/thence-go/thence/pool"
)

func TestLaw13_Allocations(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := pool.New(2)
	done := make(chan struct{}, 1)
	signal := func(context.Context) { done <- struct{}{} }
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		_ = p.Go(ctx, signal)
		<-done
	}), "Go")
	require.LessOrEqual(t, testing.AllocsPerRun(1000, func() {
		_, _ = pool.Submit(context.Background(), p, one).Await(context.Background())
	}), 1.0, "Submit: the future")
	var on pool.View
	require.Zero(t, testing.AllocsPerRun(1000, func() { on = p.Priority(pool.High).Key("cart") }), "views of the pool")
	require.LessOrEqual(t, testing.AllocsPerRun(1000, func() { on = p.Tenant("gold", 3) }), 1.0, "others")
	for name, v := range map[string]pool.View{
		"Priority": p.Priority(pool.High), "Key": p.Key("cart"), "all": on.Sub(1).Named("x").Key("cart").Priority(pool.Low),
	} {
		require.Zero(t, testing.AllocsPerRun(1000, func() {
			_ = v.Go(ctx, signal)
			<-done
		}), "Go on "+name)
		require.LessOrEqual(t, testing.AllocsPerRun(1000, func() {
			_, _ = pool.Submit(context.Background(), v, one).Await(context.Background())
		}), 1.0, "Submit on "+name)
	}
	require.NoError(t, p.Shutdown(context.Background()))
}
