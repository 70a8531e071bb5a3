package ratelimit_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/ratelimit"
)

func TestLaw12_WholeAPIInTwoBubbles(t *testing.T) {
	testkit.TwoBubbles(t, func(t *testing.T) {
		start := time.Now()
		l := ratelimit.NewLimiter(ratelimit.Every(tick), 2)
		require.True(t, l.Allow())
		require.True(t, l.AllowN(time.Now(), 1))
		require.False(t, l.Allow())
		require.NoError(t, l.Wait(t.Context()))
		require.NoError(t, l.WaitN(t.Context(), 2))
		require.Equal(t, 3*tick, time.Since(start))

		r := l.Reserve()
		require.True(t, r.OK())
		require.Equal(t, tick, r.Delay())
		require.Equal(t, tick/2, r.DelayFrom(time.Now().Add(tick/2)))
		r.Cancel()
		l.ReserveN(time.Now(), 1).CancelAt(time.Now())
		require.Zero(t, l.Tokens())
		require.Equal(t, 1.0, l.TokensAt(time.Now().Add(tick)))

		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { _ = l.Wait(ctx) })
		}
		time.Sleep(10 * tick)
		l.SetLimit(20)
		l.SetLimitAt(time.Now(), 30)
		l.SetBurst(3)
		l.SetBurstAt(time.Now(), 4)
		require.Equal(t, ratelimit.Limit(30), l.Limit())
		require.Equal(t, 4, l.Burst())
		time.Sleep(tick)
		cancel()
		wg.Wait()
		require.InDelta(t, 0, l.Tokens(), 1)
	})
}
