package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/ratelimit"
)

func TestKeyedWait(t *testing.T) {
	boom := errors.New("boom")
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		k := ratelimit.NewKeyed[string](10, 2, 2)
		require.NoError(t, k.Wait(t.Context(), "a"))
		require.NoError(t, k.Wait(t.Context(), "a"))
		var mu sync.Mutex
		var log []string
		var wg sync.WaitGroup
		wait := func(ctx context.Context, name string) {
			wg.Go(func() {
				if err := k.Wait(ctx, "a"); err != nil {
					name += ": " + err.Error()
				}
				mu.Lock()
				defer mu.Unlock()
				log = append(log, fmt.Sprint(name, " at ", time.Since(start)))
			})
			synctest.Wait()
		}
		wait(t.Context(), "1")
		ctx, cancel := context.WithCancelCause(t.Context())
		wait(ctx, "2")
		wait(t.Context(), "3")
		require.Equal(t, 1, k.Hot())
		require.False(t, k.Allow("a"), "nobody overtakes")
		require.Equal(t, 4*tick, k.Take("a", 1).RetryAfter)
		require.Equal(t, ratelimit.OverBurst, k.Take("a", 3).Reason)
		short, stop := context.WithTimeout(t.Context(), 4*tick-1)
		defer stop()
		wait(short, "4")
		time.Sleep(tick / 2)
		require.True(t, k.Allow("b"))
		require.Equal(t, ratelimit.TooManyKeys, k.Take("c", 1).Reason)
		cancel(boom)
		wg.Wait()
		require.Equal(t, []string{
			"4: ratelimit: WaitN(1) would take 400ms, and the context ends in 399.999999ms: try again later, or give it more time at 0s",
			"1 at 100ms", "2: ratelimit: stopped waiting: boom at 50ms", "3 at 200ms",
		}, []string{log[0], log[2], log[1], log[3]})
		require.Zero(t, k.Hot())
		require.False(t, k.Allow("a"), "what the waiters took is known")
		require.Equal(t, tick, k.Take("a", 1).RetryAfter)
		time.Sleep(tick)
		require.True(t, k.Allow("a"))

		require.ErrorIs(t, k.Wait(ctx, "a"), boom)
		require.ErrorIs(t, k.Wait(ctx, "new"), context.Canceled)
		err := ratelimit.NewKeyed[string](10, 0, 1).Wait(t.Context(), "a")
		require.EqualError(t, err, "ratelimit: WaitN(1) is more than the burst of 0: ask for less, or set a greater burst")
		require.NoError(t, ratelimit.NewKeyed[string](ratelimit.Inf, 0, 1).Wait(t.Context(), "a"))
	})
}

// All keys have waiters, and another one comes.
func TestKeyedWaitAndNoRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := ratelimit.NewKeyed[string](10, 1, 1)
		require.True(t, k.Allow("a"))
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { _ = k.Wait(ctx, "a") })
		}
		synctest.Wait()
		require.Equal(t, ratelimit.Decision{Reason: ratelimit.TooManyKeys, RetryAfter: 4 * tick, Limit: 1}, k.Take("b", 1))
		cancel()
		wg.Wait()
		require.Equal(t, tick, k.Take("b", 1).RetryAfter)
		time.Sleep(tick)
		require.True(t, k.Allow("b"))
	})
}

// While they wait, the scale of the bucket comes to its end.
func TestKeyedWaitForYears(t *testing.T) {
	const year = 365 * 24 * time.Hour
	synctest.Test(t, func(t *testing.T) {
		k := ratelimit.NewKeyed[string](ratelimit.Every(4*year), 3, 10)
		l := ratelimit.NewLimiter(ratelimit.Every(4*year), 3)
		start := time.Now()
		for i := range 25 {
			require.NoError(t, k.Wait(t.Context(), "a"))
			require.NoError(t, l.Wait(t.Context()))
			require.Equal(t, time.Duration(max(i-2, 0))*4*year, time.Since(start))
			require.Equal(t, l.Take(3), k.Take("a", 3))
		}
		require.Zero(t, k.Hot())
	})
}

func TestKeyedInParallel(t *testing.T) {
	const keys, burst = 50, 40
	k := ratelimit.NewKeyed[int](0, burst, keys)
	var let [keys]atomic.Int64
	var wg sync.WaitGroup
	for client := range 8 {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(uint64(client), 0))
			for range 3000 {
				key := random.IntN(keys)
				switch random.IntN(10) {
				case 0:
					ctx, cancel := context.WithCancel(t.Context())
					go cancel()
					if k.Wait(ctx, key) == nil {
						let[key].Add(1)
					}
				case 1:
					if d := k.Take(key, 2); d.OK {
						let[key].Add(2)
					}
				case 2:
					if k.Len() > keys {
						t.Error("too many keys")
					}
					if key += keys; k.Take(key, burst+1).OK {
						t.Error("more than the burst")
					}
				default:
					if k.Allow(key) {
						let[key].Add(1)
					}
				}
			}
		})
	}
	wg.Wait()
	for key := range let {
		for k.Allow(key) {
			let[key].Add(1)
		}
		require.EqualValues(t, burst, let[key].Load())
	}
	require.Equal(t, keys, k.Len())
	require.False(t, k.Allow(-1))
	require.Zero(t, k.Hot())
}

// Keys come and go from all sides: never too many, and none of them twice.
func TestKeyedChurnInParallel(t *testing.T) {
	k := ratelimit.NewKeyed[int](1e8, 1, 40)
	var wg sync.WaitGroup
	for client := range 8 {
		wg.Go(func() {
			for i := range 5000 {
				k.Allow((i * (client + 1)) % 200)
				if i%100 == 0 && k.Len() > 40 {
					t.Error("too many keys")
				}
			}
		})
	}
	wg.Wait()
	time.Sleep(time.Microsecond)
	for i := range 40 {
		require.True(t, k.Allow(1000+i))
	}
}
