package adapt_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/internal/adapt"
	"github.com/thence-go/thence/internal/race"
)

const unlimited = 1 << 20

// The limit is never below the knee, which would waste the server, and not far
// above, which would only fill its line.
func requireAtKnee(t *testing.T, knee, least, most int) {
	t.Helper()
	require.GreaterOrEqual(t, least, knee)
	require.LessOrEqual(t, most, knee*7/5+8)
}

// share is how much of what the server can do, it did since before.
func share(s *server, before int, d time.Duration) float64 {
	return float64(s.done-before) * s.slow / (float64(s.knee) * d.Seconds() / s.base.Seconds())
}

// From below and from above, with and without noise, the limit finds the knee,
// and is still there after 5000 round trips: it does not creep.
func TestFindsTheKneeAndStays(t *testing.T) {
	for _, c := range []struct{ knee, initial int }{
		{5, 1}, {5, 50}, {20, 5}, {20, 200}, {100, 1}, {100, 1000}, {300, 10},
	} {
		if race.Enabled && c.knee > 20 {
			continue // millions of samples of one goroutine
		}
		for _, noise := range []float64{0, 0.2} {
			t.Run(fmt.Sprint(c.knee, " from ", c.initial, " noise ", noise), func(t *testing.T) {
				s := newServer(c.knee, unlimited, adapt.New(1, 10000, c.initial))
				s.noise = noise
				s.run(20 * time.Second)
				before := s.done
				least, most := s.run(50 * time.Second)
				requireAtKnee(t, c.knee, least, most)
				require.InDelta(t, 1, share(s, before, 50*time.Second), 0.01, "measuring costs less than 1 %")
			})
		}
	}
}

// A slow-down that load has not caused is recognized within a few windows, so
// that the limit does not stay low while it lasts; and when it is over, the limit
// is at the knee, not above.
func TestSlowDown(t *testing.T) {
	for _, slow := range []float64{1.5, 5} {
		s := newServer(100, unlimited, adapt.New(1, 1000, 20))
		s.noise = 0.2
		s.run(30 * time.Second)
		s.slow = slow
		_, most := s.run(2 * time.Second)
		requireAtKnee(t, 100, 100, most)
		before := s.done
		least, most := s.run(20 * time.Second)
		requireAtKnee(t, 100, least, most)
		require.InDelta(t, 1, share(s, before, 20*time.Second), 0.03)

		s.slow = 1
		_, most = s.run(4 * time.Second)
		require.LessOrEqual(t, most, 200, "it does not shoot far over")
		before = s.done
		least, most = s.run(20 * time.Second)
		requireAtKnee(t, 100, least, most)
		require.InDelta(t, 1, share(s, before, 20*time.Second), 0.02)
	}
}

// A server that loses most of its capacity, and gets it back.
func TestTheKneeMoves(t *testing.T) {
	s := newServer(100, unlimited, adapt.New(1, 1000, 20))
	s.noise = 0.2
	for _, knee := range []int{100, 20, 100, 300} {
		s.knee = knee
		s.run(30 * time.Second)
		least, most := s.run(10 * time.Second)
		requireAtKnee(t, knee, least, most)
	}
}

// Less than half of the limit in use, latency as it may be: it does not grow.
func TestDoesNotGrowWhenIdle(t *testing.T) {
	for offered := 1; offered < 50; offered += 8 {
		s := newServer(1000, offered, adapt.New(1, 1000, 100))
		s.noise = 0.2
		_, most := s.run(100 * time.Second)
		require.LessOrEqual(t, most, 100, "%d offered", offered)
	}
	s := newServer(1000, 60, adapt.New(1, 1000, 100))
	_, most := s.run(100 * time.Second)
	require.InDelta(t, 120, most, 12, "to twice of what is in use, and a step")
}

func TestDroppedShrinksAtOnce(t *testing.T) {
	l := adapt.New(5, 1000, 100)
	require.Equal(t, 90, l.Sample(0, 100, adapt.Dropped))
	for range 100 { // what was in flight with it
		require.Equal(t, 90, l.Sample(0, 90, adapt.Dropped))
	}
	require.Equal(t, 81, l.Sample(0, 90, adapt.Dropped))
	for range 10000 {
		l.Sample(0, l.Limit(), adapt.Dropped)
	}
	require.Equal(t, 5, l.Limit(), "the least there may be")
}

// A server without a line turns away what it has no room for: the limit stays
// about there, as a saw.
func TestDroppedFindsTheRoom(t *testing.T) {
	s := newServer(1000, unlimited, adapt.New(1, 1000, 20))
	s.room = 100
	s.run(20 * time.Second)
	least, most := s.run(100 * time.Second)
	require.GreaterOrEqual(t, least, 80)
	require.LessOrEqual(t, most, 112)
}

// What is ignored has no say, neither with its latency nor with its number.
func TestIgnored(t *testing.T) {
	l := adapt.New(1, 1000, 10)
	for range 10000 {
		require.Equal(t, 10, l.Sample(time.Hour, 10, adapt.Ignore))
	}
	s := newServer(100, unlimited, l)
	s.ignore = 3
	s.run(40 * time.Second)
	least, most := s.run(20 * time.Second)
	requireAtKnee(t, 100, least, most)
}

// Whatever it is told, it stays within its bounds, and a step is never more than
// the rule allows.
func TestBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lowest := rapid.IntRange(1, 50).Draw(t, "lowest")
		highest := lowest + rapid.IntRange(0, 200).Draw(t, "more")
		l := adapt.New(lowest, highest, rapid.IntRange(-5, 500).Draw(t, "initial"))
		latency := rapid.SampledFrom([]time.Duration{-1, 0, 1, time.Millisecond, time.Hour, math.MaxInt64})
		for range rapid.IntRange(1, 200).Draw(t, "rounds") {
			rtt, inFlight := latency.Draw(t, "rtt"), rapid.IntRange(-1, 300).Draw(t, "in flight")
			o := adapt.Outcome(rapid.IntRange(0, 2).Draw(t, "outcome"))
			for range rapid.IntRange(1, 80).Draw(t, "samples") {
				was := l.Limit()
				now := l.Sample(rtt, inFlight, o)
				if now != l.Limit() || now < lowest || now > highest {
					t.Fatalf("%d, %d of %d to %d", now, l.Limit(), lowest, highest)
				}
				if 4*now < was-4 && now > lowest { // a half for the rule, and one to measure
					t.Fatalf("from %d to %d in a step", was, now)
				}
			}
		}
	})
}

func TestMistakes(t *testing.T) {
	for _, c := range [][2]int{{0, 1}, {-1, 5}, {5, 4}} {
		require.PanicsWithValue(t, fmt.Sprintf("adapt: New needs 1 <= lowest <= highest, got %d and %d", c[0], c[1]),
			func() { adapt.New(c[0], c[1], 1) })
	}
}

func TestLaw13_Allocations(t *testing.T) {
	l := adapt.New(1, 100, 10)
	require.Zero(t, testing.AllocsPerRun(10000, func() { l.Sample(time.Millisecond, 10, adapt.Success) }))
}
