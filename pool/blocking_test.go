package pool_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pool"
)

// A task that waits for another one through a channel, on a pool of one worker.
func TestLaw9_Blocking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(1)
		ready := make(chan int)
		f := pool.Submit(ctx, p.Sub(1).Key("k"), func(ctx context.Context) (n int, err error) {
			pool.Blocking(ctx, func() {
				require.Equal(t, 1, p.Stats().Parked)
				n = <-ready
			})
			require.Zero(t, p.Stats().Parked)
			return n, nil
		})
		require.NoError(t, p.Go(ctx, func(context.Context) { ready <- 7 }))
		n, err := f.Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 7, n)
		ran := false
		pool.Blocking(ctx, func() { ran = true })
		require.True(t, ran, "outside of a task too")
		require.NoError(t, p.Shutdown(ctx))
	})
}

// It takes a slot again before it goes on, even if fn panics.
func TestLaw9_BlockingKeepsTheLimit(t *testing.T) {
	quiet(t)
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(2)
		var g testkit.Gauge
		for i := range 20 {
			require.NoError(t, p.Go(ctx, func(ctx context.Context) {
				func() {
					defer func() { _ = recover() }()
					pool.Blocking(ctx, func() {
						time.Sleep(time.Second)
						if i%5 == 0 {
							panic("boom")
						}
					})
				}()
				g.Enter()
				defer g.Leave()
				time.Sleep(time.Second)
			}))
		}
		require.NoError(t, p.Shutdown(ctx))
		require.Equal(t, 2, g.Peak())
		balanced(t, p.Stats())
	})
}
