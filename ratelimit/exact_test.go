package ratelimit_test

import (
	"math"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/ratelimit"
)

// naive is the bucket of the textbook, in the only numbers that do not round:
// it has spent up to a moment, and a token is an interval.
type naive struct {
	spent, interval *big.Rat // nanoseconds
	burst           int64
}

func newNaive(interval *big.Rat, burst int) *naive {
	return &naive{spent: big.NewRat(math.MinInt64, 1), interval: interval, burst: int64(burst)}
}

func (b *naive) span(n int64) *big.Rat {
	return new(big.Rat).Mul(big.NewRat(n, 1), b.interval)
}

// after returns up to when n more tokens, taken at now, would be spent.
func (b *naive) after(now int64, n int) *big.Rat {
	full := new(big.Rat).Sub(big.NewRat(now, 1), b.span(b.burst))
	if full.Cmp(b.spent) < 0 {
		full = b.spent
	}
	return new(big.Rat).Add(full, b.span(int64(n)))
}

func (b *naive) allow(now int64, n int) bool {
	end := b.after(now, n)
	if int64(n) > b.burst || end.Cmp(big.NewRat(now, 1)) > 0 {
		return false
	}
	b.spent = end
	return true
}

// reserve returns the first whole nanosecond at which the tokens are there.
func (b *naive) reserve(now int64, n int) (at int64, ok bool) {
	if int64(n) > b.burst {
		return 0, false
	}
	b.spent = b.after(now, n)
	up := new(big.Int).Add(b.spent.Num(), new(big.Int).Sub(b.spent.Denom(), big.NewInt(1)))
	return max(now, up.Div(up, b.spent.Denom()).Int64()), true
}

// Every decision, to the nanosecond, for intervals of whole nanoseconds and
// timestamps in any order.
func TestAgainstNaiveModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		interval := rapid.OneOf(
			rapid.Int64Range(1, 100),
			rapid.Int64Range(1, 1e7),
			rapid.Int64Range(1, 1e13),
			rapid.SampledFrom([]int64{1e3, 1e6, 1e9, 3e8, 1<<40 - 1, 1 << 31}),
		).Draw(t, "interval")
		burst := rapid.IntRange(0, 20).Draw(t, "burst")
		l := ratelimit.NewLimiter(ratelimit.Every(time.Duration(interval)), burst)
		model := newNaive(big.NewRat(interval, 1), burst)
		now := rapid.Int64Range(-1e17, 1e17).Draw(t, "start")
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0:
				now += rapid.Int64Range(0, 2*interval).Draw(t, "ahead")
			case 1:
				now += interval * rapid.Int64Range(-3, 6).Draw(t, "intervals")
			case 2:
				now += rapid.Int64Range(-2, 2).Draw(t, "nanoseconds")
			}
			n := rapid.IntRange(0, burst+1).Draw(t, "n")
			when := origin.Add(time.Duration(now))
			if rapid.IntRange(0, 9).Draw(t, "reserve") > 0 {
				require.Equal(t, model.allow(now, n), l.AllowN(when, n), "allow %d at %d", n, now)
				continue
			}
			at, ok := model.reserve(now, n)
			r := l.ReserveN(when, n)
			require.Equal(t, ok, r.OK())
			if ok {
				require.Equal(t, time.Duration(at-now), r.DelayFrom(when), "reserve %d at %d", n, now)
			}
		}
	})
}

// Any rate at all: off by less than two nanoseconds, and what rounding the
// interval of a float to the nanosecond makes of the time.
func TestAgainstNaiveModelAnyRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := math.Exp(rapid.Float64Range(math.Log(1e-3), math.Log(1e11)).Draw(t, "log rate"))
		burst := rapid.IntRange(1, 1000).Draw(t, "burst")
		interval := new(big.Rat).Inv(new(big.Rat).SetFloat64(rate / 1e9))
		l, model := ratelimit.NewLimiter(ratelimit.Limit(rate), burst), newNaive(interval, burst)
		now := rapid.Int64Range(0, 1e16).Draw(t, "start")
		for range 50 {
			now += rapid.Int64Range(0, int64(min(3e9/rate, 1e12))+1).Draw(t, "ahead")
			n := rapid.IntRange(0, burst).Draw(t, "n")
			at, _ := model.reserve(now, n)
			when := origin.Add(time.Duration(now))
			got := int64(l.ReserveN(when, n).DelayFrom(when)) + now
			require.InDelta(t, 0, got-at, 1+float64(at-now)*0x1p-51, "%v/s: reserve %d at %d", rate, n, now)
		}
	})
}

