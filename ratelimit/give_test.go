package ratelimit_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/ratelimit"
)

func TestGive(t *testing.T) {
	give := func(name string, limit ratelimit.Limit, burst int, fn func(l *ratelimit.Limiter), want float64) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := ratelimit.NewLimiter(limit, burst)
				fn(l)
				require.InDelta(t, want, l.Tokens(), 1e-9)
			})
		})
	}
	take := func(l *ratelimit.Limiter, n int) {
		if !l.Take(n).OK {
			t.Error("refused", n)
		}
	}

	give("at once", 10, 10, func(l *ratelimit.Limiter) { take(l, 7); l.Give(7) }, 10)
	give("a part", 10, 10, func(l *ratelimit.Limiter) { take(l, 7); l.Give(2) }, 5)
	give("nothing", 10, 10, func(l *ratelimit.Limiter) { take(l, 7); l.Give(0) }, 3)
	give("more than was taken", 10, 10, func(l *ratelimit.Limiter) { take(l, 3); l.Allow(); l.Give(math.MaxInt) }, 9)
	give("what Allow took", 10, 10, func(l *ratelimit.Limiter) { l.Allow(); l.Give(1) }, 9)
	give("twice", 10, 10, func(l *ratelimit.Limiter) { take(l, 3); l.Give(3); l.AllowN(time.Now(), 5); l.Give(3) }, 5)
	give("many at the same time", 10, 10, func(l *ratelimit.Limiter) {
		for range 10 {
			take(l, 1)
		}
		for range 6 {
			l.Give(1)
		}
	}, 6)
	give("the bucket would have been full", 10, 10, func(l *ratelimit.Limiter) {
		take(l, 10)
		time.Sleep(5 * tick)
		l.AllowN(time.Now(), 5) // a full bucket would now be half full
		l.Give(10)
	}, 5)
	give("one of them ran over", 10, 10, func(l *ratelimit.Limiter) {
		take(l, 1)
		time.Sleep(tick / 4)
		take(l, 1) // without the first, a quarter had run over
		l.Give(1)
	}, 9)
	give("the quarter is kept back once", 10, 10, func(l *ratelimit.Limiter) {
		take(l, 1)
		time.Sleep(tick / 4)
		take(l, 3)
		l.Give(4)
	}, 10)
	give("in use, far from full", 10, 10, func(l *ratelimit.Limiter) {
		take(l, 10)
		for range 50 {
			time.Sleep(tick)
			take(l, 1)
		}
		l.Give(1)
		l.Give(1)
		l.Give(1)
	}, 3)
	give("in use for long, again and again", 10, 10, func(l *ratelimit.Limiter) {
		take(l, 10)
		for i := range 100 {
			time.Sleep(tick)
			l.Take(1)
			if i%3 == 0 {
				l.Give(1)
				l.Take(1)
			}
		}
		l.Give(1)
	}, 1)
	give("again and again, with a burst of one", 10, 1, func(l *ratelimit.Limiter) {
		for range 10 {
			take(l, 1)
			l.Give(1)
			take(l, 1)
			time.Sleep(tick)
		}
	}, 1)
	give("a reservation builds on it", 10, 2, func(l *ratelimit.Limiter) {
		take(l, 2)
		l.Reserve()
		l.Give(2)
	}, -1)
	give("the reservation is due", 10, 2, func(l *ratelimit.Limiter) {
		take(l, 2)
		l.Reserve()
		time.Sleep(tick)
		l.Give(2) // one of them came in since
	}, 1)
	give("another limit", 10, 2, func(l *ratelimit.Limiter) { take(l, 2); l.SetLimit(5); l.Give(2) }, 0)
	give("no limit", ratelimit.Inf, 2, func(l *ratelimit.Limiter) { take(l, 2); l.Give(2) }, 2)
	give("no supply", 0, 5, func(l *ratelimit.Limiter) {
		take(l, 2)
		time.Sleep(1e6 * time.Hour)
		take(l, 2)
		l.Give(3)
	}, 4)
	give("a century later", 10, 2, func(l *ratelimit.Limiter) { take(l, 2); time.Sleep(100 * 365 * 24 * time.Hour); l.Give(2) }, 2)
	give("the zero Limiter", 0, 0, func(*ratelimit.Limiter) { new(ratelimit.Limiter).Give(1) }, 0)
	for _, rate := range []ratelimit.Limit{ratelimit.Every(time.Hour), 1, 1e9, 1e30} {
		give(fmt.Sprint("the greatest burst at ", rate), rate, math.MaxInt, func(l *ratelimit.Limiter) {
			l.Take(math.MaxInt)
			for range 5 {
				l.Give(math.MaxInt)
				l.Take(math.MaxInt)
			}
			l.Give(math.MaxInt)
			l.Take(math.MaxInt)
		}, 0)
	}
	require.PanicsWithValue(t, "ratelimit: Give needs 0 or more tokens, got -1: pass how many of a Take were not used",
		func() { ratelimit.NewLimiter(1, 1).Give(-1) })
}

