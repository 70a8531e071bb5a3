package errgroup_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pool"
)

// Everything at once, with whatever comes first: each attempt is told of either
// as begun and done, or as rejected; Start gives an answer; the cleanups are
// called; the limit holds for what has not been canceled.
func TestScope_StressOfEverything(t *testing.T) {
	quiet(t)
	for round := range stress(150) {
		rnd := rand.New(rand.NewPCG(uint64(round), 1))
		var attempts, begun, done, rejected, cleaned, answers, starts atomic.Int64
		limit := 1 + rnd.IntN(4)
		parent, cancel := context.WithCancelCause(t.Context())
		opts := []errgroup.Option{errgroup.Limit(limit), errgroup.WithHooks(errgroup.Hooks{
			Start:  func(errgroup.CallInfo) { begun.Add(1) },
			Done:   func(errgroup.CallInfo, error) { done.Add(1) },
			Reject: func(errgroup.CallInfo, error) { rejected.Add(1) },
		})}
		if rnd.IntN(2) == 0 {
			p := pool.New(2, pool.Queue(rnd.IntN(3), pool.Block))
			defer p.Close()
			opts = append(opts, errgroup.On(p))
		}
		if rnd.IntN(2) == 0 {
			opts = append(opts, errgroup.Throttle(limiter(func(ctx context.Context) error {
				runtime.Gosched()
				return ctx.Err()
			})))
		}
		joiner := rnd.IntN(4)
		switch joiner {
		case 0:
			opts = append(opts, errgroup.Supervise(func(int, error) {}))
		case 1:
			opts = append(opts, errgroup.Quorum(1+rnd.IntN(100)))
		case 2:
			n := rnd.IntN(100)
			asked := 0 // no lock: the predicate is called one at a time
			opts = append(opts, errgroup.Until(func(int, future.Result[int]) bool { asked++; return asked > n }))
		}
		s := errgroup.Collect[int](parent, opts...)
		s.Cleanup(time.Hour, func(ctx context.Context) error { cleaned.Add(1); return ctx.Err() })
		var gauge testkit.Gauge
		var start func(ctx context.Context, depth, seed int) error
		start = func(ctx context.Context, depth, seed int) error {
			attempts.Add(1)
			fn := func(ctx context.Context) (int, error) {
				if depth > 0 {
					_ = start(ctx, depth-1, seed*7+1)
					_ = start(ctx, depth-1, seed*7+2)
				}
				if ctx.Err() == nil {
					gauge.Enter()
					runtime.Gosched()
					gauge.Leave()
				}
				switch seed % 50 {
				case 11:
					panic(seed)
				case 23:
					runtime.Goexit()
				case 37:
					return 0, errDisk
				}
				return seed, nil
			}
			switch seed % 4 {
			case 0:
				return s.TryGo(ctx, fn)
			case 1:
				return s.Do(ctx, func(ctx context.Context) error { _, err := fn(ctx); return err })
			case 2:
				starts.Add(1)
				defer answers.Add(1)
				return s.Start(ctx, func(ctx context.Context, ready func()) (int, error) {
					s.Cleanup(time.Hour, func(context.Context) error { cleaned.Add(1); return nil })
					if seed%3 > 0 {
						ready()
					}
					return fn(ctx)
				})
			}
			return s.Go(ctx, fn)
		}
		var callers sync.WaitGroup
		for c := range 3 {
			callers.Go(func() {
				for i := range 10 {
					ctx := t.Context()
					if (c+i)%5 == 0 {
						var cancel context.CancelFunc
						ctx, cancel = context.WithCancel(ctx)
						go cancel()
					}
					_ = start(ctx, i%3, c*100+i)
				}
			})
		}
		end, later := rnd.IntN(6), rnd.IntN(200)
		callers.Go(func() {
			for range later {
				runtime.Gosched()
			}
			switch end {
			case 0:
				cancel(errNet)
			case 1:
				s.Cancel(errNet)
			case 2:
				s.Close()
			}
		})
		if end == 3 {
			for range s.Results() {
				if rnd.IntN(5) == 0 {
					break
				}
			}
		}
		callers.Wait()
		_, err := s.Wait()
		stats := s.Stats()
		require.Equal(t, attempts.Load(), begun.Load()+rejected.Load())
		require.Equal(t, begun.Load(), done.Load())
		require.EqualValues(t, begun.Load(), stats.Started)
		require.EqualValues(t, rejected.Load(), stats.NotStarted)
		require.Equal(t, starts.Load(), answers.Load())
		require.NotZero(t, cleaned.Load())
		var clean *errgroup.CleanupError
		require.False(t, errors.As(err, &clean), "%v", err)
		if joiner == 0 && end >= 4 {
			require.LessOrEqual(t, gauge.Peak(), limit, "nothing was canceled")
		}
		if end == 1 && joiner != 1 && joiner != 2 {
			require.Error(t, err, "after Cancel, in any case")
		}
		cancel(nil)
	}
}
