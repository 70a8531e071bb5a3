package errgroup_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

// value and fails are the simplest calls.
func value[T any](v T) func(context.Context) (T, error) {
	return func(context.Context) (T, error) { return v, nil }
}

func fails(err error) func(context.Context) (int, error) {
	return func(context.Context) (int, error) { return 0, err }
}

// untilCanceled waits for its context and returns its error.
func untilCanceled(ctx context.Context) (int, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

func TestScope_ValuesInCallOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		s := errgroup.Collect[int](ctx)
		for i := range 10 {
			require.NoError(t, s.Go(ctx, func(context.Context) (int, error) {
				time.Sleep(time.Duration(10-i) * time.Second)
				return i, nil
			}))
			require.NoError(t, s.Do(ctx, func(context.Context) error { return nil }))
		}
		for range 2 {
			values, err := s.Wait()
			require.NoError(t, err)
			require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, values)
		}
	})
}

func TestScope_Empty(t *testing.T) {
	values, err := errgroup.Collect[int](t.Context()).Wait()
	require.NoError(t, err)
	require.Empty(t, values)
}

func TestScope_FirstFailureIsReturnedAsItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		s := errgroup.Collect[int](ctx)
		require.NoError(t, s.Go(ctx, value(7)))
		require.NoError(t, s.Go(ctx, untilCanceled))
		synctest.Wait()
		require.NoError(t, s.Go(ctx, func(context.Context) (int, error) { return 3, errDisk }))
		values, err := s.Wait()
		require.Equal(t, errDisk, err)
		require.Equal(t, []int{7, 0, 3}, values, "values and error; a failed call leaves what it returned")
		require.Equal(t, errDisk, context.Cause(s.Context()))
	})
}

func TestScope_NothingStartsWhenOver(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(s *errgroup.Scope[int], cancelParent func())
		is   error
		isnt error
		wait error
	}{
		"failure": {
			func(s *errgroup.Scope[int], _ func()) { s.Go(context.Background(), fails(errDisk)) },
			errDisk, future.ErrCanceled, errDisk},
		"Cancel": {
			func(s *errgroup.Scope[int], _ func()) { s.Cancel(errNet) },
			future.ErrCanceled, errgroup.ErrClosed, future.ErrCanceled},
		"parent": {
			func(_ *errgroup.Scope[int], cancel func()) { cancel() },
			context.Canceled, errgroup.ErrClosed, future.ErrCanceled},
		"Close": {
			func(s *errgroup.Scope[int], _ func()) { s.Close() },
			errgroup.ErrClosed, future.ErrCanceled, nil},
		"Wait": {
			func(s *errgroup.Scope[int], _ func()) { s.Wait() },
			errgroup.ErrClosed, future.ErrCanceled, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				parent, cancel := context.WithCancel(t.Context())
				defer cancel()
				s := errgroup.Collect[int](parent, errgroup.Limit(2))
				c.end(s, cancel)
				synctest.Wait()
				ctx := t.Context()
				for _, err := range []error{
					s.Go(ctx, value(1)),
					s.TryGo(ctx, value(1)),
					s.Do(ctx, func(context.Context) error { t.Error("was called"); return nil }),
				} {
					var over *errgroup.OverError
					require.ErrorAs(t, err, &over)
					require.ErrorIs(t, err, errgroup.ErrOver)
					require.ErrorIs(t, err, c.is)
					require.NotErrorIs(t, err, c.isnt)
				}
				_, err := s.Wait()
				require.ErrorIs(t, err, c.wait)
				require.GreaterOrEqual(t, s.Stats().NotStarted, 3)
			})
		})
	}
}

func TestScope_Stats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		s := errgroup.Collect[int](ctx, errgroup.Limit(2))
		require.NoError(t, s.Go(ctx, untilCanceled))
		require.NoError(t, s.Go(ctx, untilCanceled))
		synctest.Wait()
		require.Equal(t, errgroup.Stats{Started: 2, Running: 2}, s.Stats())
		require.ErrorIs(t, s.TryGo(ctx, value(1)), errgroup.ErrLimit)
		s.Cancel(nil)
		s.Wait()
		require.Equal(t, errgroup.Stats{Started: 2, Done: 2, NotStarted: 1}, s.Stats())
	})
}

