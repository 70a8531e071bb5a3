package ratelimit_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/ratelimit"
)

// spacer is what lets one event through a tick, one at a time.
type spacer interface {
	Wait(context.Context) error
	Sleeping() (n int, timer bool)
}

// plain is a Limiter with a burst of one.
type plain struct{ *ratelimit.Limiter }

func (l plain) Sleeping() (int, bool) { return l.Limiter.Sleeping(), l.HasTimer() }

var spacers = map[string]func() spacer{
	"Limiter":       func() spacer { return plain{ratelimit.NewLimiter(ratelimit.Every(tick), 1)} },
	"Pacer":         func() spacer { return ratelimit.NewPacer(tick, 0) },
	"SlidingWindow": func() spacer { return ratelimit.NewSlidingWindow(1, tick) },
	"WarmUp":        func() spacer { return ratelimit.NewWarmUp(ratelimit.Every(tick), time.Second, 1) },
}

func eachSpacer(t *testing.T, fn func(t *testing.T, l spacer)) {
	t.Helper()
	for name, make := range spacers {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := make()
				fn(t, l)
				synctest.Wait()
				n, timer := l.Sleeping()
				require.Zero(t, n)
				require.False(t, timer, "nothing is left")
			})
		})
	}
}

// counted counts how often somebody looks whether it has ended: once for each
// time that a waiter goes to sleep.
type counted struct {
	context.Context
	looks *atomic.Int64
}

func (c counted) Done() <-chan struct{} {
	c.looks.Add(1)
	return c.Context.Done()
}

func TestTenThousandWaitersWakeInOrderOneByOne(t *testing.T) {
	eachSpacer(t, func(t *testing.T, l spacer) {
		const many = 10000
		ctx := counted{t.Context(), new(atomic.Int64)}
		start := time.Now()
		var mu sync.Mutex
		var order []int
		var wg sync.WaitGroup
		for i := range many {
			wg.Go(func() {
				if err := l.Wait(ctx); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				order = append(order, i)
				if now := time.Since(start); now != time.Duration(i)*tick {
					t.Errorf("%d woke at %v", i, now)
				}
			})
			synctest.Wait()
		}
		wg.Wait()
		require.Len(t, order, many)
		for i, got := range order {
			require.Equal(t, i, got)
		}
		require.LessOrEqual(t, ctx.looks.Load(), int64(many), "each sleeps once at most")
	})
}

func TestASpacersContextBeforeDuringAndAfter(t *testing.T) {
	boom := errors.New("boom")
	eachSpacer(t, func(t *testing.T, l spacer) {
		start := time.Now()
		ended, end := context.WithCancelCause(t.Context())
		end(boom)
		for range 2 { // an event is there, and then it is not
			var stopped *ratelimit.WaitError
			require.ErrorAs(t, l.Wait(ended), &stopped)
			require.Equal(t, boom, stopped.Cause)
			require.ErrorIs(t, l.Wait(ended), context.Canceled)
			require.NoError(t, l.Wait(t.Context()))
		}
		require.Equal(t, tick, time.Since(start), "nothing was taken")

		during, end := context.WithCancelCause(t.Context())
		time.AfterFunc(tick/2, func() { end(boom) })
		require.ErrorIs(t, l.Wait(during), boom)
		require.Equal(t, 3*tick/2, time.Since(start))

		exact, cancel := context.WithTimeout(t.Context(), tick/2)
		defer cancel()
		require.NoError(t, l.Wait(exact), "to the nanosecond")
		require.Equal(t, 2*tick, time.Since(start))

		late, cancel := context.WithTimeout(t.Context(), tick-1)
		defer cancel()
		err := l.Wait(late)
		require.Equal(t, 2*tick, time.Since(start), "at once")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, ratelimit.ErrLimit)
		var refused *ratelimit.LimitError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, ratelimit.TooLate, refused.Reason)
		require.Equal(t, tick, refused.RetryAfter())
		require.Equal(t, 1, refused.N)
		require.True(t, strings.HasPrefix(err.Error(), "ratelimit: "), err)
		require.Contains(t, err.Error(), "100ms, and the context ends in 99.999999ms: try again later, or give it more time")

		require.NoError(t, l.Wait(t.Context()))
		require.Equal(t, 3*tick, time.Since(start), "the refused one took nothing")
	})
}

