package ratelimit_test

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/ratelimit"
)

// line is the published curve, event by event in rational numbers: the interval
// of an event is that in the middle of the part of the way that it goes.
type line struct {
	full, period, factor, cold *big.Rat // nanoseconds; cold of 0 to 1
	ready, now                 *big.Rat
}

func rat(x float64) *big.Rat       { return new(big.Rat).SetFloat64(x) }
func mul(x, y *big.Rat) *big.Rat   { return new(big.Rat).Mul(x, y) }
func quo(x, y *big.Rat) *big.Rat   { return new(big.Rat).Quo(x, y) }
func sub(x, y *big.Rat) *big.Rat   { return new(big.Rat).Sub(x, y) }
func add(x, y *big.Rat) *big.Rat   { return new(big.Rat).Add(x, y) }
func least(x, y *big.Rat) *big.Rat { return pick(x.Cmp(y) < 0, x, y) }
func pick(b bool, x, y *big.Rat) *big.Rat {
	if b {
		return x
	}
	return y
}

func newLine(full *big.Rat, period time.Duration, factor float64) *line {
	return &line{full, big.NewRat(int64(period), 1), rat(factor), big.NewRat(1, 1), new(big.Rat), new(big.Rat)}
}

// event goes down the line, and sets when the next one is ready.
func (l *line) event() {
	one, two := big.NewRat(1, 1), big.NewRat(2, 1)
	step := quo(mul(l.full, quo(add(one, l.factor), two)), l.period)
	down := least(step, l.cold)
	middle := sub(l.cold, quo(down, two))
	steep := mul(mul(l.full, sub(l.factor, one)), middle)
	l.ready = add(l.ready, add(l.full, mul(steep, quo(down, step))))
	l.cold = sub(l.cold, down)
}

// sleep lets time pass while nobody waits.
func (l *line) sleep(d time.Duration) {
	l.now = add(l.now, big.NewRat(int64(d), 1))
	if idle := sub(l.now, l.ready); idle.Sign() >= 0 {
		l.cold = least(add(l.cold, quo(idle, l.period)), big.NewRat(1, 1))
		l.ready = l.now
	}
}

// waitN returns how long it takes, in whole nanoseconds.
func (l *line) waitN(n int) time.Duration {
	for range n - 1 {
		l.event()
	}
	d := sub(l.ready, l.now)
	l.event()
	if d.Sign() <= 0 {
		return 0
	}
	up := new(big.Int).Add(d.Num(), new(big.Int).Sub(d.Denom(), big.NewInt(1)))
	wait := time.Duration(up.Div(up, d.Denom()).Int64())
	l.now = add(l.now, big.NewRat(int64(wait), 1))
	return wait
}

// After k events from cold the time is the integral of the published curve, to
// the nanosecond.
func TestWarmUpIsTheIntegralOfItsCurve(t *testing.T) {
	for _, c := range []struct {
		full   time.Duration
		period time.Duration
		factor float64
	}{
		{10 * time.Millisecond, time.Second, 3},
		{time.Hour, 30 * time.Hour, 3},
		{time.Hour, time.Minute, 2}, // less than an event
		{time.Microsecond, 100 * time.Microsecond, 9},
		{1, time.Microsecond, 3},
		{7, 1000, 2.5},
		{time.Second, time.Minute, 1},
		{time.Millisecond, 50 * time.Millisecond, 1000},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := ratelimit.NewWarmUp(ratelimit.Every(c.full), c.period, c.factor)
				l := newLine(big.NewRat(int64(c.full), 1), c.period, c.factor)
				start, at := time.Now(), time.Duration(0)
				for k := range 300 {
					require.NoError(t, w.Wait(t.Context()))
					at += l.waitN(1)
					require.Equal(t, at, time.Since(start), "event %d", k)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) { // by the numbers of the doc
		w, start := ratelimit.NewWarmUp(100, time.Second, 3), time.Now()
		require.InDelta(t, 100.0/3, float64(w.Limit()), 1e-9)
		for range 51 {
			require.NoError(t, w.Wait(t.Context()))
		}
		require.Equal(t, time.Second, time.Since(start), "50 of 100 after the first, in a period")
		require.Equal(t, ratelimit.Limit(100), w.Limit())
		require.NoError(t, w.WaitN(t.Context(), 1000))
		require.Equal(t, 11*time.Second, time.Since(start))
		time.Sleep(510 * time.Millisecond)
		require.InDelta(t, 50, float64(w.Limit()), 1e-9, "half cold")
		time.Sleep(500 * time.Millisecond)
		require.InDelta(t, 100.0/3, float64(w.Limit()), 1e-9)
	})
}

