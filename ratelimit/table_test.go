package ratelimit_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/ratelimit"
)

// The cases of this file are those that the tests of x/time/rate settle, in
// tenths of a second; bench/ratelimit_cases_test.go has the table of which of
// its tests is covered where, here or in the files beside this one. Where x/time/rate's own answer lets too much through,
// because a timestamp went backwards, the right one stands here, and why.

const tick = 100 * time.Millisecond

var origin = time.Now()

func at(ticks float64) time.Time { return origin.Add(time.Duration(ticks * float64(tick))) }

// step is a call at a time, and what it finds and does.
type step struct {
	at     float64
	tokens float64
	n      int
	ok     bool
}

func allow(t *testing.T, l *ratelimit.Limiter, steps ...step) {
	t.Helper()
	for i, s := range steps {
		require.Equal(t, s.tokens, l.TokensAt(at(s.at)), "step %d: tokens at %v", i, s.at)
		require.Equal(t, s.ok, l.AllowN(at(s.at), s.n), "step %d: %d at %v", i, s.n, s.at)
	}
}

func TestAllowTable(t *testing.T) {
	for name, c := range map[string]struct {
		burst int
		steps []step
	}{
		"burst 1": {1, []step{
			{0, 1, 1, true}, {0, 0, 1, false}, {0, 0, 1, false},
			{1, 1, 1, true}, {1, 0, 1, false},
			{2, 1, 2, false}, // more than the burst, whatever is there
			{2, 1, 1, true}, {2, 0, 1, false},
		}},
		"burst 3": {3, []step{
			{0, 3, 2, true}, {0, 1, 2, false}, {0, 1, 1, true}, {0, 0, 1, false},
			{1, 1, 4, false},
			{2, 2, 1, true}, {3, 2, 1, true}, {4, 2, 1, true}, {4, 1, 1, true}, {4, 0, 1, false},
			{9, 3, 3, true}, {9, 0, 0, true}, // full, not fuller
		}},
		"parts of a token": {1, []step{
			{0, 1, 1, true}, {0.5, 0.5, 1, false}, {0.75, 0.75, 1, false}, {1, 1, 1, true},
		}},
		"backwards": {3, []step{
			{1, 3, 1, true},
			{0, 1, 1, true}, // x/time/rate: 2, one of which came in after 0
			{0, 0, 1, false},
			{1, 1, 1, true}, {1, 0, 1, false},
			{2, 1, 1, true}, {2, 0, 1, false},
		}},
	} {
		t.Run(name, func(t *testing.T) { allow(t, ratelimit.NewLimiter(10, c.burst), c.steps...) })
	}
}

// book reserves n at a time and expects to be told to act at another.
func book(t *testing.T, l *ratelimit.Limiter, when float64, n int, act float64) *ratelimit.Reservation {
	t.Helper()
	r := l.ReserveN(at(when), n)
	require.True(t, r.OK())
	require.Equal(t, at(act).Sub(at(when)), r.DelayFrom(at(when)), "%d at %v: act at %v", n, when, act)
	return r
}

func refuse(t *testing.T, l *ratelimit.Limiter, when float64, n int) *ratelimit.Reservation {
	t.Helper()
	r := l.ReserveN(at(when), n)
	require.False(t, r.OK())
	require.Equal(t, ratelimit.InfDuration, r.DelayFrom(at(when)))
	require.Equal(t, ratelimit.InfDuration, r.Delay())
	return r
}

