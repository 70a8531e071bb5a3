package errgroup_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
)

// A bubble ends only when every goroutine in it has: a group at rest, one that
// nobody waits for, and a scope that was left early hold none.
func TestLaw1_NothingLeaks(t *testing.T) {
	for name, use := range map[string]func(t *testing.T){
		"group without Wait": func(*testing.T) {
			var g errgroup.Group
			g.SetLimit(2)
			for range 10 {
				g.Go(func() error { return nil })
			}
		},
		"scope without Wait": func(t *testing.T) {
			s := errgroup.Collect[int](t.Context(), errgroup.Limit(2))
			for range 10 {
				_ = s.Go(t.Context(), value(1))
			}
		},
		"break": func(t *testing.T) {
			s := errgroup.Collect[int](t.Context())
			_ = s.Go(t.Context(), untilCanceled)
			_ = s.Go(t.Context(), value(1))
			for range s.Results() {
				break
			}
		},
		"canceled": func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			s := errgroup.Collect[int](ctx, errgroup.Limit(1))
			_ = s.Go(ctx, untilCanceled)
			for range 3 {
				go s.Go(t.Context(), value(1))
			}
			synctest.Wait()
			cancel()
		},
	} {
		t.Run(name, func(t *testing.T) { testkit.Ends(t, use) })
	}
}

func TestLaw2_CauseIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		parent, cancel := context.WithCancelCause(context.WithValue(t.Context(), key{}, "v"))
		var causes []error
		var mu sync.Mutex
		watch := func(ctx context.Context) (int, error) {
			require.Equal(t, "v", ctx.Value(key{}))
			<-ctx.Done()
			mu.Lock()
			defer mu.Unlock()
			causes = append(causes, context.Cause(ctx))
			return 0, ctx.Err()
		}
		s := errgroup.Collect[int](parent)
		s.Go(parent, watch)
		synctest.Wait()
		cancel(errDisk)
		_, err := s.Wait()
		var over *future.CanceledError
		require.ErrorAs(t, err, &over)
		require.Equal(t, errDisk, over.Cause)

		s = errgroup.Collect[int](t.Context())
		// A parent without the value: this call only has to see the cause.
		s.Go(t.Context(), func(ctx context.Context) (int, error) { return watch(context.WithValue(ctx, key{}, "v")) })
		synctest.Wait()
		s.Cancel(errNet)
		_, err = s.Wait()
		require.ErrorAs(t, err, &over)
		require.Equal(t, errNet, over.Cause)
		require.Equal(t, []error{errDisk, errNet}, causes)
	})
}

func TestLaw3_ThreeOutcomes(t *testing.T) {
	inner, cancelInner := context.WithCancel(context.Background())
	cancelInner()
	for name, c := range map[string]struct {
		fn       func(ctx context.Context) (int, error)
		cancel   bool
		is, isnt error
	}{
		"value":                 {value(1), false, nil, nil},
		"value after a cancel":  {func(ctx context.Context) (int, error) { <-ctx.Done(); return 1, nil }, true, future.ErrCanceled, nil},
		"failure":               {fails(errDisk), false, errDisk, future.ErrCanceled},
		"its own inner context": {func(context.Context) (int, error) { return 0, inner.Err() }, false, context.Canceled, future.ErrCanceled},
		"canceled":              {untilCanceled, true, future.ErrCanceled, errDisk},
		"failure after cancel":  {func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, errDisk }, true, errDisk, future.ErrCanceled},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := errgroup.Collect[int](t.Context())
				require.NoError(t, s.Go(t.Context(), c.fn))
				synctest.Wait()
				if c.cancel {
					s.Cancel(errNet)
				}
				_, err := s.Wait()
				require.ErrorIs(t, err, c.is)
				if c.isnt != nil {
					require.NotErrorIs(t, err, c.isnt)
				}
				require.NotErrorIs(t, err, future.ErrStoppedWaiting)
			})
		})
	}
}

// Whatever happens to a call, Wait returns and the call has exactly one result.
func TestLaw4_EveryCallSettlesOnce(t *testing.T) {
	for name, on := range map[string]executor{"goroutine": onGoroutine, "inline": inline, "rejecting": rejecting, "dropping": dropping} {
		t.Run(name, func(t *testing.T) {
			testkit.Ends(t, func(t *testing.T) {
				s := errgroup.Collect[int](t.Context(), errgroup.On(on), errgroup.Limit(2), errgroup.Supervise(func(int, error) {}))
				for range 10 {
					_ = s.Go(t.Context(), value(1))
				}
				s.Close()
				seen := map[int]bool{}
				for i := range s.Results() {
					require.False(t, seen[i])
					seen[i] = true
				}
				require.Len(t, seen, 10)
				_, err := s.Wait()
				require.NoError(t, err, "a supervised scope has told its sink")
			})
		})
	}
}