// Millions of events at once, at a rate of a token a nanosecond: what is rounded
// does not add up.
func TestWarmUpDoesNotDrift(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, many := ratelimit.NewWarmUp(1e9, time.Second, 3), ratelimit.NewWarmUp(1e9, time.Second, 3)
		start := time.Now()
		var wg sync.WaitGroup
		wg.Go(func() {
			require.NoError(t, one.WaitN(t.Context(), 500_000_001))
			require.Equal(t, time.Second, time.Since(start))
		})
		wg.Go(func() {
			require.NoError(t, many.Wait(t.Context()))
			for range 5000 {
				require.NoError(t, many.WaitN(t.Context(), 100_000))
			}
			require.Equal(t, time.Second, time.Since(start))
		})
		wg.Wait()
	})
}

// Against the line: waits for one and for many, idle times, and Takes that are
// given back.
func TestWarmUpAgainstModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		full := time.Duration(rapid.Int64Range(1, 1e10).Draw(rt, "full"))
		period := time.Duration(rapid.Int64Range(1, 100*int64(full)).Draw(rt, "period"))
		factor := float64(rapid.IntRange(2, 20).Draw(rt, "factor")) / 2
		ops := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) windowOp {
			return windowOp{rapid.IntRange(0, 4).Draw(rt, "kind"), rapid.IntRange(1, 5).Draw(rt, "n"),
				time.Duration(rapid.Int64Range(0, 3*int64(full)).Draw(rt, "sleep"))}
		}), 1, 60).Draw(rt, "ops")
		var bad string
		synctest.Test(t, func(t *testing.T) {
			w := ratelimit.NewWarmUp(ratelimit.Every(full), period, factor)
			l := newLine(big.NewRat(int64(full), 1), period, factor)
			w.Limit() // its time begins
			for i, op := range ops {
				begin := time.Now()
				l.sleep(0)
				switch op.kind {
				case 0:
					time.Sleep(op.sleep)
					l.sleep(op.sleep)
				case 1: // as if it had not been
					d := w.Take(1)
					ready := l.ready.Cmp(l.now) <= 0
					if d.OK != ready || d.OK && (d.RetryAfter != 0 || d.Remaining != 0 || d.Limit != 1) {
						bad = fmt.Sprintf("step %d: %+v, ready %v", i, d, ready)
						return
					}
					if d.OK {
						time.Sleep(op.sleep % full)
						w.Give(1)
						l.sleep(op.sleep % full)
					}
				default:
					_ = w.WaitN(t.Context(), op.n)
					got, want := time.Since(begin), l.waitN(op.n)
					if got != want && (got-want).Abs() > 1 { // a unit of rounding may lie on a whole nanosecond
						bad = fmt.Sprintf("step %d: WaitN(%d) took %v, not %v", i, op.n, got, want)
						return
					}
					l.now = add(l.now, big.NewRat(int64(got-want), 1))
				}
			}
		})
		if bad != "" {
			rt.Fatal(bad)
		}
	})
}