func TestGiveMovesUpThoseWhoWait(t *testing.T) {
	play(t, 10, 3, func(s *scene) {
		require.True(t, s.l.Take(3).OK)
		s.wait("a", 1)
		s.wait("b", 2)
		s.wait("c", 1)
		s.l.Give(2)
		s.then("a at 0s", "b at 100ms", "c at 200ms")
		require.Zero(t, s.l.Tokens())
	})
	t.Run("with a part of a token", func(t *testing.T) {
		play(t, 10, 3, func(s *scene) {
			require.True(t, s.l.Take(3).OK)
			s.until(0.5)
			s.wait("a", 1)
			s.wait("b", 1)
			s.l.Give(1)
			s.then("a at 50ms", "b at 100ms")
		})
	})
	t.Run("over a reservation", func(t *testing.T) {
		play(t, 10, 3, func(s *scene) {
			require.True(t, s.l.Take(3).OK)
			r := s.l.ReserveN(time.Now(), 2)
			s.wait("a", 1)
			s.wait("b", 2)
			s.l.Give(2)
			require.Equal(t, 2*tick, r.Delay(), "a promise")
			s.then("a at 0s", "b at 400ms") // the other one is lost: b must not overtake with half of its tokens
		})
	})
	t.Run("nobody fits", func(t *testing.T) {
		play(t, 10, 3, func(s *scene) {
			require.True(t, s.l.Take(3).OK)
			s.l.Reserve()
			s.wait("a", 2)
			s.l.Give(1)
			s.then("a at 300ms")
		})
	})
}

// let is a history of what got through: no window has too many.
type let struct{ at, n int64 }

func tooMany(history []let, interval time.Duration, burst int) string {
	for i, from := range history {
		sum := int64(0)
		for _, e := range history[i:] {
			sum += e.n
			if most := int64(burst) + (e.at-from.at)/int64(interval); sum > most {
				return fmt.Sprintf("%d in %d ns from %d on, of at most %d: %v", sum, e.at-from.at, from.at, most, history)
			}
		}
	}
	return ""
}

// The law of the token bucket with Takes that are given back in any order:
// what was not given back is never more than the burst and what comes in.
func TestGiveBreaksNoWindow(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		burst := rapid.IntRange(1, 8).Draw(rt, "burst")
		acts := drawActs(rt, 7, 4, 40, 80)
		bubble(t, rt, func(context.Context) string {
			const interval = 20 * time.Nanosecond
			l, start := ratelimit.NewLimiter(ratelimit.Every(interval), burst), time.Now()
			var history []let
			var given []int // indices of Takes, which may be given back
			take := func(n int, ok, may bool) {
				if ok && n > 0 {
					if may {
						given = append(given, len(history))
					}
					history = append(history, let{int64(time.Since(start)), int64(n)})
				}
			}
			for _, a := range acts {
				switch a.Kind {
				case 0:
					time.Sleep(time.Duration(a.X))
				case 1, 2:
					take(a.N, l.Take(a.N).OK, true)
				case 3:
					take(a.N, l.AllowN(time.Now(), a.N), false)
				case 4, 5:
					if len(given) == 0 {
						continue
					}
					k := a.X % len(given)
					e := &history[given[k]]
					given = append(given[:k:k], given[k+1:]...)
					if int64(time.Since(start))-e.at < int64(burst)*int64(interval) {
						n := min(int64(a.N), e.n)
						l.Give(int(n))
						e.n -= n
					}
				case 6:
					r := l.ReserveN(time.Now(), a.N)
					if a.X%2 == 0 {
						r.Cancel()
					} else if r.OK() {
						time.Sleep(r.Delay())
						take(a.N, true, false)
					}
				}
			}
			return tooMany(history, interval, burst)
		})
	})
}

// The same for those who try to get more: who take all that is there, in the
// hope that what they give back then comes on top.
func TestGiveBreaksNoWindowForTheGreedy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const interval = 20 * time.Nanosecond
		for seed := range uint64(6000) {
			random := rand.New(rand.NewPCG(seed, 0))
			burst := 1 + random.IntN(6)
			l, start := ratelimit.NewLimiter(ratelimit.Every(interval), burst), time.Now()
			var history []let
			var given []int
			note := func(n int, may bool) {
				if may {
					given = append(given, len(history))
				}
				history = append(history, let{int64(time.Since(start)), int64(n)})
			}
			pause := time.Duration(1 + random.Int64N(60))
			for range 20 + random.IntN(100) {
				n := 1 + random.IntN(burst)
				switch random.IntN(8) {
				case 0, 1:
					time.Sleep(1 + time.Duration(random.Int64N(int64(pause))))
				case 2:
					r := l.ReserveN(time.Now(), n)
					if l.Take(1).OK {
						note(1, true)
					}
					r.Cancel()
				case 3:
					for l.Allow() {
						note(1, false)
					}
				case 4, 5:
					if l.Take(n).OK {
						note(n, true)
					}
				default:
					if len(given) == 0 {
						continue
					}
					i := random.IntN(len(given))
					e := &history[given[i]]
					given = append(given[:i:i], given[i+1:]...)
					if time.Since(start)-time.Duration(e.at) < interval*time.Duration(burst) {
						l.Give(int(e.n))
						e.n = 0
					}
				}
			}
			if wrong := tooMany(history, interval, burst); wrong != "" {
				t.Fatal("seed ", seed, ", burst ", burst, ": ", wrong)
			}
		}
	})
}

// What is taken and given back, over and over and by many, leaves the bucket
// as it was, up to what came in meanwhile.
func TestGiveInParallel(t *testing.T) {
	l := ratelimit.NewLimiter(0, 1000)
	var took atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 1000 {
				if !l.Take(3).OK {
					continue
				}
				l.Give(2)
				if i%2 == 0 {
					l.Give(1)
				} else {
					took.Add(1)
				}
				if l.Allow() {
					took.Add(1)
				}
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1000-took.Load(), l.Tokens())
}
