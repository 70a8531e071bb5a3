package errgroup_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pool"
	"github.com/thence-go/thence/ratelimit"
)

// ways are the methods that start a call.
var ways = map[string]func(ctx context.Context, s *errgroup.Scope[int], fn func(context.Context) (int, error)) error{
	"Go": func(ctx context.Context, s *errgroup.Scope[int], fn func(context.Context) (int, error)) error {
		return s.Go(ctx, fn)
	},
	"TryGo": func(ctx context.Context, s *errgroup.Scope[int], fn func(context.Context) (int, error)) error {
		return s.TryGo(ctx, fn)
	},
	"Do": func(ctx context.Context, s *errgroup.Scope[int], fn func(context.Context) (int, error)) error {
		return s.Do(ctx, func(ctx context.Context) error { _, err := fn(ctx); return err })
	},
	"Start": func(ctx context.Context, s *errgroup.Scope[int], fn func(context.Context) (int, error)) error {
		return s.Start(ctx, func(ctx context.Context, ready func()) (int, error) { ready(); return fn(ctx) })
	},
	"Start, never ready": func(ctx context.Context, s *errgroup.Scope[int], fn func(context.Context) (int, error)) error {
		return s.Start(ctx, func(ctx context.Context, _ func()) (int, error) { return fn(ctx) })
	},
}

// trial is one scope under torture.
type trial struct {
	s            *errgroup.Scope[int]
	way          func(ctx context.Context, s *errgroup.Scope[int], fn func(context.Context) (int, error)) error
	parent       context.Context
	cancelParent context.CancelCauseFunc
	attempts     atomic.Int64
	told         atomic.Int64 // of failures, to the sink
	callers      sync.WaitGroup
}

// call starts fn from a goroutine of its own, which may be blocked.
func (tr *trial) call(ctx context.Context, fn func(context.Context) (int, error)) {
	tr.attempts.Add(1)
	tr.callers.Go(func() { _ = tr.way(ctx, tr.s, fn) })
}

// tortures do their worst, and say whether Wait must not report a success.
var tortures = map[string]func(t *testing.T, tr *trial) (bad bool){
	"panic": func(t *testing.T, tr *trial) bool {
		for range 5 {
			tr.call(t.Context(), func(context.Context) (int, error) { panic(errDisk) })
		}
		return true
	},
	"Goexit": func(t *testing.T, tr *trial) bool {
		for range 5 {
			tr.call(t.Context(), func(context.Context) (int, error) { runtime.Goexit(); return 0, nil })
		}
		return true
	},
	"ctx before": func(t *testing.T, tr *trial) bool {
		tr.cancelParent(errNet)
		tr.call(t.Context(), func(context.Context) (int, error) { t.Error("was called"); return 0, nil })
		return true
	},
	"ctx during": func(t *testing.T, tr *trial) bool {
		for range 5 {
			tr.call(t.Context(), untilCanceled)
		}
		time.AfterFunc(time.Minute, func() { tr.cancelParent(errNet) })
		return true
	},
	"ctx after": func(t *testing.T, tr *trial) bool {
		tr.call(t.Context(), value(1))
		tr.callers.Wait()
		tr.s.Wait()
		tr.cancelParent(errNet)
		tr.call(t.Context(), func(context.Context) (int, error) { t.Error("was called"); return 0, nil })
		return false
	},
	"Cancel in a queue": func(t *testing.T, tr *trial) bool {
		for range 5 {
			tr.call(t.Context(), untilCanceled)
		}
		synctest.Wait()
		tr.s.Cancel(errNet)
		return true
	},
	"callers that leave a queue": func(t *testing.T, tr *trial) bool {
		short, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		t.Cleanup(cancel)
		for range 5 {
			tr.call(short, after(time.Hour, 1, nil))
		}
		time.Sleep(10 * time.Second)
		return false
	},
	"Close with waiters": func(t *testing.T, tr *trial) bool {
		for range 5 {
			tr.call(t.Context(), after(time.Minute, 1, nil))
		}
		for range 3 {
			tr.callers.Go(func() { tr.s.Wait() })
		}
		tr.callers.Go(func() {
			for range tr.s.Results() {
			}
		})
		synctest.Wait()
		tr.s.Close()
		return false
	},
	"a consumer that breaks": func(t *testing.T, tr *trial) bool {
		time.AfterFunc(time.Minute, tr.s.Close)
		time.AfterFunc(time.Hour, func() { tr.cancelParent(nil) }) // should no result come
		tr.call(t.Context(), value(1))
		tr.call(t.Context(), untilCanceled)
		for range tr.s.Results() {
			break
		}
		return false
	},
	"nested to the limit and over": func(t *testing.T, tr *trial) bool {
		var nest func(depth int) func(ctx context.Context) (int, error)
		nest = func(depth int) func(ctx context.Context) (int, error) {
			return func(ctx context.Context) (int, error) {
				if depth > 0 {
					for range 2 {
						tr.attempts.Add(1)
						_ = tr.way(ctx, tr.s, nest(depth-1))
					}
					f := future.Go(ctx, value(1))
					f.Await(ctx)
				}
				return 1, nil
			}
		}
		tr.call(t.Context(), nest(4))
		return false
	},
}

