package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/ratelimit"
)

func TestDeadlineRefusalIsImmediate(t *testing.T) {
	play(t, 10, 1, func(s *scene) {
		s.l.Allow()
		s.wait("before", 1)
		ctx, cancel := context.WithTimeout(s.Context(), 2*tick-1)
		defer cancel()
		err := s.l.Wait(ctx)
		require.Zero(t, s.now(), "at once")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, ratelimit.ErrLimit)
		require.NotErrorIs(t, err, context.Canceled)
		var limit *ratelimit.LimitError
		require.ErrorAs(t, err, &limit)
		require.Equal(t, ratelimit.TooLate, limit.Reason)
		require.Equal(t, 2*tick, limit.RetryAfter())
		require.Equal(t, 1, limit.N)
		require.EqualError(t, err, "ratelimit: WaitN(1) would take 200ms, and the context ends in 199.999999ms: try again later, or give it more time")
		require.Equal(t, -1.0, s.l.Tokens(), "nothing was taken")

		s.l.SetLimit(0)
		err = s.l.Wait(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorAs(t, err, &limit)
		require.Equal(t, ratelimit.InfDuration, limit.RetryAfter())
		require.Zero(t, s.now())
		s.l.SetLimit(10)
		s.then("before at 100ms")
	})
}

func TestMoreThanTheBurstIsRefusedAtOnce(t *testing.T) {
	play(t, 10, 3, func(s *scene) {
		for _, n := range []int{4, math.MaxInt, -1, math.MinInt} {
			err := s.l.WaitN(s.Context(), n)
			require.ErrorIs(t, err, ratelimit.ErrLimit)
			require.NotErrorIs(t, err, context.DeadlineExceeded)
			var limit *ratelimit.LimitError
			require.ErrorAs(t, err, &limit)
			require.Equal(t, ratelimit.OverBurst, limit.Reason)
			require.Equal(t, n, limit.N)
		}
		require.Zero(t, s.now())
		require.Equal(t, 3.0, s.l.Tokens())
		require.Error(t, ratelimit.NewLimiter(ratelimit.Inf, 3).WaitN(s.Context(), -1))
	})
}

func TestTooFar(t *testing.T) {
	play(t, ratelimit.Every(365*24*time.Hour), 1, func(s *scene) {
		for range 10000 {
			s.l.Reserve()
		}
		err := s.l.Wait(context.WithoutCancel(s.Context()))
		require.ErrorIs(t, err, ratelimit.ErrLimit)
		var limit *ratelimit.LimitError
		require.ErrorAs(t, err, &limit)
		require.Equal(t, ratelimit.TooFar, limit.Reason)
		require.Zero(t, s.now())
	})
}

func TestLaw2_CauseIsKept(t *testing.T) {
	boom := errors.New("boom")
	for name, c := range map[string]struct {
		ctx func(context.Context) (context.Context, func())
		err error // that of the context
	}{
		"canceled with a cause": {func(p context.Context) (context.Context, func()) {
			ctx, cancel := context.WithCancelCause(p)
			return ctx, func() { cancel(boom) }
		}, context.Canceled},
		"a parent canceled with a cause": {func(p context.Context) (context.Context, func()) {
			parent, cancel := context.WithCancelCause(p)
			ctx, stop := context.WithCancel(parent)
			return ctx, func() { cancel(boom); stop() }
		}, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, 10, 1, func(s *scene) {
				s.l.Allow()
				ctx, end := c.ctx(s.Context())
				time.AfterFunc(tick/2, end)
				for range 2 { // asleep, and over before it begins
					err := s.l.Wait(ctx)
					require.Equal(t, tick/2, s.now())
					require.ErrorIs(t, err, boom)
					require.ErrorIs(t, err, c.err)
					require.NotErrorIs(t, err, ratelimit.ErrLimit)
					var stopped *ratelimit.WaitError
					require.ErrorAs(t, err, &stopped)
					require.Equal(t, boom, stopped.Cause)
					require.EqualError(t, err, "ratelimit: stopped waiting: boom")
					require.Equal(t, 0.5, s.l.Tokens(), "nothing was taken")
				}
			})
		})
	}
	t.Run("a deadline with a cause, after the limit went down", func(t *testing.T) {
		play(t, 10, 1, func(s *scene) {
			s.l.Allow()
			ctx, cancel := context.WithTimeoutCause(s.Context(), 2*tick, boom)
			defer cancel()
			time.AfterFunc(tick/2, func() { s.l.SetLimit(0.1) })
			err := s.l.Wait(ctx)
			require.Equal(t, 2*tick, s.now())
			require.ErrorIs(t, err, boom)
			require.ErrorIs(t, err, context.DeadlineExceeded)
		})
	})
}