// A thousand a second, a burst of a hundred, and callers whose timestamps are
// ten milliseconds apart: 110 is the most that is right, however many ask.
func TestDisorderLetsNothingMoreThrough(t *testing.T) {
	for name, c := range map[string]struct {
		first, want int // calls at 0 before they alternate; how many are let through
	}{
		"alternating":               {0, 101}, // at 10 ms the one of before is back
		"a burst, then alternating": {100, 110},
		"half, then alternating":    {50, 110},
	} {
		t.Run(name, func(t *testing.T) {
			l := ratelimit.NewLimiter(1000, 100)
			let := 0
			for i := range 2000 {
				late := i < c.first || i%2 == 0
				when := origin.Add(10 * time.Millisecond)
				if late {
					when = origin
				}
				if l.AllowN(when, 1) {
					let++
				}
			}
			require.Equal(t, c.want, let)
		})
	}
}

// The law of the token bucket itself, for timestamps in any order: in every
// stretch of time, no more than the burst and what comes in meanwhile.
func TestNoStretchHasTooMany(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const interval = 1000
		burst := rapid.IntRange(1, 10).Draw(t, "burst")
		l := ratelimit.NewLimiter(ratelimit.Every(interval), burst)
		var let []int64
		now := int64(0)
		for range 300 {
			now += rapid.Int64Range(0, 600).Draw(t, "ahead")
			late := now - rapid.Int64Range(0, 20*interval).Draw(t, "late")
			if l.AllowN(origin.Add(time.Duration(late)), 1) {
				let = append(let, late)
			}
		}
		slices.Sort(let)
		for i, from := range let {
			for j, to := range let[i:] {
				if most := int64(burst) + (to-from)/interval; int64(j+1) > most {
					t.Fatalf("%d in %d ns, of at most %d", j+1, to-from, most)
				}
			}
		}
	})
}

// At every even share of a second for a long time, no token is early, late or
// lost: rounding does not add up.
func TestRoundingDoesNotAddUp(t *testing.T) {
	for _, rate := range []int64{3, 7, 999983, 3e6, 7e8, 999999937} {
		interval := new(big.Rat).SetFrac64(1e9, rate)
		for _, tokens := range []int64{1, 2, 3, 1e6, 1e7 + 7} {
			exact := new(big.Rat).Mul(interval, big.NewRat(tokens, 1))
			ns, rest := new(big.Int).DivMod(exact.Num(), exact.Denom(), new(big.Int))
			if rest.Sign() > 0 {
				ns.Add(ns, big.NewInt(1))
			}
			l := ratelimit.NewLimiter(ratelimit.Limit(rate), 1<<24)
			require.True(t, l.AllowN(origin, 1<<24))
			due := origin.Add(time.Duration(ns.Int64()))
			require.True(t, l.AllowN(due, int(tokens)), "%d/s: %d tokens after %v", rate, tokens, ns)
			require.False(t, l.AllowN(due.Add(-1), 1), "one more, a nanosecond before")
		}
	}
}