// The doc's loads that keep it warm and that leave it cold.
func TestWarmUpUnderASteadyLoad(t *testing.T) {
	for _, c := range []struct{ share, want float64 }{{1.0 / 3, 1}, {0.5, 1}, {0.2, 1.0 / 3}, {0.1, 1.0 / 3}} {
		synctest.Test(t, func(t *testing.T) {
			w := ratelimit.NewWarmUp(100, time.Second, 3)
			for range 1000 {
				require.NoError(t, w.Wait(t.Context()))
				time.Sleep(time.Duration(float64(10*time.Millisecond)/c.share) - 1)
			}
			require.NoError(t, w.Wait(t.Context()))
			require.InDelta(t, 100*c.want, float64(w.Limit()), 2.5, "%v", c.share)
		})
	}
}

// Whoever takes many waits for all of them, and the next one only for its own.
func TestWarmUpTheNextCallerPaysForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := ratelimit.NewWarmUp(ratelimit.Every(tick), time.Second, 1)
		start := time.Now()
		got := make([]time.Duration, 4)
		var wg sync.WaitGroup
		for i, n := range []int{5, 1, 3, 0} {
			wg.Go(func() {
				require.NoError(t, w.WaitN(t.Context(), n))
				got[i] = time.Since(start)
			})
			synctest.Wait()
		}
		require.Equal(t, 9*tick, w.Take(1).RetryAfter)
		wg.Wait()
		require.Equal(t, []time.Duration{4 * tick, 5 * tick, 8 * tick, 8 * tick}, got)
	})
	synctest.Test(t, func(t *testing.T) { // whoever gives up leaves no burst
		w := ratelimit.NewWarmUp(ratelimit.Every(tick), time.Second, 1)
		start := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		got := make([]time.Duration, 4)
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() {
				if i == 0 {
					require.Error(t, w.WaitN(ctx, 100))
				} else {
					require.NoError(t, w.Wait(t.Context()))
				}
				got[i] = time.Since(start)
			})
			synctest.Wait()
		}
		time.Sleep(10 * tick)
		cancel()
		wg.Wait()
		require.Equal(t, []time.Duration{10 * tick, 10 * tick, 11 * tick, 12 * tick}, got)
	})
}

func TestWarmUpNeverLetsMoreThrough(t *testing.T) {
	for range 10 {
		synctest.Test(t, func(t *testing.T) {
			w, start := ratelimit.NewWarmUp(ratelimit.Every(tick), 2*time.Second, 3), time.Now()
			var mu sync.Mutex
			var events []time.Duration
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() {
					for range 30 {
						n := 1
						ctx, cancel := context.WithTimeout(t.Context(), rand.N(10*time.Second))
						switch rand.IntN(4) {
						case 0:
							if !w.Allow() {
								n = 0
							} else if rand.IntN(2) == 0 {
								time.Sleep(rand.N(tick))
								w.Give(1)
								n = 0
							}
						default:
							if n = 1 + rand.IntN(3); w.WaitN(ctx, n) != nil {
								n = 0
							}
						}
						mu.Lock()
						events = append(events, slices.Repeat([]time.Duration{time.Since(start)}, n)...)
						mu.Unlock()
						cancel()
						time.Sleep(rand.N(5 * time.Second))
					}
				})
			}
			wg.Wait()
			slices.Sort(events)
			for i := range events {
				for j := i + 4; j < len(events); j++ {
					// 4: a WaitN of 3 may end in the window, of which the first came before it.
					if events[j]-events[i] < time.Duration(j-i-3)*tick {
						t.Fatalf("%d events from %v to %v", j-i+1, events[i], events[j])
					}
				}
			}
			require.Greater(t, len(events), 100)
			n, timer := w.Sleeping()
			require.Zero(t, n)
			require.False(t, timer)
		})
	}
}

func TestWarmUpBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := ratelimit.NewWarmUp(1e9, time.Second, 3)
		over := ratelimit.Decision{Reason: ratelimit.OverBurst, RetryAfter: ratelimit.InfDuration, Limit: 1, Remaining: 1}
		require.Equal(t, over, w.Take(math.MaxInt))
		require.Equal(t, over, w.Take(-1))
		require.ErrorIs(t, w.WaitN(t.Context(), -1), ratelimit.ErrLimit)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { require.ErrorIs(t, w.WaitN(ctx, math.MaxInt/2), context.Canceled) }) // 146 years
		synctest.Wait()
		var refused *ratelimit.LimitError
		require.ErrorAs(t, w.WaitN(ctx, math.MaxInt), &refused)
		require.Equal(t, ratelimit.TooFar, refused.Reason)
		cancel()
		wg.Wait()
		require.NoError(t, w.Wait(t.Context()))

		w = ratelimit.NewWarmUp(ratelimit.Every(time.Hour), 30*365*24*time.Hour, 1e3)
		require.ErrorAs(t, w.WaitN(t.Context(), math.MaxInt), &refused)
		require.Equal(t, ratelimit.TooFar, refused.Reason)
		require.True(t, w.Allow())
		require.InDelta(t, float64(1000*time.Hour), float64(w.Take(1).RetryAfter), float64(3*time.Hour))
		w.Jump(-time.Hour)
		require.False(t, w.Allow(), "a clock that runs back lets nothing through")

		w = ratelimit.NewWarmUp(1e300, 1, 1)
		for range 100 {
			require.NoError(t, w.Wait(t.Context()))
		}
		var zero ratelimit.WarmUp
		zero.Give(1)
		require.Zero(t, zero.Limit())
		require.False(t, zero.Allow())
		require.ErrorIs(t, zero.WaitN(t.Context(), 0), ratelimit.ErrLimit)
	})
	const (
		rate   = "NewWarmUp needs a positive finite rate, got %v: pass events a second, or ratelimit.Every(interval)"
		period = "NewWarmUp needs a period of more than 0 and at most 30 years, got %v: pass how long it takes to warm up"
		factor = "NewWarmUp needs a coldFactor of at least 1 and an interval from cold of at most 30 years, got %v at a rate of %v: pass how many times slower the first events are, such as 3"
	)
	for _, r := range []float64{0, -1, math.NaN(), math.Inf(1), float64(ratelimit.Inf)} {
		require.PanicsWithValue(t, "ratelimit: "+fmt.Sprintf(rate, r), func() { ratelimit.NewWarmUp(ratelimit.Limit(r), 1, 3) })
	}
	for _, p := range []time.Duration{0, -1, math.MaxInt64} {
		require.PanicsWithValue(t, "ratelimit: "+fmt.Sprintf(period, p), func() { ratelimit.NewWarmUp(1, p, 3) })
	}
	for _, f := range []float64{0, 0.99, -3, math.NaN(), math.Inf(1), 1e10} {
		require.PanicsWithValue(t, "ratelimit: "+fmt.Sprintf(factor, f, 1), func() { ratelimit.NewWarmUp(1, 1, f) })
	}
	require.Panics(t, func() { ratelimit.NewWarmUp(5e-324, 1, 1) })
	require.PanicsWithValue(t, "ratelimit: Give needs 0 or more tokens, got -1: pass how many of a Take were not used",
		func() { ratelimit.NewWarmUp(1, 1, 1).Give(-1) })
}

// A Give that comes when the next event is there anyway does nothing, nor does
// a second one.
func TestWarmUpGiveThatIsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := ratelimit.NewWarmUp(100, 10*time.Second, 3)
		require.True(t, w.Allow())
		require.NoError(t, w.WaitN(t.Context(), 100))
		cold := w.Limit()
		time.Sleep(30*time.Millisecond - 1)
		w.Take(1)
		time.Sleep(30 * time.Millisecond)
		before := w.Limit()
		require.Greater(t, before, cold-1)
		w.Give(1)
		require.Equal(t, before, w.Limit())

		require.True(t, w.Allow())
		w.Give(1)
		require.Equal(t, before, w.Limit(), "as if it had not been")
		require.True(t, w.Allow())
		require.False(t, w.Allow())
		w.Give(1)
		w.Give(1)
		require.True(t, w.Allow())
		require.False(t, w.Allow())
	})
}