// Every way to start a call, with every setting, under every torture: nothing
// hangs, nothing leaks, the books balance, and no failure is a success.
func TestTorture(t *testing.T) {
	quiet(t)
	for setting, options := range map[string]func(t *testing.T, tr *trial) []errgroup.Option{
		"plain": func(*testing.T, *trial) []errgroup.Option { return nil },
		"limit": func(*testing.T, *trial) []errgroup.Option { return []errgroup.Option{errgroup.Limit(1)} },
		"all": func(*testing.T, *trial) []errgroup.Option {
			return []errgroup.Option{errgroup.AllErrors(), errgroup.Limit(2)}
		},
		"first": func(*testing.T, *trial) []errgroup.Option {
			return []errgroup.Option{errgroup.First(), errgroup.Limit(2)}
		},
		"throttle": func(*testing.T, *trial) []errgroup.Option {
			return []errgroup.Option{errgroup.Throttle(ratelimit.NewLimiter(ratelimit.Every(time.Second), 1)), errgroup.Limit(2)}
		},
		"until": func(*testing.T, *trial) []errgroup.Option {
			return []errgroup.Option{errgroup.Limit(1), errgroup.Until(func(int, future.Result[int]) bool { time.Sleep(time.Millisecond); return false })}
		},
		"supervise": func(_ *testing.T, tr *trial) []errgroup.Option {
			return []errgroup.Option{errgroup.Limit(1), errgroup.Supervise(func(int, error) { tr.told.Add(1) })}
		},
		"pool": func(t *testing.T, _ *trial) []errgroup.Option {
			p := pool.New(1, pool.Queue(1, pool.Block))
			t.Cleanup(func() { p.Close() })
			return []errgroup.Option{errgroup.On(p), errgroup.Limit(3)}
		},
		"pool, throttle, hooks": func(t *testing.T, _ *trial) []errgroup.Option {
			p := pool.New(1, pool.Queue(0, pool.Block))
			t.Cleanup(func() { p.Close() })
			return []errgroup.Option{errgroup.On(p), errgroup.Throttle(ratelimit.NewLimiter(ratelimit.Every(time.Second), 1)), errgroup.WithHooks(errgroup.Hooks{})}
		},
	} {
		for torture, run := range tortures {
			for way, start := range ways {
				t.Run(fmt.Sprintf("%s/%s/%s", setting, torture, way), func(t *testing.T) {
					testkit.Ends(t, func(t *testing.T) {
						tr := &trial{way: start}
						tr.parent, tr.cancelParent = context.WithCancelCause(t.Context())
						defer tr.cancelParent(nil)
						tr.s = errgroup.Collect[int](tr.parent, options(t, tr)...)
						cleaned := 0
						tr.s.Cleanup(time.Minute, func(ctx context.Context) error { cleaned++; return ctx.Err() })
						bad := run(t, tr)
						tr.callers.Wait()
						values, err := tr.s.Wait()
						if bad && tr.told.Load() == 0 {
							require.Error(t, err)
						}
						require.Equal(t, 1, cleaned)
						again, same := tr.s.Wait()
						require.Equal(t, values, again)
						require.Equal(t, err, same)
						synctest.Wait()
						stats := tr.s.Stats()
						require.Zero(t, stats.Running)
						require.Equal(t, stats.Started, stats.Done)
						require.EqualValues(t, tr.attempts.Load(), stats.Started+stats.NotStarted, "%+v", stats)
					})
				})
			}
		}
	}
}
