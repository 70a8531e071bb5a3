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
	require.NoError(t, p.Shutdown(context.Background()))
}
