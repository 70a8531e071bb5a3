package pool_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pool"
)

// The whole API in virtual time, twice in one process.
func TestLaw12_TwoBubbles(t *testing.T) {
	quiet(t)
	testkit.TwoBubbles(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		p := pool.New(2, pool.Queue(2, pool.Block), pool.Name("bubble"), pool.IdleTimeout(time.Minute))
		start := time.Now()
		nap := func(ctx context.Context) { time.Sleep(time.Second) }
		for range 6 {
			require.NoError(t, p.Go(ctx, nap))
		}
		f := pool.Submit(ctx, p, one)
		require.NoError(t, p.Go(ctx, func(context.Context) { panic("boom") }))
		out, err := pool.Map(ctx, p, []int{1, 2, 3}, func(ctx context.Context, n int) (int, error) {
			nap(ctx)
			v, err := future.GoOn(ctx, p, one).Await(ctx)
			return n + v, err
		})
		require.NoError(t, err)
		require.Equal(t, []int{2, 3, 4}, out)
		require.NoError(t, pool.ForEach(ctx, p, out, func(ctx context.Context, _ int) error { nap(ctx); return nil }))
		v, err := f.Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 1, v)
		require.Equal(t, 7*time.Second, time.Since(start))
		time.Sleep(3 * time.Minute)
		require.Zero(t, p.Stats().Workers)
		for _, on := range views(p) {
			_, err := pool.Submit(ctx, on, one).Await(ctx)
			require.NoError(t, err)
		}
		require.NoError(t, p.Resize(3))
		require.NoError(t, p.Go(ctx, func(ctx context.Context) { pool.Blocking(ctx, func() { time.Sleep(time.Second) }) }))
		for o := pool.Block; o <= pool.DropNewest; o++ {
			overflows(t, ctx, o)
		}
		require.NoError(t, p.Go(ctx, func(ctx context.Context) { <-ctx.Done() }))
		require.Error(t, p.Close())
		require.Error(t, p.Shutdown(context.Background()))
	})
}

// overflows fills a pool with a policy beyond what it takes.
func overflows(t *testing.T, ctx context.Context, o pool.Overflow) {
	told := 0
	p := pool.New(1, pool.Queue(1, o), pool.MeasureTimes(), pool.Labels(), pool.Origins(),
		pool.WithHooks(pool.Hooks{Enqueue: func(pool.TaskInfo) { told++ }}))
	for range 4 {
		_ = p.Go(ctx, func(context.Context) { time.Sleep(time.Second) })
		_ = p.TryGo(ctx, nothing)
	}
	require.NoError(t, p.Shutdown(ctx))
	balanced(t, p.Stats())
	require.Equal(t, 8, told)
}
