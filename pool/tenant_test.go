package pool_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pool"
)

// share runs tasks of several views that always have work, and returns how many
// of n each has had.
func share(t *testing.T, n int, views map[string]func(*pool.Pool) goer) map[string]int {
	counts := map[string]int{}
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p, release := busy(t, pool.Queue(64, pool.Block))
		total := 0
		for name, view := range views {
			v := view(p)
			var again func(context.Context)
			again = func(ctx context.Context) {
				if total >= n {
					return
				}
				total++
				counts[name]++
				if err := v.Go(ctx, again); err != nil {
					t.Error(err)
				}
			}
			for range 4 {
				require.NoError(t, v.Go(ctx, again))
			}
		}
		release()
		synctest.Wait()
		require.NoError(t, p.Shutdown(ctx))
		balanced(t, p.Stats())
	})
	return counts
}

type goer interface {
	Go(context.Context, func(context.Context)) error
}

func TestLaw10_TenantsHaveTheirShares(t *testing.T) {
	const n = 100_000
	counts := share(t, n, map[string]func(*pool.Pool) goer{
		"gold":   func(p *pool.Pool) goer { return p.Tenant("gold", 3) },
		"silver": func(p *pool.Pool) goer { return p.Tenant("silver", 1) },
	})
	require.InDelta(t, n*3/4, counts["gold"], n/100)
	require.InDelta(t, n/4, counts["silver"], n/100)
}

// Plain tasks are a tenant of weight 1, and calling everything urgent helps
// nobody.
func TestLaw10_PlainTasksAreATenant(t *testing.T) {
	const n = 10_000
	counts := share(t, n, map[string]func(*pool.Pool) goer{
		"plain": func(p *pool.Pool) goer { return p },
		"loud":  func(p *pool.Pool) goer { return p.Tenant("a", 1).Priority(pool.High) },
		"two":   func(p *pool.Pool) goer { return p.Priority(pool.Low).Tenant("b", 2) },
	})
	require.InDelta(t, n/4, counts["plain"], n/100)
	require.InDelta(t, n/4, counts["loud"], n/100)
	require.InDelta(t, n/2, counts["two"], n/100)
}

// A tenant alone has all workers, and one that comes back has saved nothing up.
func TestTenantsAreWorkConserving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(4)
		var g testkit.Gauge
		work := func(context.Context) {
			g.Enter()
			defer g.Leave()
			time.Sleep(time.Second)
		}
		start := time.Now()
		for range 40 {
			require.NoError(t, p.Tenant("small", 1).Go(ctx, work))
		}
		time.Sleep(500 * time.Millisecond)
		require.Equal(t, 4, g.Peak())
		var mu sync.Mutex
		var order []string
		for range 4 {
			require.NoError(t, p.Tenant("late", 1).Go(ctx, func(context.Context) {
				mu.Lock()
				order = append(order, time.Since(start).String())
				mu.Unlock()
				time.Sleep(time.Second)
			}))
		}
		require.NoError(t, p.Shutdown(ctx))
		require.Equal(t, 11*time.Second, time.Since(start))
		require.Equal(t, []string{"1s", "1s", "2s", "2s"}, order)
	})
}

// Of two weights for one tenant the last one holds.
func TestTheLastWeightHolds(t *testing.T) {
	const n = 10_000
	counts := share(t, n, map[string]func(*pool.Pool) goer{
		"a": func(p *pool.Pool) goer { p.Tenant("a", 100); return p.Tenant("a", 1) },
		"b": func(p *pool.Pool) goer { return p.Tenant("b", 4) },
	})
	require.InDelta(t, n/5, counts["a"], n/100)
}
