package errgroup_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
)

func TestLaw9_NestingCannotDeadlock(t *testing.T) {
	one := []errgroup.Option{errgroup.Limit(1)}
	for name, c := range map[string]struct {
		fn     func(ctx context.Context, s *errgroup.Scope[int]) (int, error)
		values []int
	}{
		"Go": {func(ctx context.Context, s *errgroup.Scope[int]) (int, error) {
			return 1, s.Go(ctx, func(ctx context.Context) (int, error) { return 2, s.Go(ctx, value(3)) })
		}, []int{1, 2, 3}},
		"Go with a derived ctx": {func(ctx context.Context, s *errgroup.Scope[int]) (int, error) {
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			return 1, s.Go(ctx, value(2))
		}, []int{1, 2}},
		"Do": {func(ctx context.Context, s *errgroup.Scope[int]) (int, error) {
			return 1, s.Do(ctx, func(context.Context) error { return nil })
		}, []int{1}},
		"Await of what a sibling resolves": {func(ctx context.Context, s *errgroup.Scope[int]) (int, error) {
			p := future.NewPromise[int]()
			if err := s.Go(ctx, func(context.Context) (int, error) { p.Resolve(7); return 2, nil }); err != nil {
				return 0, err
			}
			return p.Future().Await(ctx)
		}, []int{7, 2}},
		"inner scope": {func(ctx context.Context, s *errgroup.Scope[int]) (int, error) {
			in := errgroup.Collect[int](ctx, errgroup.Limit(1))
			for range 3 {
				if err := in.Do(ctx, func(ctx context.Context) error {
					// back to the outer one, which the inner one's Wait has parked
					return s.Do(ctx, func(context.Context) error { return nil })
				}); err != nil {
					return 0, err
				}
			}
			_, err := in.Wait()
			return 1, err
		}, []int{1}},
		"inner results": {func(ctx context.Context, s *errgroup.Scope[int]) (int, error) {
			in := errgroup.Collect[int](ctx)
			sum := 0
			err := in.Go(ctx, func(ctx context.Context) (int, error) {
				return 5, s.Do(ctx, func(context.Context) error { return nil })
			})
			in.Close()
			for _, r := range in.Results() {
				sum += r.Value
			}
			in.Wait()
			return sum, err
		}, []int{5}},
	} {
		t.Run(name, func(t *testing.T) {
			testkit.Ends(t, func(t *testing.T) {
				s := errgroup.Collect[int](t.Context(), one...)
				require.NoError(t, s.Go(t.Context(), func(ctx context.Context) (int, error) { return c.fn(ctx, s) }))
				values, err := s.Wait()
				require.NoError(t, err)
				require.Equal(t, c.values, values)
			})
		})
	}
}

// What resumes takes its place again, ahead of what has not begun: the limit
// holds for what runs.
func TestLaw9_LimitHoldsForWhatRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var gauge testkit.Gauge
		s := errgroup.Collect[int](t.Context(), errgroup.Limit(2))
		work := func() {
			gauge.Enter()
			defer gauge.Leave()
			time.Sleep(time.Second)
		}
		for range 10 {
			require.NoError(t, s.Go(t.Context(), func(ctx context.Context) (int, error) {
				work()
				f := future.Go(ctx, func(context.Context) (int, error) { time.Sleep(3 * time.Second); return 1, nil })
				v, err := f.Await(ctx)
				work()
				return v, err
			}))
		}
		_, err := s.Wait()
		require.NoError(t, err)
		require.Equal(t, 2, gauge.Peak())
	})
}

// A wait that was given less time than its call does not make the limit void:
// not when the place is free, and not when others have it.
func TestLaw9_ShortWaitsKeepTheLimit(t *testing.T) {
	for name, wait := range map[string]func(ctx context.Context, s *errgroup.Scope[int]){
		"Await": func(ctx context.Context, _ *errgroup.Scope[int]) { future.NewPromise[int]().Future().Await(ctx) },
		"Go":    func(ctx context.Context, s *errgroup.Scope[int]) { s.Go(ctx, value(0)) },
		"another scope's limit": func(ctx context.Context, s *errgroup.Scope[int]) {
			in := errgroup.Collect[int](ctx, errgroup.Limit(1))
			in.Go(ctx, untilCanceled)
			in.Go(ctx, untilCanceled)
			in.Wait()
		},
	} {
		for _, calls := range []int{1, 100} {
			t.Run(fmt.Sprintf("%s, %d calls", name, calls), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := errgroup.Collect[int](t.Context(), errgroup.Limit(1))
					var gauge testkit.Gauge
					for range calls {
						require.NoError(t, s.Go(t.Context(), func(ctx context.Context) (int, error) {
							short, cancel := context.WithTimeout(ctx, time.Millisecond)
							defer cancel()
							wait(short, s)
							gauge.Enter()
							defer gauge.Leave()
							time.Sleep(time.Minute)
							return 1, nil
						}))
					}
					time.Sleep(time.Second)
					require.ErrorIs(t, s.TryGo(t.Context(), value(1)), errgroup.ErrLimit, "the place is taken again")
					_, err := s.Wait()
					require.NoError(t, err)
					require.Equal(t, 1, gauge.Peak())
				})
			})
		}
	}
}

