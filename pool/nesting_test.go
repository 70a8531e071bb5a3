package pool_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pool"
)

// Trees of tasks that await their children on the same small pool with the
// smallest queue: they end, and never do more tasks run than there are slots.
func TestLaw9_NestedAwaitOnAFullPool(t *testing.T) {
	for _, workers := range []int{1, 2, 5} {
		synctest.Test(t, func(t *testing.T) {
			ctx := context.Background()
			p := pool.New(workers, pool.Queue(1, pool.Block))
			var running testkit.Gauge
			var tree func(ctx context.Context, depth int) (int, error)
			tree = func(ctx context.Context, depth int) (int, error) {
				running.Enter()
				time.Sleep(time.Millisecond)
				running.Leave() // what follows blocks
				if depth == 0 {
					return 1, nil
				}
				var children []*future.Future[int]
				for range 3 {
					children = append(children, pool.Submit(ctx, p, func(ctx context.Context) (int, error) { return tree(ctx, depth-1) }))
				}
				counts, err := future.All(children...).Await(ctx)
				running.Enter()
				defer running.Leave()
				time.Sleep(time.Millisecond)
				sum := 1
				for _, c := range counts {
					sum += c
				}
				return sum, err
			}
			n, err := pool.Submit(ctx, p, func(ctx context.Context) (int, error) { return tree(ctx, 4) }).Await(ctx)
			require.NoError(t, err)
			require.Equal(t, 1+3+9+27+81, n)
			require.Equal(t, workers, running.Peak(), "running, not parked, tasks fill the pool and no more")
			require.NoError(t, p.Shutdown(ctx))
			s := p.Stats()
			require.Equal(t, uint64(121), s.Completed)
			require.Zero(t, s.Parked)
		})
	}
}

func TestLaw9_NestedMapAndForEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(2, pool.Queue(1, pool.Block))
		items := []int{1, 2, 3, 4}
		var grid func(ctx context.Context, depth int) (int, error)
		grid = func(ctx context.Context, depth int) (int, error) {
			if depth == 0 {
				return 1, nil
			}
			counts, err := pool.Map(ctx, p, items, func(ctx context.Context, _ int) (int, error) { return grid(ctx, depth-1) })
			n := 0
			for _, c := range counts {
				n += c
			}
			if err == nil {
				err = pool.ForEach(ctx, p, items, func(context.Context, int) error { return nil })
			}
			return n, err
		}
		n, err := pool.Submit(ctx, p, func(ctx context.Context) (int, error) { return grid(ctx, 4) }).Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 256, n)
		require.NoError(t, p.Shutdown(ctx))
	})
}

// Go from inside a task blocks on a full queue; it must not hold the slot that
// would empty it.
func TestLaw9_NestedGoOnAFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(1, pool.Queue(1, pool.Block))
		var ran int
		for range 10 {
			require.NoError(t, p.Go(ctx, func(ctx context.Context) {
				for range 5 {
					require.NoError(t, p.Go(ctx, func(context.Context) { ran++ }))
				}
			}))
		}
		synctest.Wait()
		require.NoError(t, p.Shutdown(ctx))
		require.Equal(t, 50, ran, "%+v", p.Stats())
	})
}

// Who comes back goes before who has not started.
func TestLaw9_ResumingGoesAheadOfTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(1)
		gate := future.NewPromise[int]()
		var order []string
		f := pool.Submit(ctx, p, func(ctx context.Context) (int, error) {
			n, err := gate.Future().Await(ctx)
			order = append(order, "resumed")
			return n, err
		})
		synctest.Wait()
		require.Equal(t, 1, p.Stats().Parked)
		for range 3 {
			require.NoError(t, p.Go(ctx, func(context.Context) {
				time.Sleep(time.Second)
				order = append(order, "queued")
			}))
		}
		synctest.Wait()
		gate.Resolve(1)
		_, err := f.Await(ctx)
		require.NoError(t, err)
		require.NoError(t, p.Shutdown(ctx))
		require.Equal(t, []string{"queued", "resumed", "queued", "queued"}, order)
	})
}

// A task whose ctx ends while no slot is free goes on at once, beside the
// limit, and the books balance afterwards.
func TestLaw9_ResumingWhenTheContextHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(1)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		start := time.Now()
		f := pool.Submit(ctx, p, func(ctx context.Context) (time.Duration, error) {
			_, err := future.NewPromise[int]().Future().Await(ctx)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			return time.Since(start), nil
		})
		synctest.Wait()
		require.NoError(t, p.Go(context.Background(), func(context.Context) { time.Sleep(time.Minute) }))
		took, err := f.Await(context.Background())
		require.NoError(t, err)
		require.Equal(t, time.Second, took)
		require.NoError(t, p.Shutdown(context.Background()))
		s := p.Stats()
		require.Equal(t, uint64(2), s.Completed)
		require.Zero(t, s.Running+s.Parked)
	})
}

