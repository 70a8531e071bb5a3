package future_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/race"
)

func TestLatencyBuckets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(int64(time.Microsecond)*2, int64(time.Minute*10)).Draw(t, "d"))
		top := future.LatencyTop(d)
		if top <= d || top-d > d/16+1 {
			t.Fatalf("%v counts as below %v", d, top)
		}
	})
	require.Equal(t, future.LatencyTop(0), future.LatencyTop(1023))
	require.Positive(t, future.LatencyTop(-1))
	require.Equal(t, future.LatencyTop(time.Hour), future.LatencyTop(math.MaxInt64))
}

func TestLatencyQuantile(t *testing.T) {
	for _, q := range []float64{0.5, 0.9, 0.95, 0.99} {
		l, rng := future.NewLatencies(q), rand.New(rand.NewPCG(1, 2))
		var all []time.Duration
		for n := 1; n <= 900; n++ {
			d := time.Duration(rng.ExpFloat64() * float64(10*time.Millisecond))
			l.Add(d)
			all = append(all, d)
			got, known := l.Current()
			require.Equal(t, n >= 100, known, "after %d", n)
			if known && n%20 == 0 {
				sorted := slices.Sorted(slices.Values(all))
				exact := sorted[int(math.Ceil(q*float64(n)))-1]
				require.Equal(t, future.LatencyTop(exact), got, "after %d", n)
			}
		}
	}
}

// What is old is forgotten: after a thousand calls nothing is left of it.
func TestLatencyAges(t *testing.T) {
	for old, young := range map[time.Duration]time.Duration{time.Second: ms, ms: time.Second} {
		l := future.NewLatencies(0.5)
		add := func(n int, d time.Duration) {
			for range n {
				l.Add(d)
			}
		}
		add(500, old)
		add(240, young)
		got, _ := l.Current()
		require.Equal(t, future.LatencyTop(old), got)
		add(260, young) // the old ones are dropped
		add(240, old)
		got, _ = l.Current()
		require.Equal(t, future.LatencyTop(young), got)
		add(260, old)
		add(20, old)
		got, _ = l.Current()
		require.Equal(t, future.LatencyTop(old), got)
	}
}

func TestHedgeAtTheLivePercentile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		var second time.Time
		takes := 10 * ms
		call := future.Hedge(future.HedgePolicy{}, func(ctx context.Context) (int, error) {
			n := calls.Add(1)
			if n == 102 {
				second = time.Now()
			}
			select {
			case <-time.After(takes):
				return int(n), nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		})
		timed := func() time.Duration {
			start := time.Now()
			_, err := call(context.Background())
			require.NoError(t, err)
			return time.Since(start)
		}
		for i := range 100 {
			if i >= 94 { // the slowest twentieth, and one more
				takes = 80 * ms
			}
			require.Equal(t, takes, timed())
		}
		require.Equal(t, int32(100), calls.Load(), "no second attempt before enough is known")
		takes = sec
		start := time.Now()
		require.Equal(t, sec, timed())
		require.Equal(t, int32(102), calls.Load())
		synctest.Wait()
		require.Equal(t, future.LatencyTop(80*ms), second.Sub(start))
	})
}

// A first attempt that is given up counts with what it had taken: hedging does
// not make the percentile shorter and shorter.
func TestTheLivePercentileStaysWhereItIs(t *testing.T) {
	for name, c := range map[string]struct {
		policy future.HedgePolicy
		slow   time.Duration // each call's ctx; 0: the second attempt wins at once
	}{
		"overtaken":           {future.HedgePolicy{Percentile: 0.9, Delay: 7 * ms}, 0},
		"given up by ctx":     {future.HedgePolicy{Percentile: 0.9, Delay: 7 * ms}, 7*ms + 1},
		"one that has failed": {future.HedgePolicy{Percentile: 0.9, Delay: 7 * ms}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var attempts atomic.Int32
				call := future.Hedge(c.policy, func(ctx context.Context) (int, error) {
					n := attempts.Add(1)
					switch {
					case c.slow < 0 && n == 1:
						return 0, errDisk
					case c.slow <= 0 && n == 2:
						return 1, nil
					}
					return untilDone(ctx)
				})
				for range 100 {
					until := c.slow
					if until <= 0 {
						until = sec
					}
					ctx, cancel := context.WithTimeout(context.Background(), until)
					_, _ = call(ctx)
					cancel()
					synctest.Wait()
					attempts.Store(0)
				}
				synctest.Wait()
				c.slow = 0 // now: how long until the second?
				start := time.Now()
				ctx, cancel := context.WithTimeout(context.Background(), 50*ms)
				defer cancel()
				_, err := call(ctx)
				synctest.Wait()
				switch name {
				case "overtaken", "given up by ctx":
					require.NoError(t, err)
					require.Equal(t, future.LatencyTop(7*ms), time.Since(start))
				case "one that has failed":
					require.NoError(t, err)
					require.Equal(t, 7*ms, time.Since(start), "still the Delay: nothing is known")
				}
			})
		})
	}
}

func TestLaw13_LatencyAllocatesNothing(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	l := future.NewLatencies(0.95)
	require.Zero(t, testing.AllocsPerRun(2000, func() { l.Add(time.Millisecond); l.Current() }))
}