func TestReserveTable(t *testing.T) {
	type limiter = ratelimit.Limiter
	for name, c := range map[string]struct {
		limit ratelimit.Limit
		burst int
		run   func(*testing.T, *limiter)
	}{
		"simple": {10, 2, func(t *testing.T, l *limiter) {
			book(t, l, 0, 2, 0)
			book(t, l, 0, 2, 2)
			book(t, l, 3, 2, 4)
		}},
		"mixed with Allow": {10, 2, func(t *testing.T, l *limiter) {
			refuse(t, l, 0, 3)
			book(t, l, 0, 2, 0)
			allow(t, l, step{1, 1, 2, false})
			book(t, l, 1, 2, 2)
			allow(t, l, step{1, -1, 1, false}, step{3, 1, 1, true})
		}},
		"cancel what was refused": {10, 2, func(t *testing.T, l *limiter) {
			book(t, l, 0, 2, 0)
			refuse(t, l, 0, 3).CancelAt(at(0))
			book(t, l, 0, 2, 2)
		}},
		"cancel the last": {10, 2, func(t *testing.T, l *limiter) {
			book(t, l, 0, 2, 0)
			r := book(t, l, 0, 2, 2)
			r.CancelAt(at(1))
			book(t, l, 1, 2, 2)
			r.CancelAt(at(1)) // again: nothing
			book(t, l, 1, 1, 3)
		}},
		"cancel what need not wait": {10, 10, func(t *testing.T, l *limiter) {
			r := book(t, l, 0, 1, 0)
			book(t, l, 0, 5, 0)
			r.CancelAt(at(0))
			allow(t, l, step{0, 5, 0, true})
		}},
		"cancel too late": {10, 2, func(t *testing.T, l *limiter) {
			book(t, l, 0, 2, 0)
			r := book(t, l, 0, 2, 2)
			r.CancelAt(at(3))
			book(t, l, 3, 2, 4)
		}},
		"cancel, all spent by a later one": {10, 2, func(t *testing.T, l *limiter) {
			book(t, l, 0, 2, 0)
			r := book(t, l, 0, 1, 1)
			book(t, l, 0, 1, 2)
			r.CancelAt(at(0))
			book(t, l, 0, 1, 3)
		}},
		"cancel, one of two spent by a later one": {10, 2, func(t *testing.T, l *limiter) {
			book(t, l, 0, 2, 0)
			r := book(t, l, 0, 2, 2)
			book(t, l, 0, 1, 3)
			r.CancelAt(at(2))
			book(t, l, 2, 2, 4)
		}},
		"cancel two": {10, 4, func(t *testing.T, l *limiter) {
			book(t, l, 0, 4, 0)
			first := book(t, l, 0, 3, 3)
			book(t, l, 0, 1, 4)
			last := book(t, l, 0, 1, 5)
			last.CancelAt(at(1))
			first.CancelAt(at(1))
			book(t, l, 1, 3, 5)
		}},
		"backwards": {10, 2, func(t *testing.T, l *limiter) {
			book(t, l, 1, 2, 1)
			book(t, l, 0, 1, 2) // x/time/rate: 1, for the third
			book(t, l, 2, 2, 4) // x/time/rate: 3
			refuse(t, l, 0, 3)
			book(t, l, 2, 1, 5)
		}},
		"cancel backwards": {10, 2, func(t *testing.T, l *limiter) {
			book(t, l, 1, 2, 1)
			r := book(t, l, 1, 2, 3)
			book(t, l, 1, 1, 4)
			r.CancelAt(at(0))
			book(t, l, 1, 2, 5) // x/time/rate: 4
		}},
		"set limit": {5, 2, func(t *testing.T, l *limiter) {
			book(t, l, 0, 2, 0)
			book(t, l, 0, 2, 4)
			l.SetLimitAt(at(2), 10)
			book(t, l, 2, 1, 4)
		}},
		"set burst": {5, 2, func(t *testing.T, l *limiter) {
			book(t, l, 0, 2, 0)
			book(t, l, 0, 2, 4)
			l.SetBurstAt(at(3), 4)
			book(t, l, 0, 4, 12) // x/time/rate: 9, for the time since 0 twice
		}},
		"set limit, then cancel": {5, 2, func(t *testing.T, l *limiter) {
			book(t, l, 0, 2, 0)
			r := book(t, l, 0, 2, 4)
			l.SetLimitAt(at(2), 10)
			r.CancelAt(at(2))
			book(t, l, 2, 2, 3)
		}},
		"set limit to none and back, then cancel": {5, 2, func(t *testing.T, l *limiter) {
			book(t, l, 0, 2, 0)
			r := book(t, l, 0, 2, 4)
			l.SetLimitAt(at(2), ratelimit.Inf)
			r.CancelAt(at(2))
			l.SetLimitAt(at(2), 10)
			r.CancelAt(at(2))
			allow(t, l, step{2, 2, 2, true}, step{2, 0, 1, false})
		}},
	} {
		t.Run(name, func(t *testing.T) { c.run(t, ratelimit.NewLimiter(c.limit, c.burst)) })
	}
}

func TestEvery(t *testing.T) {
	for interval, want := range map[time.Duration]ratelimit.Limit{
		0: ratelimit.Inf, -1: ratelimit.Inf,
		1: 1e9, time.Microsecond: 1e6, time.Millisecond: 1e3, 10 * time.Millisecond: 100,
		tick: 10, time.Second: 1, 2 * time.Second: 0.5, 2500 * time.Millisecond: 0.4,
		4 * time.Second: 0.25, 10 * time.Second: 0.1,
		math.MaxInt64: ratelimit.Limit(1e9 / float64(math.MaxInt64)),
	} {
		got := ratelimit.Every(interval)
		require.InEpsilon(t, float64(want), float64(got), 1e-9, "%v", interval)
	}
	require.NotEqual(t, ratelimit.Inf, ratelimit.Limit(10))
}

