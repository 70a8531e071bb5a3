package errgroup_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pool"
)

// However a scope has ended, its cleanups are called in reverse, when the calls
// have settled, with a context that has not ended.
func TestCleanup_InReverseWhateverHappened(t *testing.T) {
	type key struct{}
	for name, c := range map[string]struct {
		end func(s *errgroup.Scope[int], cancelParent func())
		is  error
	}{
		"success": {func(s *errgroup.Scope[int], _ func()) { s.Go(t.Context(), value(1)) }, nil},
		"failure": {func(s *errgroup.Scope[int], _ func()) { s.Go(t.Context(), fails(errDisk)) }, errDisk},
		"parent":  {func(_ *errgroup.Scope[int], cancel func()) { cancel() }, future.ErrCanceled},
		"Cancel":  {func(s *errgroup.Scope[int], _ func()) { s.Cancel(errNet) }, errNet},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				parent, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "v"))
				defer cancel()
				s := errgroup.Collect[int](parent)
				settled := false
				var order []int
				clean := func(i int) func(context.Context) error {
					return func(ctx context.Context) error {
						require.True(t, settled, "the calls first")
						require.Error(t, s.Context().Err(), "the scope is over")
						require.ErrorIs(t, s.Go(t.Context(), value(1)), errgroup.ErrOver)
						require.NoError(t, ctx.Err())
						require.Equal(t, "v", ctx.Value(key{}))
						deadline, ok := ctx.Deadline()
						require.True(t, ok)
						require.Equal(t, time.Duration(i+1)*time.Minute, time.Until(deadline), "from its own beginning")
						time.Sleep(time.Second)
						order = append(order, i)
						if i == 2 {
							s.Cleanup(11*time.Minute, func(context.Context) error { order = append(order, 10); return nil })
						}
						return ctx.Err()
					}
				}
				for i := range 3 {
					s.Cleanup(time.Duration(i+1)*time.Minute, clean(i))
				}
				require.NoError(t, s.Go(parent, func(ctx context.Context) (int, error) {
					s.Cleanup(4*time.Minute, clean(3)) // calls may give one too
					time.Sleep(time.Hour)
					settled = true
					return 0, ctx.Err()
				}))
				synctest.Wait()
				c.end(s, cancel)
				_, err := s.Wait()
				require.Equal(t, []int{3, 2, 10, 1, 0}, order)
				if c.is == nil {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, c.is)
				}
				_, again := s.Wait()
				require.Equal(t, err, again)
				require.Len(t, order, 5, "once")
			})
		})
	}
}

func TestCleanup_TheShieldIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := errgroup.Collect[int](t.Context())
		start := time.Now()
		s.Cleanup(time.Second, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		s.Cleanup(time.Second, func(ctx context.Context) error { time.Sleep(time.Minute); return nil }) // does not obey
		s.Cancel(nil)
		_, err := s.Wait()
		require.Equal(t, time.Second+time.Minute, time.Since(start))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var clean *errgroup.CleanupError
		require.ErrorAs(t, err, &clean)
		require.Equal(t, &errgroup.CleanupError{Errs: []error{context.DeadlineExceeded}}, clean)
	})
}

// The error of a cleanup is added to a failure, and stands for a cancel.
func TestCleanup_Failures(t *testing.T) {
	errFirst := errors.New("first")
	for name, c := range map[string]struct {
		end  func(s *errgroup.Scope[int])
		is   []error
		isnt []error
		text string
	}{
		"alone": {func(*errgroup.Scope[int]) {}, []error{errDisk, errNet}, []error{future.ErrCanceled},
			"errgroup: cleanup: net down\nerrgroup: cleanup: disk full"},
		"after a failure": {func(s *errgroup.Scope[int]) { s.Go(t.Context(), fails(errFirst)) }, []error{errFirst, errDisk, errNet}, []error{future.ErrCanceled},
			"first\nerrgroup: cleanup: net down\nerrgroup: cleanup: disk full"},
		"after a cancel": {func(s *errgroup.Scope[int]) { s.Cancel(nil) }, []error{errDisk, errNet}, []error{future.ErrCanceled, context.Canceled},
			"errgroup: cleanup: net down\nerrgroup: cleanup: disk full"},
	} {
		t.Run(name, func(t *testing.T) {
			s := errgroup.Collect[int](t.Context())
			s.Cleanup(time.Hour, func(context.Context) error { return errDisk })
			s.Cleanup(time.Hour, func(context.Context) error { return nil })
			s.Cleanup(time.Hour, func(context.Context) error { return errNet })
			c.end(s)
			_, err := s.Wait()
			require.EqualError(t, err, c.text)
			for _, is := range c.is {
				require.ErrorIs(t, err, is)
			}
			for _, isnt := range c.isnt {
				require.NotErrorIs(t, err, isnt)
			}
			var clean *errgroup.CleanupError
			require.ErrorAs(t, err, &clean)
			for _, err := range clean.Unwrap() {
				require.Error(t, err)
			}
		})
	}
}