func TestLaw6_PanicsAreErrorsAndLoud(t *testing.T) {
	check := func(t *testing.T, err error, told []*future.PanicError) {
		var p *future.PanicError
		require.ErrorAs(t, err, &p)
		require.ErrorIs(t, err, errDisk)
		require.True(t, strings.Contains(string(p.Stack), "panics"), "the stack is that of the panic:\n%s", p.Stack)
		require.Equal(t, []*future.PanicError{p}, told)
	}
	for name, limit := range limits {
		t.Run("group "+name, func(t *testing.T) {
			told := quiet(t)
			g, ctx := errgroup.WithContext(t.Context())
			limit(g)
			g.Go(func() error { panics(); return nil })
			<-ctx.Done() // at once, before anybody waits
			require.Len(t, *told, 1)
			err := g.Wait()
			require.Equal(t, err, context.Cause(ctx))
			check(t, err, *told)
		})
	}
	t.Run("scope", func(t *testing.T) {
		told := quiet(t)
		s := errgroup.Collect[int](t.Context())
		require.NoError(t, s.Go(t.Context(), func(context.Context) (int, error) { panics(); return 0, nil }))
		<-s.Context().Done()
		require.Len(t, *told, 1)
		_, err := s.Wait()
		check(t, err, *told)
	})
	t.Run("Do", func(t *testing.T) {
		told := quiet(t)
		s := errgroup.Collect[int](t.Context())
		require.NoError(t, s.Do(t.Context(), func(context.Context) error { panics(); return nil }))
		_, err := s.Wait()
		check(t, err, *told)
	})
	t.Run("Goexit", func(t *testing.T) {
		testkit.Ends(t, func(t *testing.T) {
			s := errgroup.Collect[int](t.Context(), errgroup.Limit(1), errgroup.Supervise(func(int, error) {}), errgroup.AllErrors())
			for range 3 {
				require.NoError(t, s.Go(t.Context(), func(context.Context) (int, error) { runtime.Goexit(); return 0, nil }))
			}
			require.NoError(t, s.Do(t.Context(), func(context.Context) error { runtime.Goexit(); return nil }))
			require.NoError(t, s.Go(t.Context(), value(1)))
			values, err := s.Wait()
			require.ErrorIs(t, err, future.ErrGoexit)
			require.Equal(t, []int{0, 0, 0, 1}, values)
		})
	})
}

//go:noinline
func panics() { panic(errDisk) }

// At the limit the caller waits: nothing is queued on its behalf.
func TestLaw8_BoundedByTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := errgroup.Collect[int](t.Context(), errgroup.Limit(2))
		handed := 0
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for s.Go(ctx, untilCanceled) == nil {
			handed++
		}
		require.Equal(t, 2, handed)
		s.Cancel(nil)
		s.Wait()
	})
}

func TestLaw11_FirstFailureEndsSiblingsAndConsequencesAreNotCauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := errgroup.Collect[int](t.Context(), errgroup.AllErrors())
		for range 9 {
			require.NoError(t, s.Go(t.Context(), func(ctx context.Context) (int, error) {
				<-ctx.Done()
				require.Equal(t, errDisk, context.Cause(ctx))
				return 0, fmt.Errorf("reading: %w", ctx.Err())
			}))
		}
		require.NoError(t, s.Go(t.Context(), fails(errDisk)))
		_, err := s.Wait()
		var join *future.JoinError
		require.ErrorAs(t, err, &join)
		require.Equal(t, []future.IndexedError{{Index: 9, Err: errDisk}}, join.Errs)
		require.NotErrorIs(t, err, future.ErrCanceled)
		require.NotErrorIs(t, err, context.Canceled)
	})
}

func TestLaw14_NoSurprisesInErrors(t *testing.T) {
	for _, err := range []error{errgroup.ErrOver, errgroup.ErrClosed, errgroup.ErrDecided, errgroup.ErrQuorum, errgroup.ErrLimit,
		&errgroup.OverError{Reason: errDisk}} {
		require.True(t, strings.HasPrefix(err.Error(), "errgroup: "), err.Error())
	}
	err := error(&errgroup.OverError{Reason: &future.CanceledError{Cause: errDisk}})
	require.ErrorIs(t, err, errgroup.ErrOver)
	require.ErrorIs(t, err, future.ErrCanceled)
	require.ErrorIs(t, err, errDisk)
	require.NotErrorIs(t, err, errgroup.ErrClosed)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := errgroup.Collect[int](t.Context())
	err = s.Go(ctx, value(1))
	var wait *future.WaitError
	require.ErrorAs(t, err, &wait)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, future.ErrCanceled)
	_, err = s.Wait()
	require.NoError(t, err)
}