// When the call's own context has ended, it goes on at once: also if it has been
// waiting for its place by then.
func TestLaw9_BesideTheLimitWhenTheCallIsOver(t *testing.T) {
	for name, short := range map[string]time.Duration{"waits for its place": time.Millisecond, "waits for others": time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := errgroup.Collect[int](t.Context(), errgroup.Limit(1))
				require.NoError(t, s.Go(t.Context(), func(ctx context.Context) (int, error) {
					var own sync.WaitGroup
					for i := range 3 {
						own.Go(func() {
							time.Sleep(time.Duration(i) * time.Second)
							ctx, cancel := context.WithTimeout(ctx, short)
							defer cancel()
							future.NewPromise[int]().Future().Await(ctx)
						})
					}
					own.Wait()
					require.Error(t, ctx.Err())
					return 1, nil
				}))
				require.NoError(t, s.Go(t.Context(), func(context.Context) (int, error) { time.Sleep(time.Hour / 2); return 2, nil }))
				time.Sleep(time.Minute)
				require.Equal(t, errgroup.Stats{Started: 2, Running: 2}, s.Stats())
				s.Cancel(errNet)
				synctest.Wait()
				require.Equal(t, errgroup.Stats{Started: 2, Running: 1, Done: 1}, s.Stats())
				s.Wait()
			})
		})
	}
}

// Two goroutines of a call may want its one place back at the same time, each
// having parked on its own. One grant serves both.
func TestLaw9_TwoResumeTogether(t *testing.T) {
	testkit.Ends(t, func(t *testing.T) {
		s := errgroup.Collect[int](t.Context(), errgroup.Limit(1))
		sleep := func(ctx context.Context, d time.Duration) {
			future.Go(ctx, func(context.Context) (int, error) { time.Sleep(d); return 1, nil }).Await(ctx)
		}
		require.NoError(t, s.Go(t.Context(), func(ctx context.Context) (int, error) {
			var own sync.WaitGroup
			own.Go(func() { sleep(ctx, 1) })
			own.Go(func() { time.Sleep(2 * time.Nanosecond); sleep(ctx, 1) })
			own.Go(func() {
				time.Sleep(3 * time.Nanosecond)
				short, cancel := context.WithTimeout(ctx, 1)
				defer cancel()
				sleep(short, 5)
			})
			own.Wait()
			return 1, nil
		}))
		require.NoError(t, s.Go(t.Context(), func(context.Context) (int, error) { time.Sleep(9 * time.Nanosecond); return 2, nil }))
		values, err := s.Wait()
		require.NoError(t, err)
		require.Equal(t, []int{1, 2}, values)
	})
}

// Goroutines of a call's own share its place: however they park, the books
// balance.
func TestLaw9_SharedPlace(t *testing.T) {
	testkit.Ends(t, func(t *testing.T) {
		s := errgroup.Collect[int](t.Context(), errgroup.Limit(1))
		var gauge testkit.Gauge
		for i := range 20 {
			require.NoError(t, s.Go(t.Context(), func(ctx context.Context) (int, error) {
				var own sync.WaitGroup
				for j := range 5 {
					f := future.Go(ctx, func(context.Context) (int, error) {
						time.Sleep(time.Duration(1 + (i*j)%4))
						return 1, nil
					})
					own.Go(func() {
						short, cancel := context.WithTimeout(ctx, 2)
						defer cancel()
						f.Await(short)
						f.Await(ctx)
					})
				}
				own.Wait()
				return 1, nil
			}))
		}
		values, err := s.Wait()
		require.NoError(t, err)
		require.Len(t, values, 20)
		// The limit is as it was.
		s = errgroup.Collect[int](t.Context(), errgroup.Limit(1))
		for range 3 {
			s.Do(t.Context(), func(context.Context) error {
				gauge.Enter()
				defer gauge.Leave()
				time.Sleep(1 * time.Nanosecond)
				return nil
			})
		}
		s.Wait()
		require.Equal(t, 1, gauge.Peak())
	})
}
