package pool_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pool"
)

// Many submitters through all views, every tenth task panics or exits, tasks
// nest, the pool changes its size and its workers come and go. STRESS=100 makes
// it over a million tasks.
func TestLaw6_Soak(t *testing.T) {
	quiet(t)
	ctx := context.Background()
	const clients, most = 4, 6
	each := stress(3000)
	p := pool.New(4, pool.Queue(64, pool.Block), pool.IdleTimeout(1))
	on := views(p)
	var running testkit.Gauge
	var ran, settled atomic.Int64
	var wg, following sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			inFlight := make(chan struct{}, 256)
			for i := range each {
				if i%100 == 0 {
					_ = p.Resize(1 + (i/100+c)%most)
				}
				inFlight <- struct{}{}
				f := pool.Submit(ctx, on[(i+c)%len(on)], func(ctx context.Context) (int, error) {
					running.Enter()
					ran.Add(1)
					running.Leave()
					switch i % 20 {
					case 3:
						panic(i)
					case 13:
						runtime.Goexit()
					case 7:
						return pool.Submit(ctx, p, one).Await(ctx)
					}
					return i, nil
				})
				following.Go(func() {
					<-f.Done()
					settled.Add(1)
					<-inFlight
				})
			}
		})
	}
	wg.Wait()
	following.Wait()
	require.NoError(t, p.Shutdown(ctx))
	n := int64(clients * each)
	require.Equal(t, n, ran.Load())
	require.Equal(t, n, settled.Load())
	require.LessOrEqual(t, running.Peak(), most)
	s := p.Stats()
	balanced(t, s)
	require.Equal(t, uint64(n/10), s.Failed)
	require.Equal(t, uint64(n/20), s.Panicked)
	keys, tenants := p.Remembered()
	require.Zero(t, keys)
	require.LessOrEqual(t, tenants, 2)
}

// A shutdown in the middle of it: what was accepted has run, or says that it
// has not.
func TestLaw4_StopInTheMiddle(t *testing.T) {
	quiet(t)
	for round := range stress(20) {
		p := pool.New(2, pool.Queue(round%5, pool.Block))
		on := views(p)
		var wg sync.WaitGroup
		for c := range 3 {
			wg.Go(func() {
				for i := 0; ; i++ {
					f := pool.Submit(context.Background(), on[(i+c)%len(on)], func(ctx context.Context) (int, error) {
						if i%4 == 0 {
							return future.GoOn(ctx, p, one).Await(ctx)
						}
						return i, ctx.Err()
					})
					if i%3 == 0 {
						if _, err := f.Await(context.Background()); p.Stats().State != pool.Open && err != nil {
							return
						}
					}
				}
			})
		}
		wg.Go(func() {
			for range round * 10 {
				runtime.Gosched()
			}
			_ = p.Close()
		})
		wg.Wait()
		_ = p.Shutdown(context.Background())
		balanced(t, p.Stats())
		require.Equal(t, pool.Closed, p.Stats().State)
	}
}