// A limiter starts nothing of its own; what it keeps for sleepers goes with
// them.
func TestLaw1_NothingLeaks(t *testing.T) {
	play(t, 10, 1, func(s *scene) {
		s.l.Allow()
		require.False(t, s.l.HasTimer())
		a, b := s.wait("a", 1), s.wait("b", 1)
		require.True(t, s.l.HasTimer())
		b()
		synctest.Wait()
		require.True(t, s.l.HasTimer())
		a()
		s.wg.Wait()
		require.False(t, s.l.HasTimer(), "all gave up")
		s.wait("c", 1)
		s.wg.Wait()
		require.False(t, s.l.HasTimer(), "all were served")
		d := s.wait("d", 1)
		s.l.SetLimit(0)
		require.False(t, s.l.HasTimer(), "nothing to wake for")
		d()
		s.wg.Wait()
		require.False(t, s.l.HasTimer())
	})
}

// The bound is one that somebody chose, and nothing means nothing.
func TestLaw8_BoundedByDefault(t *testing.T) {
	l := ratelimit.NewLimiter(10, 0)
	require.False(t, l.Allow(), "0 is not unlimited")
	require.Error(t, l.Wait(t.Context()))
	require.False(t, l.Reserve().OK())
	l = ratelimit.NewLimiter(0, 1)
	require.True(t, l.Allow())
	require.False(t, l.AllowN(time.Now().Add(time.Hour), 1), "0 is not unlimited")
}

func TestLaw14_NoSurprisesInErrors(t *testing.T) {
	l := ratelimit.NewLimiter(10, 3)
	for name, c := range map[string]struct {
		call func()
		says string
	}{
		"negative rate":       {func() { ratelimit.NewLimiter(-1, 1) }, "NewLimiter needs a rate of 0 or more, got -1: pass tokens a second, ratelimit.Every(interval) or ratelimit.Inf"},
		"NaN":                 {func() { ratelimit.NewLimiter(ratelimit.Limit(math.NaN()), 1) }, "NewLimiter needs a rate of 0 or more, got NaN: pass tokens a second, ratelimit.Every(interval) or ratelimit.Inf"},
		"negative infinity":   {func() { l.SetLimit(ratelimit.Limit(math.Inf(-1))) }, "SetLimit needs a rate of 0 or more, got -Inf: pass tokens a second, ratelimit.Every(interval) or ratelimit.Inf"},
		"negative burst":      {func() { ratelimit.NewLimiter(1, -1) }, "NewLimiter needs a burst of 0 or more, got -1: pass how many tokens the bucket holds"},
		"negative burst, set": {func() { l.SetBurst(-5) }, "SetBurst needs a burst of 0 or more, got -5: pass how many tokens the bucket holds"},
		"no context":          {func() { _ = l.Wait(nil) }, "Wait needs a context, got nil: pass context.Background() if there is none"}, //nolint:staticcheck // the mistake itself
	} {
		t.Run(name, func(t *testing.T) {
			require.PanicsWithValue(t, "ratelimit: "+c.says, c.call)
		})
	}
	require.Equal(t, 3.0, l.Tokens(), "and nothing has changed")

	for _, err := range []error{ratelimit.ErrLimit, l.WaitN(t.Context(), 4), l.WaitN(t.Context(), -4)} {
		require.True(t, strings.HasPrefix(err.Error(), "ratelimit: "), err.Error())
		require.ErrorIs(t, err, ratelimit.ErrLimit)
	}
	require.Equal(t, "over the burst, past the deadline, too far in the future, used up for now, too many keys, Reason(99)",
		fmt.Sprintf("%v, %v, %v, %v, %v, %v", ratelimit.OverBurst, ratelimit.TooLate, ratelimit.TooFar, ratelimit.Exhausted, ratelimit.TooManyKeys, ratelimit.Reason(99)))
}