// Wait speaks of the calls that were accepted; Go has told the others' callers.
func TestScope_WaitSpeaksOfAcceptedCalls(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	s := errgroup.Collect[int](t.Context(), errgroup.Limit(1))
	release := make(chan struct{})
	require.NoError(t, s.Go(t.Context(), func(context.Context) (int, error) { <-release; return 1, nil }))
	require.ErrorIs(t, s.TryGo(t.Context(), value(2)), errgroup.ErrLimit)
	require.ErrorIs(t, s.Go(gone, value(3)), future.ErrStoppedWaiting)
	close(release)
	values, err := s.Wait()
	require.NoError(t, err)
	require.Equal(t, []int{1}, values)
	require.Equal(t, errgroup.Stats{Started: 1, Done: 1, NotStarted: 2}, s.Stats())
}

func TestScope_Misuse(t *testing.T) {
	ctx := t.Context()
	s := errgroup.Collect[int](ctx)
	defer s.Wait()
	const noCtx = " needs a context, got nil: pass context.Background() if there is none"
	var none context.Context
	for text, misuse := range map[string]func(){
		"errgroup: Collect got a nil Option: leave it out":                                     func() { errgroup.Collect[int](ctx, nil) },
		"errgroup: Collect" + noCtx:                                                            func() { errgroup.Collect[int](none) },
		"errgroup: Go" + noCtx:                                                                 func() { s.Go(none, value(1)) },
		"errgroup: TryGo" + noCtx:                                                              func() { s.TryGo(none, value(1)) },
		"errgroup: Do" + noCtx:                                                                 func() { s.Do(none, func(context.Context) error { return nil }) },
		"errgroup: Go needs a function, got nil":                                               func() { s.Go(ctx, nil) },
		"errgroup: TryGo needs a function, got nil":                                            func() { s.TryGo(ctx, nil) },
		"errgroup: Do needs a function, got nil":                                               func() { s.Do(ctx, nil) },
		"errgroup: Limit needs at least 1, got 0: leave the option out for no limit":           func() { errgroup.Limit(0) },
		"errgroup: Quorum needs at least 1, got -1":                                            func() { errgroup.Quorum(-1) },
		"errgroup: On needs an executor, got nil: leave the option out for a goroutine a call": func() { errgroup.On(nil) },
		"errgroup: Supervise needs a function that takes the failures, got nil":                func() { errgroup.Supervise(nil) },
	} {
		require.PanicsWithValue(t, text, misuse)
	}
}

// Every call is either refused or settles, and the values have their places.
func TestScope_Stress(t *testing.T) {
	rounds := 40
	if testing.Short() {
		rounds = 10
	}
	for round := range rounds {
		parent, cancel := context.WithCancelCause(t.Context())
		opts := []errgroup.Option{errgroup.Limit(1 + round%4), errgroup.Supervise(func(int, error) {})}
		if round%2 == 1 {
			p := pool.New(2, pool.Queue(1+round%3, pool.Block))
			defer p.Close()
			opts = append(opts, errgroup.On(p))
		}
		s := errgroup.Collect[int](parent, opts...)
		var called, refused atomic.Int64
		var add func(ctx context.Context, depth int) error
		add = func(ctx context.Context, depth int) error {
			err := s.Go(ctx, func(ctx context.Context) (int, error) {
				called.Add(1)
				if depth > 0 {
					add(ctx, depth-1)
					f := future.Go(ctx, value(1))
					f.Await(ctx)
					add(ctx, depth-1)
				}
				if depth == 2 && round%3 == 0 {
					runtime.Goexit()
				}
				return 1, nil
			})
			if err != nil {
				refused.Add(1)
				require.True(t, errors.Is(err, errgroup.ErrOver) || errors.Is(err, future.ErrStoppedWaiting), err)
			}
			return err
		}
		for range 20 {
			add(t.Context(), 3)
			if round%5 == 4 && called.Load() > 100 {
				cancel(errDisk)
			}
		}
		values, _ := s.Wait()
		stats := s.Stats()
		require.EqualValues(t, called.Load(), stats.Started)
		require.Equal(t, stats.Started, stats.Done)
		require.LessOrEqual(t, stats.Started, len(values))
		require.Equal(t, len(values)-stats.Started, stats.NotStarted-int(refused.Load()))
		if round%5 != 4 {
			require.Zero(t, refused.Load())
			require.Len(t, values, 20*15)
		}
		cancel(nil)
	}
}
