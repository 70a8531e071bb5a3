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

func TestLaw12_KeyedChainAndConcurrencyInTwoBubbles(t *testing.T) {
	testkit.TwoBubbles(t, func(t *testing.T) {
		l := ratelimit.NewLimiter(10, 2)
		require.True(t, l.Take(2).OK)
		l.Give(1)
		require.Equal(t, 1.0, l.Tokens())

		k := ratelimit.NewKeyed[int](10, 1, 10)
		f := ratelimit.NewKeyedFunc(func(int) (ratelimit.Limit, int) { return 10, 1 }, 10)
		c := ratelimit.NewChain(l, ratelimit.NewLimiter(5, 1))
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for i := range 30 {
			wg.Go(func() {
				_ = k.Wait(ctx, i%3)
				_ = f.Wait(ctx, i%3)
				_ = c.Wait(ctx)
			})
		}
		require.NoError(t, k.Wait(t.Context(), 7))
		require.True(t, f.Allow(7))
		require.False(t, f.Take(7, 1).OK)
		time.Sleep(20 * tick)
		cancel()
		wg.Wait()
		require.Equal(t, 4, k.Len())
		c.Give(1)
		time.Sleep(20 * tick)
		require.True(t, c.Take(1).OK)

		room := ratelimit.NewConcurrency(2)
		require.NoError(t, room.Acquire(t.Context(), 1))
		lease, err := room.Hold(t.Context(), "a", 1)
		require.NoError(t, err)
		for range 20 {
			wg.Go(func() {
				if room.Acquire(t.Context(), 1) == nil {
					time.Sleep(tick)
					room.Release(1)
				}
			})
		}
		time.Sleep(tick)
		require.Len(t, room.Holders(), 1)
		lease.Release()
		room.Release(1)
		room.Resize(5)
		wg.Wait()
		require.True(t, room.TryAcquire(5))
	})
}
