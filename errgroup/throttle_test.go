package errgroup_test

import (
	"context"
	"errors"
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

// limiter is a limiter by a function.
type limiter func(ctx context.Context) error

func (l limiter) Wait(ctx context.Context) error { return l(ctx) }

func throttled(t *testing.T, test func(t *testing.T, on ...errgroup.Option)) {
	t.Run("goroutines", func(t *testing.T) { testkit.Ends(t, func(t *testing.T) { test(t) }) })
	t.Run("pool", func(t *testing.T) {
		testkit.Ends(t, func(t *testing.T) {
			p := pool.New(2, pool.Queue(2, pool.Block))
			defer p.Close()
			test(t, errgroup.On(p))
		})
	})
}

func TestThrottle_PacesTheStarts(t *testing.T) {
	throttled(t, func(t *testing.T, on ...errgroup.Option) {
		ctx := t.Context()
		l := ratelimit.NewLimiter(ratelimit.Every(time.Second), 1)
		s := errgroup.Collect[time.Duration](ctx, append(on, errgroup.Throttle(l), errgroup.Limit(1))...)
		start := time.Now()
		for i := range 5 {
			require.NoError(t, s.Go(ctx, func(context.Context) (time.Duration, error) {
				at := time.Since(start)
				if i == 0 {
					// Who waits for room has not taken a token yet: there is no
					// burst afterwards.
					time.Sleep(10 * time.Second)
				}
				return at, nil
			}))
		}
		starts, err := s.Wait()
		require.NoError(t, err)
		require.Equal(t, []time.Duration{0, 10 * time.Second, 11 * time.Second, 12 * time.Second, 13 * time.Second}, starts)
	})
}

// A Go that waits for the limiter stops waiting for each of these, and nothing is
// started.
func TestThrottle_StopsWaiting(t *testing.T) {
	for name, obeys := range map[string]bool{"limiter that obeys": true, "limiter that does not": false} {
		for end, is := range map[string]error{"caller": future.ErrStoppedWaiting, "parent": errgroup.ErrOver, "Cancel": errNet, "failure": errDisk} {
			t.Run(name+" "+end, func(t *testing.T) {
				throttled(t, func(t *testing.T, on ...errgroup.Option) {
					parent, cancelParent := context.WithCancel(t.Context())
					defer cancelParent()
					caller, cancelCaller := context.WithCancel(t.Context())
					defer cancelCaller()
					first := true
					s := errgroup.Collect[int](parent, append(on, errgroup.Throttle(limiter(func(ctx context.Context) error {
						if first {
							first = false
							return nil
						}
						if !obeys {
							time.Sleep(time.Hour)
							return nil
						}
						<-ctx.Done()
						return ctx.Err()
					})))...)
					require.NoError(t, s.Go(t.Context(), after(2*time.Second, 1, errDisk)))
					got := make(chan error, 1)
					go func() {
						got <- s.Go(caller, func(context.Context) (int, error) { t.Error("was called"); return 0, nil })
					}()
					time.Sleep(time.Second)
					require.Empty(t, got, "waits for the limiter")
					switch end {
					case "caller":
						cancelCaller()
					case "parent":
						cancelParent()
					case "Cancel":
						s.Cancel(errNet)
					}
					if obeys {
						require.ErrorIs(t, <-got, is)
						s.Wait()
						return
					}
					start := time.Now()
					_, err := s.Wait()
					require.Error(t, err)
					require.LessOrEqual(t, time.Since(start), time.Second, "Wait does not wait for the limiter")
					require.ErrorIs(t, <-got, is)
				})
			})
		}
	}
}

// A limiter that refuses for a reason of its own is heard, also if nobody looks
// at what Go returns.
func TestThrottle_RefusalIsAFailure(t *testing.T) {
	errEmpty := errors.New("no more tokens")
	throttled(t, func(t *testing.T, on ...errgroup.Option) {
		s := errgroup.Collect[int](t.Context(), append(on, errgroup.Throttle(limiter(func(context.Context) error { return errEmpty })))...)
		require.Equal(t, errEmpty, s.Go(t.Context(), value(1)))
		_, err := s.Wait()
		require.Equal(t, errEmpty, err)
		require.Equal(t, errgroup.Stats{Failed: 1, NotStarted: 1}, s.Stats())
	})
}

func TestThrottle_LimiterThatPanics(t *testing.T) {
	throttled(t, func(t *testing.T, on ...errgroup.Option) {
		s := errgroup.Collect[int](t.Context(), append(on, errgroup.Throttle(limiter(func(context.Context) error { panic(errNet) })))...)
		require.PanicsWithValue(t, errNet, func() { _ = s.Go(t.Context(), value(1)) }, "the caller's own")
		_, err := s.Wait()
		require.NoError(t, err)
	})
}

// A call that waits for the limiter, to start another one, is parked.
func TestThrottle_ParksTheCaller(t *testing.T) {
	throttled(t, func(t *testing.T, on ...errgroup.Option) {
		ctx := t.Context()
		l := ratelimit.NewLimiter(ratelimit.Every(time.Minute), 2)
		var gauge testkit.Gauge
		s := errgroup.Collect[int](ctx, append(on, errgroup.Throttle(l), errgroup.Limit(2))...)
		work := func() {
			gauge.Enter()
			defer gauge.Leave()
			time.Sleep(time.Second)
		}
		nested := 0
		require.NoError(t, s.Go(ctx, func(ctx context.Context) (int, error) {
			work()
			err := s.Go(ctx, func(ctx context.Context) (int, error) { nested++; work(); return 2, nil })
			work()
			return 1, err
		}))
		require.NoError(t, s.Go(ctx, func(ctx context.Context) (int, error) { work(); return 3, nil }))
		_, err := s.Wait()
		require.NoError(t, err)
		require.Equal(t, 1, nested)
		require.LessOrEqual(t, gauge.Peak(), 2)
	})
	// Its place is another's meanwhile.
	testkit.Ends(t, func(t *testing.T) {
		pass := make(chan struct{}, 1)
		s := errgroup.Collect[int](t.Context(), errgroup.Limit(2), errgroup.Throttle(limiter(func(context.Context) error { <-pass; return nil })))
		pass <- struct{}{}
		require.NoError(t, s.Go(t.Context(), func(ctx context.Context) (int, error) { return 1, s.Go(ctx, value(2)) }))
		synctest.Wait()
		go func() { _ = s.TryGo(t.Context(), value(3)) }()
		synctest.Wait()
		require.Zero(t, s.Stats().NotStarted, "there was room")
		pass <- struct{}{}
		pass <- struct{}{}
		synctest.Wait()
		values, err := s.Wait()
		require.NoError(t, err)
		require.ElementsMatch(t, []int{1, 2, 3}, values)
	})
	// With a limit of one it is the only call: it must let the other pass.
	testkit.Ends(t, func(t *testing.T) {
		l := ratelimit.NewLimiter(ratelimit.Every(time.Minute), 1)
		s := errgroup.Collect[int](t.Context(), errgroup.Throttle(l), errgroup.Limit(1))
		require.NoError(t, s.Go(t.Context(), func(ctx context.Context) (int, error) { return 1, s.Go(ctx, value(2)) }))
		values, err := s.Wait()
		require.NoError(t, err)
		require.Equal(t, []int{1, 2}, values)
	})
}

func TestThrottle_TryGoWaitsForTheLimiterAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.NewLimiter(ratelimit.Every(time.Second), 1)
		s := errgroup.Collect[int](t.Context(), errgroup.Throttle(l), errgroup.Limit(2))
		start := time.Now()
		require.NoError(t, s.TryGo(t.Context(), after(time.Minute, 1, nil)))
		require.NoError(t, s.TryGo(t.Context(), after(time.Minute, 1, nil)))
		require.ErrorIs(t, s.TryGo(t.Context(), value(1)), errgroup.ErrLimit)
		require.Equal(t, time.Second, time.Since(start))
		s.Wait()
	})
}

// A call that waits for a limiter which does not obey is given up when the
// scope's context ends, whatever else runs or does not.
func TestThrottle_TheEndOfTheParentIsEnough(t *testing.T) {
	throttled(t, func(t *testing.T, on ...errgroup.Option) {
		parent, cancel := context.WithCancel(t.Context())
		s := errgroup.Collect[int](parent, append(on, errgroup.Throttle(limiter(func(context.Context) error { time.Sleep(time.Hour); return nil })))...)
		got := make(chan error, 1)
		go func() { got <- s.Go(t.Context(), value(1)) }()
		synctest.Wait()
		cancel()
		start := time.Now()
		_, err := s.Wait()
		require.ErrorIs(t, err, future.ErrCanceled)
		require.Zero(t, time.Since(start))
		require.ErrorIs(t, <-got, errgroup.ErrOver)
	})
}
