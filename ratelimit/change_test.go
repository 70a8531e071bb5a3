package ratelimit_test

import (
	"context"
	"math/big"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/ratelimit"
)

// changing is the bucket of the textbook, in tokens that do not round, whose
// rate may change.
type changing struct {
	tokens, rate *big.Rat // rate: tokens a nanosecond
	burst, now   int64
}

func (b *changing) until(now int64) {
	come := new(big.Rat).Mul(b.rate, big.NewRat(now-b.now, 1))
	b.tokens.Add(b.tokens, come)
	b.now = now
	b.cut()
}

func (b *changing) cut() {
	if most := big.NewRat(b.burst, 1); b.tokens.Cmp(most) > 0 {
		b.tokens.Set(most)
	}
}

// due returns the first nanosecond at which there are n tokens.
func (b *changing) due(n int64) int64 {
	missing := new(big.Rat).Sub(big.NewRat(n, 1), b.tokens)
	if missing.Sign() <= 0 {
		return b.now
	}
	missing.Quo(missing, b.rate)
	up := new(big.Int).Add(missing.Num(), new(big.Int).Sub(missing.Denom(), big.NewInt(1)))
	return b.now + up.Div(up, missing.Denom()).Int64()
}

// Every decision around every change of the rate, however many there are and
// however far apart the rates: no token is a nanosecond early, and none late.
func TestSetLimitAgainstExactModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		burst := rapid.Int64Range(1, 20).Draw(t, "burst")
		decimal := rapid.Bool().Draw(t, "decimal")
		draw := func() (ratelimit.Limit, *big.Rat) {
			if decimal {
				interval := rapid.SampledFrom([]int64{1, 10, 1e3, 1e6, 5e6, 1e8, 25e7, 1e9, 1e10}).Draw(t, "interval")
				return ratelimit.Every(time.Duration(interval)), big.NewRat(1, interval)
			}
			interval := rapid.OneOf(rapid.Int64Range(1, 100), rapid.Int64Range(1, 1e7), rapid.Int64Range(1, 1e12)).Draw(t, "interval")
			tokens := rapid.SampledFrom([]int64{1, 1, 3, 7, 10}).Draw(t, "tokens")
			return ratelimit.Limit(float64(tokens) / float64(interval) * 1e9), big.NewRat(tokens, interval)
		}
		limit, rate := draw()
		l := ratelimit.NewLimiter(limit, int(burst))
		b := &changing{tokens: big.NewRat(burst, 1), rate: rate, burst: burst}
		set := func(limit ratelimit.Limit, rate *big.Rat) {
			l.SetLimitAt(origin.Add(time.Duration(b.now)), limit)
			b.rate = rate
		}
		// take takes n when they are due, if not at once.
		take := func(n int64) {
			due := b.due(n)
			if due > b.now {
				require.False(t, l.AllowN(origin.Add(time.Duration(due-1)), int(n)), "%d, a nanosecond early", n)
			}
			require.True(t, l.AllowN(origin.Add(time.Duration(due)), int(n)), "%d, late", n)
			b.until(due)
			b.tokens.Sub(b.tokens, big.NewRat(n, 1))
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			b.until(b.now + rapid.Int64Range(0, 3e9).Draw(t, "ahead"))
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0:
				set(draw())
			case 1: // there and back
				was, wasRate := l.Limit(), b.rate
				other, otherRate := draw()
				for range rapid.IntRange(1, 30).Draw(t, "trips") {
					set(other, otherRate)
					set(was, wasRate)
				}
			case 2:
				b.burst = rapid.Int64Range(1, 20).Draw(t, "burst")
				b.cut()
				l.SetBurstAt(origin.Add(time.Duration(b.now)), int(b.burst))
			default:
				take(rapid.Int64Range(1, b.burst).Draw(t, "n"))
			}
		}
		take(b.burst)
	})
}

