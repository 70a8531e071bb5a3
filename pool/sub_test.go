package pool_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pool"
)

func TestLaw8_ASubIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(8)
		outer := p.Sub(3)
		inner := outer.Sub(2).Named("inner")
		var all, ins testkit.Gauge
		start := time.Now()
		work := func(gs ...*testkit.Gauge) func(context.Context) {
			return func(context.Context) {
				for _, g := range gs {
					g.Enter()
					defer g.Leave()
				}
				time.Sleep(time.Second)
			}
		}
		for range 6 {
			require.NoError(t, inner.Go(ctx, work(&all, &ins)))
		}
		for range 6 {
			require.NoError(t, outer.Key(time.Now()).Priority(pool.Low).Go(ctx, work(&all)))
		}
		_, err := pool.Submit(ctx, p, one).Await(ctx)
		require.NoError(t, err)
		require.Zero(t, time.Since(start), "other tasks are not held up")
		require.NoError(t, p.Shutdown(ctx))
		require.Equal(t, 3, all.Peak())
		require.Equal(t, 2, ins.Peak())
		balanced(t, p.Stats())
	})
}

// While inner is full, its tasks keep outer from nothing.
func TestASubIsWorkConserving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(8)
		outer := p.Sub(2)
		inner := outer.Sub(1)
		start := time.Now()
		nap := func(context.Context) { time.Sleep(time.Second) }
		for range 4 {
			require.NoError(t, outer.Go(ctx, nap))
		}
		for range 4 {
			require.NoError(t, inner.Go(ctx, nap))
		}
		for range 4 {
			require.NoError(t, outer.Go(ctx, nap))
		}
		require.NoError(t, p.Shutdown(ctx))
		require.Equal(t, 6*time.Second, time.Since(start))
	})
}

// A task of a Sub that waits for others gives its place in it back too, so that
// trees of tasks in the smallest Sub end.
func TestLaw9_NestedAwaitInASub(t *testing.T) {
	for _, n := range []int{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			ctx := context.Background()
			p := pool.New(2, pool.Queue(1, pool.Block))
			sub := p.Sub(n + 1).Sub(n)
			var running testkit.Gauge
			var tree func(ctx context.Context, depth int) (int, error)
			tree = func(ctx context.Context, depth int) (int, error) {
				running.Enter()
				time.Sleep(time.Millisecond)
				running.Leave()
				if depth == 0 {
					return 1, nil
				}
				var fs []*future.Future[int]
				for i := range 3 {
					on := []future.Executor{p, sub, sub.Priority(pool.High)}[i]
					fs = append(fs, pool.Submit(ctx, on, func(ctx context.Context) (int, error) { return tree(ctx, depth-1) }))
				}
				ns, err := future.All(fs...).Await(ctx)
				running.Enter()
				defer running.Leave()
				time.Sleep(time.Millisecond)
				if err != nil {
					return 0, err
				}
				return ns[0] + ns[1] + ns[2], nil
			}
			v, err := pool.Submit(ctx, sub, func(ctx context.Context) (int, error) { return tree(ctx, 4) }).Await(ctx)
			require.NoError(t, err)
			require.Equal(t, 81, v)
			require.LessOrEqual(t, running.Peak(), 2)
			require.NoError(t, p.Shutdown(ctx))
			balanced(t, p.Stats())
		})
	}
}

// Who comes back goes before who has not started, and its own end frees it from
// waiting.
func TestLaw9_ComingBackToASub(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(4)
		sub := p.Sub(1)
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		gate := future.Go(context.Background(), func(context.Context) (int, error) { time.Sleep(time.Second); return 1, nil })
		start := time.Now()
		backAfter := func(ctx context.Context) (time.Duration, error) {
			_, _ = gate.Await(ctx)
			return time.Since(start), nil
		}
		patient := pool.Submit(context.Background(), sub, backAfter)
		brief := pool.Submit(ctx, sub, backAfter)
		synctest.Wait()
		for range 2 {
			require.NoError(t, sub.Go(context.Background(), func(context.Context) { time.Sleep(10 * time.Second) }))
		}
		took, err := patient.Await(context.Background())
		require.NoError(t, err)
		require.Equal(t, 10*time.Second, took)
		took, err = brief.Await(context.Background())
		require.NoError(t, err)
		require.Equal(t, 3*time.Second, took, "beside the limit, once its ctx has ended")
		require.NoError(t, p.Shutdown(context.Background()))
		require.Equal(t, 20*time.Second, time.Since(start))
		balanced(t, p.Stats())
	})
}

func TestForEachOnViews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(8)
		items := make([]int, 12)
		for peak, view := range map[int]pool.View{1: p.Key("k").Sub(4), 3: p.Tenant("a", 1).Sub(3), 8: p.Priority(pool.Low)} {
			var g testkit.Gauge
			require.NoError(t, pool.ForEach(ctx, view, items, func(context.Context, int) error {
				g.Enter()
				defer g.Leave()
				time.Sleep(time.Second)
				return nil
			}))
			require.Equal(t, peak, g.Peak())
		}
		require.NoError(t, p.Shutdown(ctx))
	})
}

func TestLaw8_ASubIsBoundedAfterWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(8)
		sub := p.Sub(4).Sub(2)
		var g testkit.Gauge
		for range 6 {
			require.NoError(t, sub.Go(ctx, func(ctx context.Context) {
				pool.Blocking(ctx, func() { time.Sleep(time.Second) })
				g.Enter()
				defer g.Leave()
				time.Sleep(time.Second)
			}))
		}
		require.NoError(t, p.Shutdown(ctx))
		require.Equal(t, 2, g.Peak())
	})
}
