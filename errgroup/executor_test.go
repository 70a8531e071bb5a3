package errgroup_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
)

// executor is the shortest adapter there can be.
type executor func(ctx context.Context, t future.Task) error

func (e executor) Execute(ctx context.Context, t future.Task) error { return e(ctx, t) }

var (
	errFull    = errors.New("full")
	errDropped = errors.New("dropped")

	onGoroutine = executor(func(ctx context.Context, t future.Task) error { go t.Run(ctx); return nil })
	inline      = executor(func(ctx context.Context, t future.Task) error { t.Run(ctx); return nil })
	rejecting   = executor(func(context.Context, future.Task) error { return errFull })
	dropping    = executor(func(_ context.Context, t future.Task) error { go t.Refuse(errDropped); return nil })
	blocking    = executor(func(ctx context.Context, _ future.Task) error { <-ctx.Done(); return ctx.Err() })
)

func TestOn_RunsThere(t *testing.T) {
	for name, e := range map[string]executor{"goroutine": onGoroutine, "inline": inline} {
		for limit, opts := range map[string][]errgroup.Option{"no limit": nil, "limit": {errgroup.Limit(2)}} {
			t.Run(name+" "+limit, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx := t.Context()
					s := errgroup.Collect[int](ctx, append(opts, errgroup.On(e))...)
					for i := range 10 {
						require.NoError(t, s.Go(ctx, func(context.Context) (int, error) {
							time.Sleep(time.Second)
							return i, nil
						}))
					}
					values, err := s.Wait()
					require.NoError(t, err)
					require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, values)
				})
			})
		}
	}
}

func TestOn_NotAcceptedIsAFailure(t *testing.T) {
	for name, c := range map[string]struct {
		on    executor
		is    error
		first error
	}{
		"rejected": {rejecting, errFull, errFull},
		"dropped":  {dropping, errDropped, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				s := errgroup.Collect[int](ctx, errgroup.On(c.on), errgroup.Limit(1))
				require.ErrorIs(t, s.Go(ctx, value(1)), c.first)
				synctest.Wait()
				require.ErrorIs(t, s.Go(ctx, value(1)), errgroup.ErrOver)
				values, err := s.Wait()
				require.Equal(t, c.is, err)
				require.Equal(t, []int{0}, values)
				require.Equal(t, errgroup.Stats{Failed: 1, NotStarted: 2}, s.Stats())
			})
		})
	}
}

// An executor that blocks is left by the caller's ctx and by the scope's end,
// and the call leaves no trace among the values.
func TestOn_StopsWaitingForTheExecutor(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(s *errgroup.Scope[int], cancelCaller func())
		is   error
		wait error
	}{
		"caller's ctx": {func(_ *errgroup.Scope[int], caller func()) { caller() }, future.ErrStoppedWaiting, nil},
		"Cancel":       {func(s *errgroup.Scope[int], _ func()) { s.Cancel(errNet) }, errgroup.ErrOver, errNet},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := errgroup.Collect[int](t.Context(), errgroup.On(blocking))
				caller, cancel := context.WithCancel(t.Context())
				defer cancel()
				got := make(chan error, 1)
				go func() { got <- s.Go(caller, value(2)) }()
				synctest.Wait()
				require.Empty(t, got)
				c.end(s, cancel)
				require.ErrorIs(t, <-got, c.is)
				values, err := s.Wait()
				require.ErrorIs(t, err, c.wait)
				require.Empty(t, values)
			})
		})
	}
}

// Once a call is accepted it is the scope's: its caller's ctx is of no matter.
func TestOn_CallersContextEndsAfterwards(t *testing.T) {
	for name, e := range map[string]executor{
		"goroutine": onGoroutine,
		"starts before it accepts": func(ctx context.Context, t future.Task) error {
			go t.Run(ctx)
			time.Sleep(2 * time.Second)
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := errgroup.Collect[int](t.Context(), errgroup.On(e))
				caller, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				require.NoError(t, s.Go(caller, func(ctx context.Context) (int, error) {
					select {
					case <-ctx.Done():
						return 0, ctx.Err()
					case <-time.After(5 * time.Second):
						return 7, nil
					}
				}))
				values, err := s.Wait()
				require.NoError(t, err)
				require.Equal(t, []int{7}, values)
			})
		})
	}
}

