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

func TestLaw8_ResizeBelowOne(t *testing.T) {
	p := pool.New(1)
	for _, n := range []int{0, -1} {
		require.ErrorContains(t, p.Resize(n), "pool: Resize needs at least 1 worker, got")
	}
	require.NoError(t, p.Close())
}

func TestResize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(2)
		running := func() int { synctest.Wait(); return p.Stats().Running }
		for range 100 {
			require.NoError(t, p.Go(ctx, func(context.Context) { time.Sleep(time.Second) }))
		}
		require.Equal(t, 2, running())
		require.NoError(t, p.Resize(10))
		require.Equal(t, 10, running(), "up at once")
		require.NoError(t, p.Resize(3))
		require.Equal(t, 10, running(), "down as tasks end")
		time.Sleep(time.Second)
		require.Equal(t, 3, running())
		require.NoError(t, p.Resize(4))
		require.Equal(t, 4, running())
		time.Sleep(5 * time.Second)
		require.Equal(t, 4, p.Stats().Workers, "the others have left")
		require.NoError(t, p.Shutdown(ctx))
		balanced(t, p.Stats())
	})
}

// Tasks that are parked when the pool shrinks come back within the new limit;
// when it grows they come back at once.
func TestLaw9_ResizeAndParkedTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(8)
		gate := future.NewPromise[int]()
		var g testkit.Gauge
		for range 12 {
			require.NoError(t, p.Go(ctx, func(ctx context.Context) {
				_, _ = gate.Future().Await(ctx)
				g.Enter()
				defer g.Leave()
				time.Sleep(time.Second)
			}))
		}
		synctest.Wait()
		require.Equal(t, 12, p.Stats().Parked)
		require.NoError(t, p.Resize(2))
		gate.Resolve(1)
		synctest.Wait()
		require.Equal(t, 2, p.Stats().Running)
		require.NoError(t, p.Resize(5))
		synctest.Wait()
		require.Equal(t, 5, p.Stats().Running)
		require.NoError(t, p.Shutdown(ctx))
		require.Equal(t, 5, g.Peak())
		balanced(t, p.Stats())
	})
}

// Resize, submit, nest and stop, all at once: everything ends and the books
// balance.
func TestLaw4_ResizeRacesEverything(t *testing.T) {
	quiet(t)
	for round := range stress(20) {
		ctx := context.Background()
		p := pool.New(3, pool.Queue(4, pool.Block), pool.IdleTimeout(time.Microsecond))
		sub := p.Sub(2)
		views := []future.Executor{p, p.Key("k"), sub, p.Priority(pool.Low).Key("l"), p.Tenant("t", 3), sub.Sub(1).Key("m")}
		var clients sync.WaitGroup
		for c := range 4 {
			clients.Go(func() {
				for i := range 60 {
					_ = p.Resize(1 + (i+c)%7)
					f := pool.Submit(ctx, views[(i+c)%len(views)], func(ctx context.Context) (int, error) {
						if i%3 == 0 {
							return pool.Submit(ctx, p, one).Await(ctx)
						}
						return 1, nil
					})
					if i%2 == 0 {
						_, _ = f.Await(ctx)
					}
				}
				if round%3 == 2 {
					_ = p.Close()
				}
			})
		}
		clients.Wait()
		if err := p.Shutdown(ctx); round%3 != 2 {
			require.NoError(t, err)
		}
		balanced(t, p.Stats())
	}
}

// A task that parks in a pool that has too many running does not pass its slot
// on.
func TestLaw9_ParkingInAPoolThatShrinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(6)
		for range 18 {
			require.NoError(t, p.Go(ctx, func(ctx context.Context) {
				for range 5 {
					pool.Blocking(ctx, func() { time.Sleep(time.Second) })
					time.Sleep(time.Second)
				}
			}))
		}
		time.Sleep(5500 * time.Millisecond)
		require.Equal(t, 6, p.Stats().Running)
		require.NoError(t, p.Resize(2))
		for range 10 {
			time.Sleep(time.Second)
			require.Equal(t, 2, p.Stats().Running)
		}
		require.NoError(t, p.Shutdown(ctx))
		balanced(t, p.Stats())
	})
}