func TestSetBurstKeepsTheTokens(t *testing.T) {
	l := ratelimit.NewLimiter(10, 1)
	l.SetBurstAt(at(0), 5)
	require.Equal(t, 5, l.Burst())
	require.Equal(t, 1.0, l.TokensAt(at(0)), "a greater burst fills in time")
	require.Equal(t, 4.0, l.TokensAt(at(3)))
	l.SetBurstAt(at(3), 2)
	require.Equal(t, 2.0, l.TokensAt(at(3)))
	l.SetLimitAt(at(3), 1)
	require.Equal(t, ratelimit.Limit(1), l.Limit())
	allow(t, l, step{3, 2, 2, true}, step{8, 0.5, 1, false}, step{13, 1, 1, true})
}

// Asked five times as often as it grants, it grants all that it should, and not
// one more: the burst, and what came in.
func TestLongRun(t *testing.T) {
	const limit, burst, seconds = 100, 40, 7
	l := ratelimit.NewLimiter(limit, burst)
	let := 0
	for i := range 500*seconds + 1 {
		if l.AllowN(at(0.02*float64(i)), 1) {
			let++
		}
	}
	require.Equal(t, burst+limit*seconds, let)
}

// Waits that may take only so long, in virtual time. Who is refused, or gives
// up, has changed nothing for those who come after.
func TestWaitUntilTable(t *testing.T) {
	type call struct {
		at     float64 // when it begins
		n      int
		within float64 // ends its context; 0: nothing does
		cancel bool    // by a cancel, not by a deadline
		ok     bool
		until  float64 // when it returns
	}
	for name, c := range map[string]struct {
		burst int
		calls []call
	}{
		"a turn that comes in time": {2, []call{{n: 2, within: 1, ok: true}, {n: 1, within: 1, ok: true, until: 1}}},
		"a turn that does not":      {2, []call{{n: 2, ok: true}, {n: 1, ok: true, until: 1}, {at: 1, n: 2, within: 1.99, until: 1}}},
		"for nothing":               {2, []call{{n: 2, ok: true}, {n: 2, within: 1, until: 0}, {n: 1, ok: true, until: 1}}},
		"again and again for nothing": {2, []call{
			{n: 2, ok: true}, {n: 2, within: 1}, {n: 2, within: 1}, {n: 2, within: 1}, {n: 2, ok: true, until: 2},
		}},
		"what need not wait has time": {3, []call{{n: 2, within: 1, ok: true}, {n: 3, within: 1}, {n: 1, within: 1, ok: true}}},
		"given up": {3, []call{
			{n: 2, ok: true}, {n: 3, within: 1, cancel: true, until: 1}, {at: 1, n: 2, ok: true, until: 1}, {at: 1, n: 1, ok: true, until: 2},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, 10, c.burst, func(s *scene) {
				for i, call := range c.calls {
					s.until(call.at)
					ctx, end := context.WithCancel(s.Context())
					within := time.Duration(call.within * float64(tick))
					switch {
					case call.cancel:
						time.AfterFunc(within, end)
					case within > 0:
						ctx, end = context.WithTimeout(s.Context(), within)
					}
					err := s.l.WaitN(ctx, call.n)
					end()
					require.Equal(t, call.ok, err == nil, "call %d: %v", i, err)
					require.Equal(t, time.Duration(call.until*float64(tick)), s.now(), "call %d", i)
				}
			})
		})
	}
}

// A rate whose interval is no whole number of a float's nanoseconds.
func TestNoTruncation(t *testing.T) {
	require.True(t, ratelimit.NewLimiter(0.7692307692307693, 1).Allow())
}

func TestInfAllowsAll(t *testing.T) {
	for _, l := range []*ratelimit.Limiter{
		ratelimit.NewLimiter(ratelimit.Inf, 0),
		ratelimit.NewLimiter(ratelimit.Limit(math.Inf(1)), 0),
	} {
		require.Equal(t, ratelimit.Inf, l.Limit())
		for range 100 {
			require.True(t, l.Allow())
			require.True(t, l.AllowN(at(0), math.MaxInt))
			require.NoError(t, l.WaitN(t.Context(), math.MaxInt))
			require.Zero(t, l.ReserveN(at(0), 5).DelayFrom(at(0)))
		}
		require.False(t, l.AllowN(at(0), -1))
		require.Zero(t, l.Tokens())
	}
}