// Goroutines that a task starts by itself and that use its ctx, even after it
// has returned, never upset the count of slots.
func TestLaw9_GoroutinesThatOutliveTheirTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(2)
		gate := future.NewPromise[int]()
		for range 10 {
			require.NoError(t, p.Go(ctx, func(ctx context.Context) {
				for range 3 {
					go func() { _, _ = gate.Future().Await(ctx) }()
				}
				time.Sleep(time.Millisecond)
			}))
		}
		time.Sleep(time.Second)
		gate.Resolve(1)
		synctest.Wait()
		var g testkit.Gauge
		for range 20 {
			require.NoError(t, p.Go(ctx, func(context.Context) {
				g.Enter()
				defer g.Leave()
				time.Sleep(time.Second)
			}))
		}
		require.NoError(t, p.Shutdown(ctx))
		require.Equal(t, 2, g.Peak())
		require.Equal(t, uint64(30), p.Stats().Completed)
	})
}

func TestLaw9_ShutdownOfOnesOwnPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(1)
		_, err := pool.Submit(ctx, p, future.Void(p.Shutdown)).Await(ctx)
		require.ErrorIs(t, err, pool.ErrDeadlock)
		_, err = pool.Submit(ctx, p, one).Await(ctx)
		require.NoError(t, err, "it is still open")
		require.NoError(t, p.Shutdown(ctx))
	})
}

// The same with real threads: trees on tiny pools under every interleaving
// that turns up.
func TestLaw9_NestingUnderStress(t *testing.T) {
	ctx := context.Background()
	for range stress(30) {
		p := pool.New(2, pool.Queue(1, pool.Block), pool.IdleTimeout(time.Microsecond))
		var tree func(ctx context.Context, depth int) (int, error)
		tree = func(ctx context.Context, depth int) (int, error) {
			if depth == 0 {
				return 1, nil
			}
			a := pool.Submit(ctx, p, func(ctx context.Context) (int, error) { return tree(ctx, depth-1) })
			b := pool.Submit(ctx, p, func(ctx context.Context) (int, error) { return tree(ctx, depth-1) })
			x, err := a.Await(ctx)
			if err != nil {
				return 0, err
			}
			y, err := b.Await(ctx)
			return x + y, err
		}
		var roots []*future.Future[int]
		for range 4 {
			roots = append(roots, pool.Submit(ctx, p, func(ctx context.Context) (int, error) { return tree(ctx, 5) }))
		}
		counts, err := future.All(roots...).Await(ctx)
		require.NoError(t, err)
		require.Equal(t, []int{32, 32, 32, 32}, counts)
		require.NoError(t, p.Shutdown(ctx))
	}
}

// Goroutines of one task that come back one after the other share the slot,
// even if the task waits for all of them with the slot in its hand.
func TestLaw9_GoroutinesOfATaskComeBackTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(1)
		nap := func(ctx context.Context, d time.Duration) {
			_, _ = future.Go(context.WithoutCancel(ctx), func(context.Context) (int, error) { time.Sleep(d); return 0, nil }).Await(ctx)
		}
		f := pool.Submit(ctx, p, func(ctx context.Context) (int, error) {
			var own sync.WaitGroup
			own.Go(func() { nap(ctx, time.Second) })
			own.Go(func() { time.Sleep(2 * time.Second); nap(ctx, time.Second) })
			own.Wait()
			return 1, nil
		})
		other := pool.Submit(ctx, p, func(context.Context) (int, error) { time.Sleep(time.Minute); return 2, nil })
		vs, err := future.All(f, other).Await(ctx)
		require.NoError(t, err)
		require.Equal(t, []int{1, 2}, vs)
		require.NoError(t, p.Shutdown(ctx))
		require.Zero(t, p.Stats().Parked)
	})
}

// A wait that was given less time than its task does not make the limit void.
func TestLaw9_ShortWaitsKeepTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(2)
		slow := future.NewPromise[int]()
		var running testkit.Gauge
		for range 20 {
			require.NoError(t, p.Go(ctx, func(ctx context.Context) {
				brief, cancel := context.WithTimeout(ctx, time.Millisecond)
				defer cancel()
				_, err := slow.Future().Await(brief)
				require.ErrorIs(t, err, future.ErrStoppedWaiting)
				running.Enter()
				defer running.Leave()
				time.Sleep(time.Second)
			}))
		}
		require.NoError(t, p.Shutdown(ctx))
		require.Equal(t, 2, running.Peak())
		require.Equal(t, uint64(20), p.Stats().Completed)
	})
}
