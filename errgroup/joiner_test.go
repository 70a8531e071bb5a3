package errgroup_test

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
)

func TestScope_CancelWithoutConsequence(t *testing.T) {
	t.Run("parent", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			parent, cancel := context.WithCancel(t.Context())
			s := errgroup.Collect[int](parent)
			require.NoError(t, s.Go(parent, func(ctx context.Context) (int, error) {
				<-ctx.Done()
				return 1, nil // has done its work all the same
			}))
			synctest.Wait()
			cancel()
			values, err := s.Wait()
			require.NoError(t, err)
			require.Equal(t, []int{1}, values)
		})
	})
	t.Run("Cancel", func(t *testing.T) {
		s := errgroup.Collect[int](t.Context())
		s.Cancel(nil)
		s.Cancel(errDisk)
		_, err := s.Wait()
		require.ErrorIs(t, err, future.ErrCanceled)
		require.ErrorIs(t, err, context.Canceled)
		require.NotErrorIs(t, err, errDisk)
	})
	t.Run("after the end", func(t *testing.T) {
		s := errgroup.Collect[int](t.Context())
		_, err := s.Wait()
		require.NoError(t, err)
		s.Cancel(errDisk)
		_, err = s.Wait()
		require.NoError(t, err)
	})
}

func TestScope_FailureBeatsCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		s := errgroup.Collect[int](ctx)
		require.NoError(t, s.Go(ctx, func(ctx context.Context) (int, error) {
			<-ctx.Done()
			return 0, errDisk
		}))
		require.NoError(t, s.Go(ctx, untilCanceled))
		synctest.Wait()
		s.Cancel(errNet)
		_, err := s.Wait()
		require.Equal(t, errDisk, err)
	})
}

func TestScope_AllErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		s := errgroup.Collect[int](ctx, errgroup.AllErrors())
		stubborn := func(d time.Duration, err error) func(context.Context) (int, error) {
			return func(context.Context) (int, error) { time.Sleep(d); return 0, err }
		}
		require.NoError(t, s.Go(ctx, stubborn(3*time.Second, errNet)))
		require.NoError(t, s.Go(ctx, untilCanceled))
		require.NoError(t, s.Do(ctx, func(context.Context) error { time.Sleep(2 * time.Second); return errDisk }))
		require.NoError(t, s.Go(ctx, stubborn(time.Second, errDisk)))
		require.NoError(t, s.Go(ctx, value(5)))
		values, err := s.Wait()
		require.Equal(t, []int{0, 0, 0, 5}, values)
		var join *future.JoinError
		require.ErrorAs(t, err, &join)
		require.NotErrorIs(t, err, future.ErrCanceled)
		// The failure of the Do is the echo of the cause: the same error.
		require.Equal(t, []future.IndexedError{{Index: 0, Err: errNet}, {Index: 3, Err: errDisk}}, join.Errs)
	})
}

func TestScope_Supervise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		told := make(chan string, 10)
		s := errgroup.Collect[int](ctx, errgroup.Supervise(func(call int, err error) { told <- fmt.Sprintf("%d: %v", call, err) }))
		require.NoError(t, s.Go(ctx, fails(errDisk)))
		synctest.Wait()
		require.NoError(t, s.Go(ctx, func(ctx context.Context) (int, error) {
			time.Sleep(time.Second)
			return 1, ctx.Err()
		}))
		require.NoError(t, s.Do(ctx, func(context.Context) error { return errNet }))
		values, err := s.Wait()
		require.NoError(t, err)
		require.Equal(t, []int{0, 1}, values)
		require.Equal(t, "0: disk full", <-told)
		require.Equal(t, "2: net down", <-told, "a call of Do has a number too")
		require.Equal(t, 2, s.Stats().Failed)
	})
}

// The failures of Do are told apart from one another and from those of Go.
func TestScope_FailuresOfDoAreNumbered(t *testing.T) {
	ctx := t.Context()
	s := errgroup.Collect[int](ctx, errgroup.AllErrors(), errgroup.Supervise(func(int, error) {}))
	require.NoError(t, s.Do(ctx, func(context.Context) error { return errNet }))
	require.NoError(t, s.Go(ctx, fails(errDisk)))
	require.NoError(t, s.Do(ctx, func(context.Context) error { return errDisk }))
	values, err := s.Wait()
	require.Equal(t, []int{0}, values)
	require.EqualError(t, err, "future: input 0: net down\nfuture: input 1: disk full\nfuture: input 2: disk full")
}