func TestExtremes(t *testing.T) {
	const year = 365 * 24 * time.Hour
	centuries := func(n int) time.Time { return origin.AddDate(100*n, 0, 0) }

	t.Run("tiny rate", func(t *testing.T) {
		for _, rate := range []ratelimit.Limit{1e-10, 1e-300, math.SmallestNonzeroFloat64} {
			l := ratelimit.NewLimiter(rate, 5)
			for range 5 {
				require.True(t, l.AllowN(origin, 1))
			}
			require.False(t, l.AllowN(origin, 1))
			require.False(t, l.AllowN(origin.Add(100*year), 1), "%v", rate)
		}
	})
	t.Run("tiny rate comes in", func(t *testing.T) {
		// Full after 82 years: that leaves less than a unit to a nanosecond.
		l := ratelimit.NewLimiter(ratelimit.Every(30*24*time.Hour), 1000)
		require.True(t, l.AllowN(origin, 1000))
		require.False(t, l.AllowN(origin.Add(60*24*time.Hour-10), 2))
		require.True(t, l.AllowN(origin.Add(60*24*time.Hour), 2))
	})
	t.Run("zero rate", func(t *testing.T) {
		l := ratelimit.NewLimiter(0, 2)
		require.True(t, l.AllowN(origin, 2))
		for _, when := range []time.Time{origin, centuries(1), centuries(5)} {
			require.False(t, l.AllowN(when, 1))
			require.False(t, l.ReserveN(when, 1).OK())
			require.Zero(t, l.TokensAt(when))
			require.True(t, l.AllowN(when, 0))
		}
	})
	t.Run("huge rates", func(t *testing.T) {
		for _, rate := range []ratelimit.Limit{1e9, 1.5e9, 1e12, 1e18, 1e30, ratelimit.Inf / 2} {
			l := ratelimit.NewLimiter(rate, 3)
			for i := range 100 {
				when := origin.Add(time.Duration(i) * time.Hour)
				require.True(t, l.AllowN(when, 3), "%v/s, %d", rate, i)
				require.False(t, l.AllowN(when, 1), "%v/s, %d", rate, i)
			}
		}
	})
	t.Run("huge burst", func(t *testing.T) {
		for _, rate := range []ratelimit.Limit{0, 1e-9, 1, 1e9, 1e30} {
			l := ratelimit.NewLimiter(rate, math.MaxInt)
			require.Equal(t, math.MaxInt, l.Burst())
			require.True(t, l.AllowN(origin, 1e9))
			require.True(t, l.AllowN(origin, math.MaxInt/8))
			l = ratelimit.NewLimiter(rate, math.MaxInt)
			require.True(t, l.AllowN(origin, math.MaxInt))
			require.False(t, l.AllowN(origin, math.MaxInt))
			require.False(t, l.AllowN(origin, 1))
		}
	})
	t.Run("huge n", func(t *testing.T) {
		l := ratelimit.NewLimiter(10, 3)
		for _, n := range []int{4, math.MaxInt32, math.MaxInt, -1, math.MinInt} {
			require.False(t, l.AllowN(origin, n), "%d", n)
			require.False(t, l.ReserveN(origin, n).OK(), "%d", n)
		}
		require.Equal(t, 3.0, l.TokensAt(origin))
	})
	t.Run("years idle", func(t *testing.T) {
		for _, rate := range []ratelimit.Limit{1e-9, 0.1, 10, 1e6, 1e9, 1e15} {
			l := ratelimit.NewLimiter(rate, 3)
			for i := range 30 {
				require.True(t, l.AllowN(centuries(i*i), 3), "%v/s, century %d", rate, i*i)
				require.False(t, l.AllowN(centuries(i*i), 1), "%v/s, century %d", rate, i*i)
			}
		}
	})
	t.Run("before the limiter was made", func(t *testing.T) {
		for _, when := range []time.Time{{}, time.Unix(0, 0), centuries(-3)} {
			l := ratelimit.NewLimiter(1e6, 3)
			require.Equal(t, 3.0, l.TokensAt(when))
			require.True(t, l.AllowN(when, 2))
			require.Equal(t, 1.0, l.TokensAt(when))
			require.True(t, l.AllowN(when.Add(time.Microsecond), 2))
			require.False(t, l.AllowN(when.Add(time.Microsecond), 1))
			require.True(t, l.Allow(), "now")
		}
	})
	t.Run("long ago gives nothing back", func(t *testing.T) {
		l := ratelimit.NewLimiter(0.001, 3)
		require.True(t, l.AllowN(origin, 3))
		for _, when := range []time.Time{{}, time.Unix(0, 0), centuries(-4)} {
			require.False(t, l.AllowN(when, 1))
			l.SetLimitAt(when, 0.001)
			require.Negative(t, l.TokensAt(when))
			require.False(t, l.AllowN(origin, 1))
		}
	})
	t.Run("a look into the future changes nothing", func(t *testing.T) {
		l := ratelimit.NewLimiter(10, 3)
		require.True(t, l.AllowN(origin, 3))
		require.Equal(t, 3.0, l.TokensAt(centuries(40)))
		require.True(t, l.AllowN(origin.Add(tick), 1))
	})
	t.Run("reserved for years", func(t *testing.T) {
		var l *ratelimit.Limiter
		for i := range 1000 {
			l = ratelimit.NewLimiter(ratelimit.Every(year), 1)
			start := origin.Add(time.Duration(i) * 1234567890123)
			for i := range 10 {
				require.Equal(t, time.Duration(i)*year, l.ReserveN(start, 1).DelayFrom(start))
			}
		}
		ok, booked := true, 0
		for ; ok && booked < 10000; booked++ {
			r := l.ReserveN(origin, 1)
			ok = r.OK()
			require.Greater(t, r.DelayFrom(origin), 9*year)
		}
		require.False(t, ok, "some time it is too far")
	})
}