// Whoever gives up lets those behind move up, wherever it stands.
func TestASpacersCanceledTurnIsUsedByTheNext(t *testing.T) {
	for _, leaves := range []int{1, 2, 4} {
		eachSpacer(t, func(t *testing.T, l spacer) {
			start := time.Now()
			require.NoError(t, l.Wait(t.Context()))
			got := make([]time.Duration, 5)
			var wg sync.WaitGroup
			for i := 1; i < len(got); i++ {
				ctx, cancel := context.WithCancel(t.Context())
				wg.Go(func() {
					if l.Wait(ctx) == nil {
						got[i] = time.Since(start)
					}
				})
				synctest.Wait()
				if i == leaves {
					time.AfterFunc(tick/2, cancel)
				} else {
					defer cancel()
				}
			}
			wg.Wait()
			due := tick
			for i := 1; i < len(got); i++ {
				if i == leaves {
					require.Zero(t, got[i])
					continue
				}
				require.Equal(t, due, got[i], "%d, when %d leaves", i, leaves)
				due += tick
			}
		})
	}
}

// Those behind whoever gives up count with the place that it left: also one
// whose deadline would else be too early.
func TestASpacersQueueCountsForTheDeadline(t *testing.T) {
	eachSpacer(t, func(t *testing.T, l spacer) {
		require.NoError(t, l.Wait(t.Context()))
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { _ = l.Wait(ctx) })
		}
		synctest.Wait()
		short, stop := context.WithTimeout(t.Context(), 4*tick-1)
		defer stop()
		require.ErrorIs(t, l.Wait(short), ratelimit.ErrLimit)
		cancel()
		wg.Wait()
		begin := time.Now()
		require.NoError(t, l.Wait(short))
		require.Equal(t, tick, time.Since(begin))
	})
}

func TestASpacerMadeOutsideOfABubble(t *testing.T) {
	for name, make := range spacers {
		l := make()
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				for range 3 {
					require.NoError(t, l.Wait(t.Context()))
				}
				require.Equal(t, 2*tick, time.Since(start))
			})
		})
	}
}

// After a hundred years, and in them.
func TestASpacerOfAHundredYears(t *testing.T) {
	const years = 100 * 365 * 24 * time.Hour
	eachSpacer(t, func(t *testing.T, l spacer) {
		for range 2 {
			start := time.Now()
			for i := range 10 {
				require.NoError(t, l.Wait(t.Context()))
				require.Equal(t, time.Duration(i)*tick, time.Since(start))
			}
			time.Sleep(years)
		}
	})
	for name, l := range map[string]spacer{
		"Pacer":         ratelimit.NewPacer(time.Hour, 0),
		"SlidingWindow": ratelimit.NewSlidingWindow(1, time.Hour),
		"WarmUp":        ratelimit.NewWarmUp(ratelimit.Every(time.Hour), time.Hour, 1),
	} {
		t.Run("one an hour, "+name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				for i := range 100 * 365 * 24 / 10 {
					require.NoError(t, l.Wait(t.Context()))
					require.Equal(t, time.Duration(i)*time.Hour, time.Since(start))
				}
			})
		})
	}
	for name, l := range map[string]spacer{
		"Pacer":         ratelimit.NewPacer(1, 0),
		"SlidingWindow": ratelimit.NewSlidingWindow(1, 1),
		"WarmUp":        ratelimit.NewWarmUp(1e9, time.Second, 1),
	} {
		t.Run("1e9 a second, "+name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				for i := range 10000 {
					require.NoError(t, l.Wait(t.Context()))
					require.Equal(t, time.Duration(i), time.Since(start))
				}
			})
		})
	}
}
