package ratelimit_test

import (
	"context"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/ratelimit"
)

func TestADecisionTellsWhatIsLeftAndWhenToComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.NewLimiter(10, 3)
		require.Equal(t, ratelimit.Decision{OK: true, Limit: 3, Remaining: 1}, l.Take(2))
		require.Equal(t, ratelimit.Decision{
			Reason: ratelimit.Exhausted, RetryAfter: 100 * time.Millisecond, Limit: 3, Remaining: 1,
		}, l.Take(2))
		require.Equal(t, ratelimit.Decision{
			Reason: ratelimit.OverBurst, RetryAfter: ratelimit.InfDuration, Limit: 3, Remaining: 1,
		}, l.Take(4))
		require.Equal(t, l.Take(4), l.Take(-1))

		l.ReserveN(time.Now(), 3) // the bucket owes two
		d := l.Take(1)
		require.Equal(t, ratelimit.Exhausted, d.Reason)
		require.Equal(t, 300*time.Millisecond, d.RetryAfter)
		require.Zero(t, d.Remaining)
		time.Sleep(d.RetryAfter - 1)
		require.False(t, l.Take(1).OK)
		time.Sleep(time.Nanosecond)
		require.Equal(t, ratelimit.Decision{OK: true, Limit: 3}, l.Take(1))
	})
}

func TestADecisionWithoutALimitOrWithoutSupply(t *testing.T) {
	boundless := ratelimit.Decision{OK: true, Limit: math.MaxInt, Remaining: math.MaxInt}
	l := ratelimit.NewLimiter(ratelimit.Inf, 0)
	require.Equal(t, boundless, l.Take(math.MaxInt))
	require.False(t, l.Take(-1).OK)

	l = ratelimit.NewLimiter(0, 1)
	require.True(t, l.Take(1).OK)
	require.Equal(t, ratelimit.Decision{Reason: ratelimit.Exhausted, RetryAfter: ratelimit.InfDuration, Limit: 1}, l.Take(1))
	require.Equal(t, ratelimit.OverBurst, new(ratelimit.Limiter).Take(1).Reason)
}

// The error of Wait has the facts of a Decision, and package future's Retry
// reads when to come back.
func TestRetryWaitsForAsLongAsTheLimiterSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ratelimit.NewLimiter(ratelimit.Every(time.Minute), 1)
		require.NoError(t, l.Wait(t.Context()))

		begin := time.Now()
		patient := future.Retry(future.RetryPolicy{Jitter: func(time.Duration) time.Duration { return 0 }}, func(context.Context) (string, error) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			return "done", l.Wait(ctx)
		})
		v, err := patient(t.Context())
		require.NoError(t, err)
		require.Equal(t, "done", v)
		require.Equal(t, time.Minute, time.Since(begin))
	})
}
