package pool_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pool"
)

// A server that works on 20 at once and lets the others wait, behind a pool that
// always has work: the pool finds its size, and follows when it changes.
func TestAdaptivePoolFindsTheKnee(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(2, pool.Adaptive(pool.AdaptiveConfig{Min: 1, Max: 200}))
		ctx, stop := context.WithCancel(context.Background())
		server := make(chan struct{}, 20)
		producer := make(chan struct{})
		go func() {
			defer close(producer)
			for p.Go(ctx, func(context.Context) {
				server <- struct{}{}
				time.Sleep(10 * time.Millisecond)
				<-server
			}) == nil {
			}
		}()
		time.Sleep(10 * time.Second)
		var sizes []int
		for range 101 {
			time.Sleep(51 * time.Millisecond)
			sizes = append(sizes, p.Stats().Running)
		}
		slices.Sort(sizes)
		require.GreaterOrEqual(t, sizes[10], 20, "but when it is measured, %v", sizes)
		require.LessOrEqual(t, sizes[100], 36, "%v", sizes)
		stop()
		<-producer
		shutdown(t, p)
	})
}

func TestAdaptivePoolBeginsWithinItsBounds(t *testing.T) {
	for _, c := range []struct{ workers, peak int }{{1, 3}, {4, 4}, {100, 5}} {
		synctest.Test(t, func(t *testing.T) {
			p := pool.New(c.workers, pool.Adaptive(pool.AdaptiveConfig{Min: 3, Max: 5}))
			var g testkit.Gauge
			for range 20 {
				require.NoError(t, p.Go(context.Background(), func(context.Context) {
					g.Enter()
					defer g.Leave()
					time.Sleep(second)
				}))
			}
			shutdown(t, p)
			require.Equal(t, c.peak, g.Peak())
		})
	}
}

// Tasks that were never run say nothing about latency.
func TestAdaptivePoolIgnoresWhatWasNotRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(10, pool.Adaptive(pool.AdaptiveConfig{Min: 1, Max: 10}))
		ctx, cancel := context.WithTimeout(context.Background(), second)
		defer cancel()
		for range 10 {
			require.NoError(t, p.Go(context.Background(), func(context.Context) { time.Sleep(2 * second) }))
		}
		for range 500 {
			require.NoError(t, p.Go(ctx, nothing))
		}
		time.Sleep(3 * second)
		require.EqualValues(t, 500, p.Stats().Canceled)
		for range 10 {
			require.NoError(t, p.Go(context.Background(), func(context.Context) { time.Sleep(second) }))
		}
		synctest.Wait()
		require.Equal(t, 10, p.Stats().Running)
		shutdown(t, p)
	})
}

func TestAdaptiveOptionMistakes(t *testing.T) {
	require.PanicsWithValue(t, "pool: Adaptive needs 1 <= Min <= Max, got Min 0 and Max 5",
		func() { pool.Adaptive(pool.AdaptiveConfig{Max: 5}) })
}

func ExampleAdaptive() {
	ctx := context.Background()
	p := pool.New(8, pool.Adaptive(pool.AdaptiveConfig{Min: 2, Max: 64}))
	f := pool.Submit(ctx, p, func(ctx context.Context) (string, error) { return "from a server that bears what it bears", nil })
	fmt.Println(f.Await(ctx))
	_ = p.Shutdown(ctx)
	// Output: from a server that bears what it bears <nil>
}
