package errgroup_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
)

// A Go that waits at the limit stops waiting for each of these.
func TestScope_StopsWaitingAtTheLimit(t *testing.T) {
	for name, c := range map[string]struct {
		end func(s *errgroup.Scope[int], cancelParent, cancelCaller func())
		is  error
	}{
		"caller's ctx": {func(_ *errgroup.Scope[int], _, caller func()) { caller() }, future.ErrStoppedWaiting},
		"parent's ctx": {func(_ *errgroup.Scope[int], parent, _ func()) { parent() }, errgroup.ErrOver},
		"Cancel":       {func(s *errgroup.Scope[int], _, _ func()) { s.Cancel(errNet) }, errNet},
		"Close":        {func(s *errgroup.Scope[int], _, _ func()) { s.Close() }, errgroup.ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				parent, cancelParent := context.WithCancel(t.Context())
				defer cancelParent()
				caller, cancelCaller := context.WithCancel(t.Context())
				defer cancelCaller()
				s := errgroup.Collect[int](parent, errgroup.Limit(1))
				release := make(chan struct{})
				require.NoError(t, s.Go(caller, func(context.Context) (int, error) { <-release; return 1, nil }))
				require.ErrorIs(t, s.TryGo(caller, value(2)), errgroup.ErrLimit)
				got := make(chan error, 1)
				go func() { got <- s.Go(caller, value(2)) }()
				synctest.Wait()
				require.Empty(t, got, "must wait for room")
				c.end(s, cancelParent, cancelCaller)
				require.ErrorIs(t, <-got, c.is)
				close(release)
				values, _ := s.Wait()
				require.Equal(t, []int{1}, values)
			})
		})
	}
}

// A failure refuses those who wait, rather than let one of them in.
func TestScope_FailureRefusesWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := errgroup.Collect[int](t.Context(), errgroup.Limit(1))
		require.NoError(t, s.Go(t.Context(), func(context.Context) (int, error) { time.Sleep(time.Second); return 0, errDisk }))
		var callers sync.WaitGroup
		for range 5 {
			callers.Go(func() {
				err := s.Go(t.Context(), func(context.Context) (int, error) { t.Error("was called"); return 0, nil })
				if !errors.Is(err, errgroup.ErrOver) || !errors.Is(err, errDisk) {
					t.Error(err)
				}
			})
		}
		callers.Wait()
		values, err := s.Wait()
		require.Equal(t, errDisk, err)
		require.Len(t, values, 1)
	})
}

// own is a context whose end the standard library's contexts hear of only
// later.
type own struct {
	context.Context
	done chan struct{}
}

func (c own) Done() <-chan struct{} { return c.done }

func (c own) Err() error {
	select {
	case <-c.done:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

func (c own) Value(any) any { return nil }

// The end of the parent's context is the scope's, however late the scope's own
// context hears of it: else Wait would report a success without the call.
func TestScope_ParentEndsFirst(t *testing.T) {
	parent := own{context.Background(), make(chan struct{})}
	s := errgroup.Collect[int](parent)
	close(parent.done)
	require.ErrorIs(t, s.Go(parent, value(1)), errgroup.ErrOver)
	_, err := s.Wait()
	require.ErrorIs(t, err, future.ErrCanceled)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestScope_WaitersLeaveTheLineAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		s := errgroup.Collect[int](ctx, errgroup.Limit(1))
		release := make(chan struct{})
		require.NoError(t, s.Go(ctx, func(context.Context) (int, error) { <-release; return -1, nil }))
		cancels := make([]func(), 9)
		for i := range cancels {
			var caller context.Context
			caller, cancels[i] = context.WithCancel(ctx)
			go s.Go(caller, value(i))
			synctest.Wait()
		}
		for _, i := range []int{0, 4, 5, 8} {
			cancels[i]()
		}
		synctest.Wait()
		close(release)
		synctest.Wait()
		values, err := s.Wait()
		require.NoError(t, err)
		require.Equal(t, []int{-1, 1, 2, 3, 6, 7}, values)
		require.Equal(t, errgroup.Stats{Started: 6, Done: 6, NotStarted: 4}, s.Stats())
		for _, cancel := range cancels {
			cancel()
		}
	})
}

func TestScope_LimitIsReachedAndKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		s := errgroup.Collect[int](ctx, errgroup.Limit(3))
		var gauge testkit.Gauge
		for i := range 20 {
			require.NoError(t, s.Go(ctx, func(context.Context) (int, error) {
				gauge.Enter()
				defer gauge.Leave()
				time.Sleep(time.Second)
				if i%4 == 0 {
					return 0, nil
				}
				return i, nil
			}))
		}
		_, err := s.Wait()
		require.NoError(t, err)
		require.Equal(t, 3, gauge.Peak())
	})
}