// An executor that takes a call after its caller has gone must not run it.
func TestOn_AcceptsTooLate(t *testing.T) {
	for name, late := range map[string]func(ctx context.Context, t future.Task){
		"Run":    func(ctx context.Context, t future.Task) { t.Run(ctx) },
		"Refuse": func(_ context.Context, t future.Task) { t.Refuse(errDropped) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				on := executor(func(ctx context.Context, t future.Task) error {
					<-ctx.Done()
					go late(ctx, t)
					return nil
				})
				s := errgroup.Collect[int](t.Context(), errgroup.On(on), errgroup.Limit(1))
				caller, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				require.ErrorIs(t, s.Go(caller, func(context.Context) (int, error) {
					t.Error("was called")
					return 0, nil
				}), future.ErrStoppedWaiting)
				values, err := s.Wait()
				require.NoError(t, err)
				require.Empty(t, values)
			})
		})
	}
}

// The context that a simple executor passes on has the slot of the caller. A
// call there that waits must not give that away.
func TestOn_CallersPlaceIsNotTheCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var gauge testkit.Gauge
		s := errgroup.Collect[int](t.Context(), errgroup.Limit(1))
		for range 3 {
			require.NoError(t, s.Go(t.Context(), func(ctx context.Context) (int, error) {
				gauge.Enter()
				in := errgroup.Collect[int](ctx, errgroup.On(onGoroutine))
				if err := in.Go(ctx, func(ctx context.Context) (int, error) {
					return future.Go(ctx, func(context.Context) (int, error) { time.Sleep(3 * time.Second); return 1, nil }).Await(ctx)
				}); err != nil {
					return 0, err
				}
				time.Sleep(2 * time.Second)
				gauge.Leave()
				values, err := in.Wait()
				return values[0], err
			}))
		}
		_, err := s.Wait()
		require.NoError(t, err)
		require.Equal(t, 1, gauge.Peak())
	})
}

func TestOn_ExecutorPanics(t *testing.T) {
	on := executor(func(context.Context, future.Task) error { panic("executor") })
	s := errgroup.Collect[int](t.Context(), errgroup.On(on), errgroup.Limit(1))
	require.PanicsWithValue(t, "executor", func() { s.Go(t.Context(), value(1)) })
	_, err := s.Wait()
	require.NoError(t, err, "the caller has had the panic")
}

func TestOn_EndsBadly(t *testing.T) {
	for name, e := range map[string]executor{"goroutine": onGoroutine} {
		t.Run(name, func(t *testing.T) {
			told := quiet(t)
			s := errgroup.Collect[int](t.Context(), errgroup.On(e), errgroup.AllErrors(), errgroup.Supervise(func(int, error) {}))
			require.NoError(t, s.Go(t.Context(), func(context.Context) (int, error) { runtime.Goexit(); return 0, nil }))
			require.NoError(t, s.Go(t.Context(), func(context.Context) (int, error) { panic(errDisk) }))
			_, err := s.Wait()
			require.ErrorIs(t, err, future.ErrGoexit)
			require.ErrorIs(t, err, errDisk)
			require.Len(t, *told, 1)
		})
	}
}

// An executor that stops its work ends the scope: nobody failed, but the work
// is not done.
func TestOn_ExecutorCancelsWhatRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hard, stop := context.WithCancelCause(t.Context())
		on := executor(func(ctx context.Context, t future.Task) error {
			ctx, cancel := context.WithCancelCause(ctx)
			context.AfterFunc(hard, func() { cancel(context.Cause(hard)) })
			go t.Run(ctx)
			return nil
		})
		s := errgroup.Collect[int](t.Context(), errgroup.On(on))
		require.NoError(t, s.Go(t.Context(), untilCanceled))
		require.NoError(t, s.Go(t.Context(), untilCanceled))
		synctest.Wait()
		stop(errNet)
		_, err := s.Wait()
		require.ErrorIs(t, err, future.ErrCanceled)
		require.ErrorIs(t, err, errNet)
	})
}