func TestSlowerLimitLetsNothingThroughEarly(t *testing.T) {
	for name, c := range map[string]struct{ from, to time.Duration }{
		"1e9/s to 1/s":      {1, time.Second},
		"1e6/s to 1/s":      {time.Microsecond, time.Second},
		"1000/s to 4/s":     {time.Millisecond, 250 * time.Millisecond},
		"7 ns to an hour":   {7, time.Hour},
		"1/s to 1/s":        {time.Second, time.Second},
		"333 ns to 1 s+1ns": {333, time.Second + 1},
	} {
		t.Run(name, func(t *testing.T) {
			for when := range 50 { // wherever the moment lies on the scale
				start := origin.Add(time.Duration(when) * 12345678901)
				l := ratelimit.NewLimiter(ratelimit.Every(c.from), 8)
				require.True(t, l.AllowN(start, 8))
				l.SetLimitAt(start, ratelimit.Every(c.to))
				require.Zero(t, l.TokensAt(start))
				require.False(t, l.AllowN(start.Add(c.to-1), 1))
				require.True(t, l.AllowN(start.Add(c.to), 1))
			}
		})
	}
}

func TestRoundTripsMintNothing(t *testing.T) {
	for name, limits := range map[string][]ratelimit.Limit{
		"far apart":     {1000, 1e9},
		"further apart": {1, 1e9},
		"thirds":        {3, 7},
		"odd":           {999983, 1.5},
		"odder":         {1234.5678, 1e8 / 3.3},
		"the same":      {10, 10},
		"three":         {3, 1e9},
		"a pause":       {1e6, 0},
	} {
		t.Run(name, func(t *testing.T) {
			for _, taken := range []int{50, 100} {
				l := ratelimit.NewLimiter(limits[0], 100)
				require.True(t, l.AllowN(origin, taken))
				for range 5000 {
					for i := range limits {
						l.SetLimitAt(origin, limits[(i+1)%len(limits)])
					}
				}
				require.InDelta(t, 100-taken, l.TokensAt(origin), 1e-9)
			}
		})
	}
}

// What is beyond the burst by less than a unit is not kept, either.
func TestNothingBeyondTheBurstIsKept(t *testing.T) {
	l := ratelimit.NewLimiter(ratelimit.Every(10), 1)
	require.True(t, l.AllowN(origin, 1))
	l.SetLimitAt(origin.Add(1), ratelimit.Every(1)) // 1.1 tokens a nanosecond later
	require.True(t, l.AllowN(origin.Add(2), 1))
	l.SetLimitAt(origin.Add(2), ratelimit.Every(10))
	require.False(t, l.AllowN(origin.Add(11), 1))
	require.True(t, l.AllowN(origin.Add(12), 1))
}

// Three a second is no whole number of nanoseconds, but exact.
func TestThirdsAreExact(t *testing.T) {
	for when := range 50 {
		start := origin.Add(time.Duration(when) * 12345678901)
		l := ratelimit.NewLimiter(3, 2)
		require.True(t, l.AllowN(start, 2))
		l.SetLimitAt(start, ratelimit.Every(1000*time.Hour))
		require.Zero(t, l.TokensAt(start))
		require.False(t, l.AllowN(start.Add(1000*time.Hour-1), 1))
		require.True(t, l.AllowN(start.Add(1000*time.Hour), 1))
	}
}

// A bucket that filled up after a change starts afresh.
func TestFullAfterAChangeIsWhole(t *testing.T) {
	l := ratelimit.NewLimiter(ratelimit.Every(7), 5)
	require.True(t, l.AllowN(origin, 5))
	l.SetLimitAt(origin.Add(3), ratelimit.Every(11)) // 3/7 of a token
	start := origin.Add(time.Second)
	require.True(t, l.AllowN(start, 5), "full")
	require.False(t, l.AllowN(start.Add(10), 1))
	l.SetLimitAt(start, ratelimit.Every(time.Hour))
	require.False(t, l.AllowN(start.Add(time.Hour-1), 1))
	require.True(t, l.AllowN(start.Add(time.Hour), 1))

	l.SetLimitAt(start.Add(time.Hour+3), ratelimit.Every(11))
	start = start.Add(2 * time.Hour)
	require.Zero(t, l.ReserveN(start, 5).DelayFrom(start), "full")
	require.Equal(t, 11*time.Nanosecond, l.ReserveN(start, 1).DelayFrom(start))
}