// What a cleanup says of other work that was canceled, or that it stopped
// waiting for, is its failure and not a cancel of the scope.
func TestCleanup_OfOtherWork(t *testing.T) {
	s := errgroup.Collect[int](t.Context())
	s.Cleanup(time.Hour, func(ctx context.Context) error {
		f := future.Go(ctx, func(ctx context.Context) (int, error) { return untilCanceled(ctx) })
		f.Cancel(errNet)
		_, err := f.Await(ctx)
		return err
	})
	_, err := s.Wait()
	require.ErrorIs(t, err, errNet)
	require.NotErrorIs(t, err, future.ErrCanceled)
}

func TestCleanup_ThatEndsBadly(t *testing.T) {
	told := quiet(t)
	testkit.Ends(t, func(t *testing.T) {
		s := errgroup.Collect[int](t.Context())
		ran := 0
		s.Cleanup(time.Hour, func(context.Context) error { ran++; return nil })
		s.Cleanup(time.Hour, func(context.Context) error { ran++; runtime.Goexit(); return nil })
		s.Cleanup(time.Hour, func(context.Context) error { ran++; panic(errNet) })
		_, err := s.Wait()
		require.Equal(t, 3, ran)
		require.ErrorIs(t, err, errNet)
		require.ErrorIs(t, err, future.ErrGoexit)
		require.Len(t, *told, 1, "at once")
	})
}

// Every Wait waits for the cleanups and answers the same; a result is kept.
func TestCleanup_SeveralWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := errgroup.Collect[int](t.Context())
		require.NoError(t, s.Go(t.Context(), value(7)))
		cleaned := 0
		s.Cleanup(time.Hour, func(context.Context) error { time.Sleep(time.Minute); cleaned++; return errDisk })
		var waiters sync.WaitGroup
		for range 5 {
			waiters.Go(func() {
				values, err := s.Wait()
				require.Equal(t, 1, cleaned)
				require.Equal(t, []int{7}, values)
				require.ErrorIs(t, err, errDisk)
			})
		}
		waiters.Wait()
		require.PanicsWithValue(t, "errgroup: Cleanup after Wait: nobody would call it, give it before Wait returns",
			func() { s.Cleanup(1, func(context.Context) error { return nil }) })
	})
}

// A scope in a task of a pool: its cleanups run in the place of the task that
// waits, and give that back when they wait for others.
func TestCleanup_InATaskOfAPool(t *testing.T) {
	testkit.Ends(t, func(t *testing.T) {
		p := pool.New(1, pool.Queue(1, pool.Block))
		defer p.Close()
		cleaned, err := pool.Submit(t.Context(), p, func(ctx context.Context) (int, error) {
			s := errgroup.Collect[int](ctx, errgroup.On(p))
			cleaned := 0
			s.Cleanup(time.Hour, func(ctx context.Context) error {
				v, err := pool.Submit(ctx, p, func(context.Context) (int, error) { return 5, nil }).Await(ctx)
				cleaned = v
				return err
			})
			if err := s.Go(ctx, value(1)); err != nil {
				return 0, err
			}
			_, err := s.Wait()
			return cleaned, err
		}).Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, 5, cleaned)
	})
}