// A sink that starts the work again finds room at the limit and on the pool:
// the call that failed has none any more. Wait waits for all of it.
func TestScope_SinkRestarts(t *testing.T) {
	oneAtATime(t, func(t *testing.T, opts []errgroup.Option) {
		var s *errgroup.Scope[int]
		var tries atomic.Int64
		var running testkit.Gauge
		work := func(context.Context) (int, error) {
			running.Enter()
			defer running.Leave()
			if tries.Add(1) < 10 {
				return 0, errDisk
			}
			return 7, nil
		}
		again := func(int, error) {
			require.NoError(t, s.Go(t.Context(), work))
			time.Sleep(time.Second) // others run meanwhile
		}
		s = errgroup.Collect[int](t.Context(), append(opts, errgroup.Supervise(again))...)
		require.NoError(t, s.Go(t.Context(), work))
		values, err := s.Wait()
		require.NoError(t, err)
		require.Equal(t, []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 7}, values)
		require.Equal(t, 1, running.Peak())
	})
}

func TestScope_SinkThatEndsBadly(t *testing.T) {
	for name, end := range map[string]func(){
		"panic":  func() { panic(errNet) },
		"Goexit": runtime.Goexit,
	} {
		for task, fn := range map[string]func(context.Context) (int, error){
			"after an error": fails(errDisk),
			"after a panic":  func(context.Context) (int, error) { panic("x") },
			"after a Goexit": func(context.Context) (int, error) { runtime.Goexit(); return 0, nil },
			"with followers": fails(errDisk),
		} {
			t.Run(name+" "+task, func(t *testing.T) {
				quiet(t)
				synctest.Test(t, func(t *testing.T) {
					ctx := t.Context()
					s := errgroup.Collect[int](ctx, errgroup.Limit(1), errgroup.Supervise(func(int, error) { end() }))
					require.NoError(t, s.Go(ctx, fn))
					_ = s.Go(ctx, value(1))
					_, err := s.Wait()
					require.Error(t, err)
					if name == "panic" {
						require.ErrorIs(t, err, errNet)
					} else {
						require.ErrorIs(t, err, future.ErrGoexit)
					}
				})
			})
		}
	}
}

func TestScope_Quorum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		after := func(d time.Duration, v int, err error) func(context.Context) (int, error) {
			return func(ctx context.Context) (int, error) {
				select {
				case <-time.After(d):
					return v, err
				case <-ctx.Done():
					return -1, context.Cause(ctx)
				}
			}
		}
		for _, c := range []struct {
			name   string
			calls  []func(context.Context) (int, error)
			values []int
			err    error
			took   time.Duration
		}{
			{"reached", []func(context.Context) (int, error){after(5, 1, nil), after(9, 2, nil), after(1, 0, errDisk), after(3, 4, nil)}, []int{1, 4}, nil, 5},
			{"not reached", []func(context.Context) (int, error){after(5, 1, nil), after(1, 0, errDisk), after(3, 4, errNet)}, []int{1}, errgroup.ErrQuorum, 3},
			{"too few", []func(context.Context) (int, error){after(5, 1, nil)}, []int{}, errgroup.ErrQuorum, 0},
		} {
			start := time.Now()
			s := errgroup.Collect[int](ctx, errgroup.Quorum(2))
			for _, fn := range c.calls {
				require.NoError(t, s.Go(ctx, fn))
			}
			s.Close()
			values, err := s.Wait()
			require.ErrorIs(t, err, c.err, c.name)
			require.Equal(t, c.took, time.Since(start), c.name)
			if c.name == "not reached" {
				require.Empty(t, values, c.name) // the first is canceled: it cannot help any more
				require.ErrorIs(t, err, errDisk)
				require.ErrorIs(t, err, errNet)
				continue
			}
			require.Equal(t, c.values, values, c.name)
		}
	})
}

func TestScope_QuorumCanceled(t *testing.T) {
	s := errgroup.Collect[int](t.Context(), errgroup.First())
	require.NoError(t, s.Go(t.Context(), untilCanceled))
	s.Cancel(errNet)
	_, err := s.Wait()
	require.ErrorIs(t, err, future.ErrCanceled)
	require.ErrorIs(t, err, errNet)
	require.NotErrorIs(t, err, errgroup.ErrQuorum)
}