func TestReservationHoldsOnlyItsOwnBucket(t *testing.T) {
	l := ratelimit.NewLimiter(10, 1)
	first := l.ReserveN(origin, 1)
	r := l.ReserveN(origin, 1)
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	for i := range 20_000 {
		l.SetLimitAt(origin, ratelimit.Limit(11-i%2))
	}
	require.Less(t, heap()-before, int64(500_000))

	require.Equal(t, -1.0, l.TokensAt(origin))
	r.CancelAt(origin)
	require.Equal(t, 0.0, l.TokensAt(origin), "it can still be given back")
	runtime.KeepAlive(first)
}

// A reservation that was made before several changes gives back what it took,
// to the one who waits behind it.
func TestCancelAfterManyChanges(t *testing.T) {
	play(t, ratelimit.Every(7*time.Millisecond), 3, func(s *scene) {
		s.l.AllowN(time.Now(), 3)
		r := s.l.ReserveN(time.Now(), 3)
		s.wait("a", 2)
		s.wait("b", 1)
		for i := range 1000 {
			s.l.SetLimit(ratelimit.Every(time.Duration(1+i*i) * time.Microsecond))
		}
		s.l.SetLimit(10)
		r.Cancel()
		s.then("a at 200ms", "b at 300ms")
	})
}

// The limit of Inf forgets what is owed.
func TestInfForgetsDebts(t *testing.T) {
	l := ratelimit.NewLimiter(10, 2)
	for range 5 {
		l.ReserveN(origin, 1)
	}
	r := l.ReserveN(origin, 1)
	l.SetLimitAt(origin, ratelimit.Inf)
	free := l.ReserveN(origin, 1)
	l.SetLimitAt(origin, 10)
	require.Equal(t, 2.0, l.TokensAt(origin), "full")
	require.True(t, l.AllowN(origin, 2))
	r.CancelAt(origin)
	free.CancelAt(origin)
	require.Equal(t, 0.0, l.TokensAt(origin), "given back already")
}

// A reservation that is canceled at the very moment that it is due, after a
// change of the rate that must not have moved that moment.
func TestCancelAtTheMomentItIsDue(t *testing.T) {
	l := ratelimit.NewLimiter(1000, 8)
	require.True(t, l.AllowN(origin, 8))
	l.SetLimitAt(origin, 4)
	r := l.ReserveN(origin, 8)
	due := origin.Add(2 * time.Second)
	require.Equal(t, due.Sub(origin), r.DelayFrom(origin))
	r.CancelAt(due)
	require.Equal(t, 8.0, l.TokensAt(due))
}

// Reservations that are canceled last first leave nothing behind.
func TestCancelLastFirst(t *testing.T) {
	l := ratelimit.NewLimiter(8, 8)
	require.True(t, l.AllowN(origin, 8))
	var rs []*ratelimit.Reservation
	for n := range 6 {
		rs = append(rs, l.ReserveN(origin.Add(time.Duration(n)), n+1))
	}
	for i := range rs {
		rs[len(rs)-1-i].CancelAt(origin.Add(10))
	}
	require.True(t, l.AllowN(origin.Add(time.Second), 8))
}

func TestEndedContextIsRefusedEvenIfATokenIsThere(t *testing.T) {
	play(t, 10, 1, func(s *scene) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		var stopped *ratelimit.WaitError
		require.ErrorAs(t, s.l.Wait(ctx), &stopped)
		require.Equal(t, 1.0, s.l.Tokens())
	})
}
