package ratelimit_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/ratelimit"
)

// Waiters that give up at random, reservations that are canceled at random,
// and limits that change: all end, nobody gets more than came in, and in the
// end the bucket is as full as if nothing had been.
func TestStress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const burst = 5
		l := ratelimit.NewLimiter(1000, burst)
		start := time.Now()
		var taken, gaveUp, refused atomic.Int64
		var wg sync.WaitGroup
		for range 40 {
			wg.Go(func() {
				for range 50 {
					n := 1 + rand.IntN(burst)
					switch rand.IntN(8) {
					case 0:
						if l.AllowN(time.Now(), n) {
							taken.Add(int64(n))
						}
					case 1:
						r := l.ReserveN(time.Now(), n)
						switch {
						case rand.IntN(2) == 0:
							r.Cancel()
						case r.OK():
							time.Sleep(r.Delay())
							taken.Add(int64(n))
						}
					default:
						ctx, cancel := context.WithCancel(t.Context())
						timer := time.AfterFunc(rand.N(2*time.Second), cancel)
						if rand.IntN(4) == 0 {
							ctx, cancel = context.WithTimeout(t.Context(), rand.N(2*time.Second))
						}
						switch err := l.WaitN(ctx, n); {
						case err == nil:
							taken.Add(int64(n))
						case ctx.Err() != nil:
							gaveUp.Add(1)
						default:
							require.ErrorIs(t, err, ratelimit.ErrLimit)
							refused.Add(1)
						}
						timer.Stop()
						cancel()
					}
					time.Sleep(rand.N(time.Millisecond))
				}
			})
		}
		wg.Go(func() {
			for range 20 {
				time.Sleep(rand.N(500 * time.Millisecond))
				l.SetLimit(ratelimit.Limit(rand.IntN(1000)))
			}
			l.SetLimit(1000)
		})
		wg.Wait()
		require.LessOrEqual(t, float64(taken.Load()), burst+1000*time.Since(start).Seconds())
		require.Zero(t, l.Sleeping())
		require.False(t, l.HasTimer())
		require.NotZero(t, gaveUp.Load())
		require.NotZero(t, refused.Load())
		time.Sleep(time.Hour)
		require.EqualValues(t, burst, l.Tokens())
	})
}
