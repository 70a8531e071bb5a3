package errgroup_test

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/race"
	"github.com/thence-go/thence/pool"
)

// heap is what is alive.
func heap() int64 {
	runtime.GC()
	runtime.GC() // what the first one found to be finalized
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A server that discards: whatever becomes of its calls, and wherever they run,
// nothing is kept of one that has ended. STRESS=100 makes it 1e7 calls in each
// case, in some minutes.
func TestLaw1_MemoryOfAServerIsFlat(t *testing.T) {
	old := future.SetHooks(future.Hooks{Panic: func(*future.PanicError) {}}) // quiet keeps them
	defer future.SetHooks(old)
	n := stress(100_000)
	if race.Enabled {
		n /= 10 // what is kept is kept there too, and it is ten times slower
	}
	var failures atomic.Int64
	serve := func(i int) error {
		switch {
		case i%1000 == 7:
			panic(i)
		case i%10 == 3:
			return fmt.Errorf("request %d failed", i)
		}
		return nil
	}
	sink := errgroup.Supervise(func(int, error) { failures.Add(1) })
	for name, opts := range map[string][]errgroup.Option{
		"limit":            {errgroup.Limit(8)},
		"limit and pool":   {errgroup.Limit(64)},
		"throttle":         {errgroup.Limit(8), errgroup.Throttle(limiter(func(context.Context) error { return nil }))},
		"hooks":            {errgroup.Limit(8), errgroup.WithHooks(errgroup.Hooks{})},
		"limit, Results":   {errgroup.Limit(8)},
		"limit, cancelers": {errgroup.Limit(8)},
	} {
		t.Run(name, func(t *testing.T) {
			failures.Store(0)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if name == "limit and pool" {
				p := pool.New(4, pool.Queue(64, pool.Block))
				defer p.Close()
				opts = append(opts, errgroup.On(p))
			}
			s := errgroup.Collect[int](ctx, append(opts, sink)...)
			handed := atomic.Int64{}
			inFlight := make(chan struct{}, 256) // what is finished and not yet taken is kept
			start := func(i int) error {
				fn := func(ctx context.Context) (int, error) { handed.Add(1); return i, serve(i) }
				switch name {
				case "limit, Results":
					inFlight <- struct{}{}
					return s.Go(ctx, fn)
				case "limit, cancelers":
					return s.Do(ctx, func(ctx context.Context) error {
						child, cancel := context.WithCancel(ctx) // makes the context of the call real
						defer cancel()
						_, err := fn(child)
						return err
					})
				}
				return s.Do(ctx, func(ctx context.Context) error { _, err := fn(ctx); return err })
			}
			yielded := make(chan int)
			if name == "limit, Results" {
				go func() {
					n := 0
					for range s.Results() {
						n++
						<-inFlight
					}
					yielded <- n
				}()
			}
			var before int64
			for i := range n {
				if i == n/10 {
					before = heap()
				}
				require.NoError(t, start(i))
			}
			grown := heap() - before
			require.Less(t, grown, int64(256<<10), "bytes for %d more calls", n-n/10)
			s.Close()
			if name == "limit, Results" {
				require.Equal(t, n, <-yielded)
			}
			values, err := s.Wait()
			require.NoError(t, err)
			require.Empty(t, values)
			require.EqualValues(t, n, handed.Load())
			require.EqualValues(t, s.Stats().Failed, failures.Load())
			require.Equal(t, errgroup.Stats{Started: n, Done: n, Failed: s.Stats().Failed}, s.Stats())
		})
	}
}
