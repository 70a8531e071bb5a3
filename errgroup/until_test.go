package errgroup_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
)

// after ends after d, or with its context.
func after(d time.Duration, v int, err error) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		select {
		case <-time.After(d):
			return v, err
		case <-ctx.Done():
			return -1, context.Cause(ctx)
		}
	}
}

func TestUntil(t *testing.T) {
	type asked struct {
		call int
		r    future.Result[int]
	}
	for name, c := range map[string]struct {
		enough func(seen []asked) bool
		seen   []asked
		values []int
		err    []error
		took   time.Duration
	}{
		"a value": {
			func(seen []asked) bool { return seen[len(seen)-1].r.Value == 3 },
			[]asked{{1, future.Result[int]{Err: errDisk}}, {3, future.Result[int]{Value: 4}}, {2, future.Result[int]{Value: 3}}},
			[]int{3, 4}, nil, 4,
		},
		"two failures": {
			func(seen []asked) bool {
				n := 0
				for _, a := range seen {
					if a.r.Err != nil {
						n++
					}
				}
				return n == 2
			},
			[]asked{{1, future.Result[int]{Err: errDisk}}, {3, future.Result[int]{Value: 4}}, {2, future.Result[int]{Value: 3}}, {0, future.Result[int]{Err: errNet}}},
			[]int{3, 4}, nil, 5,
		},
		"never": {
			func([]asked) bool { return false },
			[]asked{{1, future.Result[int]{Err: errDisk}}, {3, future.Result[int]{Value: 4}}, {2, future.Result[int]{Value: 3}}, {0, future.Result[int]{Err: errNet}}},
			[]int{3, 4}, []error{errgroup.ErrUndecided, errDisk, errNet}, 5,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				var seen []asked
				s := errgroup.Collect[int](ctx, errgroup.Until(func(call int, r future.Result[int]) bool {
					seen = append(seen, asked{call, r})
					return c.enough(seen)
				}))
				start := time.Now()
				for _, fn := range []func(context.Context) (int, error){after(5, 0, errNet), after(1, 0, errDisk), after(4, 3, nil), after(2, 4, nil)} {
					require.NoError(t, s.Go(ctx, fn))
				}
				require.NoError(t, s.Do(ctx, func(context.Context) error { return nil }), "has no result to ask about")
				values, err := s.Wait()
				require.Equal(t, c.seen, seen)
				require.Equal(t, c.values, values)
				require.Equal(t, c.took, time.Since(start))
				if c.err == nil {
					require.NoError(t, err)
					require.Equal(t, errgroup.ErrDecided, context.Cause(s.Context()))
				}
				for _, is := range c.err {
					require.ErrorIs(t, err, is)
				}
			})
		})
	}
}

// However many finish together, one is asked about at a time, in order, and none
// after the decision; a predicate may sleep.
func TestUntil_OneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		var gauge testkit.Gauge
		var order []int
		s := errgroup.Collect[int](ctx, errgroup.Until(func(call int, r future.Result[int]) bool {
			gauge.Enter()
			defer gauge.Leave()
			time.Sleep(time.Second)
			order = append(order, call)
			return len(order) == 5
		}))
		for i := range 10 {
			require.NoError(t, s.Go(ctx, func(context.Context) (int, error) {
				time.Sleep(time.Duration(10-i) * time.Millisecond)
				return i, nil
			}))
		}
		values, err := s.Wait()
		require.NoError(t, err)
		require.Equal(t, 1, gauge.Peak())
		require.Equal(t, []int{9, 8, 7, 6, 5}, order)
		require.Equal(t, []int{5, 6, 7, 8, 9}, values)
	})
}

// A call that comes to a value although the scope was canceled counts, as for
// Quorum; one that was canceled is not asked about.
func TestUntil_Canceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, stubborn := range []bool{false, true} {
			asked := 0
			s := errgroup.Collect[int](t.Context(), errgroup.Until(func(int, future.Result[int]) bool { asked++; return true }))
			require.NoError(t, s.Go(t.Context(), untilCanceled))
			if stubborn {
				require.NoError(t, s.Go(t.Context(), func(ctx context.Context) (int, error) { <-ctx.Done(); return 7, nil }))
			}
			synctest.Wait()
			s.Cancel(errNet)
			values, err := s.Wait()
			if stubborn {
				require.NoError(t, err)
				require.Equal(t, []int{7}, values)
				require.Equal(t, 1, asked)
				continue
			}
			require.ErrorIs(t, err, future.ErrCanceled)
			require.ErrorIs(t, err, errNet)
			require.NotErrorIs(t, err, errgroup.ErrUndecided)
			require.Zero(t, asked)
		}
	})
}

// A predicate may start calls: the call that it is asked about has no place, and
// no worker, any more.
func TestUntil_PredicateStartsCalls(t *testing.T) {
	oneAtATime(t, func(t *testing.T, opts []errgroup.Option) {
		var s *errgroup.Scope[int]
		s = errgroup.Collect[int](t.Context(), append(opts, errgroup.Until(func(_ int, r future.Result[int]) bool {
			if r.Value == 5 {
				return true
			}
			require.NoError(t, s.Go(t.Context(), value(r.Value+1)))
			return false
		}))...)
		require.NoError(t, s.Go(t.Context(), value(1)))
		values, err := s.Wait()
		require.NoError(t, err)
		require.Equal(t, []int{1, 2, 3, 4, 5}, values)
	})
}

func TestUntil_PredicateThatEndsBadly(t *testing.T) {
	for name, end := range map[string]func(){"panic": func() { panic(errNet) }, "Goexit": runtime.Goexit} {
		for _, limit := range []int{1, 4} {
			t.Run(name, func(t *testing.T) {
				quiet(t)
				synctest.Test(t, func(t *testing.T) {
					asked := 0
					s := errgroup.Collect[int](t.Context(), errgroup.Limit(limit), errgroup.Until(func(int, future.Result[int]) bool {
						asked++
						time.Sleep(time.Second)
						end()
						return true
					}))
					for range 4 {
						_ = s.Go(t.Context(), value(1))
					}
					_, err := s.Wait()
					require.Equal(t, 1, asked, "not again after that")
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
