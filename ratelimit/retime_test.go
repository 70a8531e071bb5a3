package ratelimit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/ratelimit"
)

func TestSetLimitRetimesSleepers(t *testing.T) {
	for name, c := range map[string]struct {
		at    float64
		limit ratelimit.Limit
		want  []string
	}{
		"faster":  {0.4, 20, []string{"a at 70ms", "b at 170ms", "c at 320ms"}},
		"slower":  {0.5, 1, []string{"a at 550ms", "b at 2.55s", "c at 5.55s"}},
		"between": {1, 5, []string{"a at 100ms", "b at 500ms", "c at 1.1s"}},
		"none":    {2, ratelimit.Inf, []string{"a at 100ms", "b at 200ms", "c at 200ms"}},
		"a tick":  {0.5, ratelimit.Every(time.Microsecond), []string{"a at 50.0005ms", "b at 50.0025ms", "c at 50.0055ms"}},
		"thirds":  {0.5, ratelimit.Every(30 * time.Millisecond), []string{"a at 65ms", "b at 125ms", "c at 215ms"}},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, 10, 3, func(s *scene) {
				s.l.AllowN(time.Now(), 3)
				s.wait("a", 1)
				s.wait("b", 2)
				s.wait("c", 3)
				s.until(c.at)
				s.l.SetLimit(c.limit)
				require.Equal(t, c.limit, s.l.Limit())
				s.then(c.want...)
			})
		})
	}
}

func TestZeroLimitIsAPause(t *testing.T) {
	play(t, 10, 1, func(s *scene) {
		s.l.Allow()
		s.wait("a", 1)
		s.wait("b", 1)
		s.until(0.5)
		s.l.SetLimit(0)
		s.wait("c", 1)
		giveUp := s.wait("d", 1)
		s.until(1e9)
		giveUp()
		s.until(2e9)
		require.False(t, s.l.Allow())
		require.Equal(t, -2.5, s.l.Tokens())
		s.start = time.Now()
		s.l.SetLimit(10)
		s.then("a at 50ms", "b at 150ms", "c at 250ms", "d gave up at 27777h46m40s")
	})
}

// A bucket that starts at no rate, and is given one later.
func TestSetLimitAfterZero(t *testing.T) {
	play(t, 0, 1, func(s *scene) {
		require.True(t, s.l.Allow(), "full at first")
		require.False(t, s.l.Allow())
		s.until(50)
		s.l.SetLimit(10)
		s.start = time.Now()
		s.wait("a", 1)
		s.then("a at 100ms")
	})
}

func TestSetBurstRefusesSleepersWhoWantMore(t *testing.T) {
	play(t, 10, 3, func(s *scene) {
		s.l.AllowN(time.Now(), 3)
		s.wait("a", 1)
		s.wait("b", 3)
		s.wait("c", 1)
		s.wait("d", 3)
		s.until(0.5)
		s.l.SetBurst(2)
		s.then("b refused at 50ms", "d refused at 50ms", "a at 100ms", "c at 200ms")
		require.Zero(t, s.l.Tokens())
		s.until(100)
		require.Equal(t, 2.0, s.l.Tokens())
	})
}

// Thousands of changes hardly move what is owed: each is off by less than a
// nanosecond of its rate.
func TestManyRetimes(t *testing.T) {
	play(t, 10, 5, func(s *scene) {
		s.l.AllowN(time.Now(), 5)
		s.wait("a", 1)
		for i := range 1000 {
			s.l.SetLimit(ratelimit.Limit(1 + i*i%7919))
			s.l.SetBurst(1 + i%1000)
		}
		s.l.SetLimit(10)
		s.wg.Wait()
		require.InEpsilon(t, float64(tick), float64(s.now()), 1e-3)
	})
}

// SetLimit and SetBurst against the bucket of the textbook, in tokens: each
// change may round by what comes in in a nanosecond.
func TestRetimeAgainstNaiveModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := func() float64 {
			return rapid.SampledFrom([]float64{0, 0.5, 1, 10, 64, 1000, 1e6, 1e9}).Draw(t, "limit")
		}
		rate, burst := limit(), rapid.IntRange(0, 50).Draw(t, "burst")
		l, tokens, now := ratelimit.NewLimiter(ratelimit.Limit(rate), burst), float64(burst), origin
		delta := 1e-6
		for range rapid.IntRange(1, 50).Draw(t, "steps") {
			ahead := time.Duration(rapid.Int64Range(0, 3e9).Draw(t, "ahead"))
			now = now.Add(ahead)
			tokens = min(tokens+rate*ahead.Seconds(), float64(burst))
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0:
				delta += 1e-9 * rate
				rate = limit()
				delta += 1e-9 * rate
				l.SetLimitAt(now, ratelimit.Limit(rate))
			case 1:
				burst = rapid.IntRange(0, 50).Draw(t, "burst")
				l.SetBurstAt(now, burst)
				delta += 1e-9 * rate
				tokens = min(tokens, float64(burst))
			case 2:
				if n := rapid.IntRange(0, burst).Draw(t, "n"); l.ReserveN(now, n).OK() {
					tokens -= float64(n)
				}
			case 3:
				if n := rapid.IntRange(0, burst).Draw(t, "n"); l.AllowN(now, n) {
					tokens -= float64(n)
					require.GreaterOrEqual(t, tokens, -delta)
				}
			}
			require.InDelta(t, tokens, l.TokensAt(now), delta+1e-9*rate)
		}
	})
}
