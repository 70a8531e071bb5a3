package ratelimit_test

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/ratelimit"
)

// counter is a user's own Taker: so many tokens, and none come in.
type counter struct {
	mu    sync.Mutex
	n     int
	again time.Duration // RetryAfter of a refusal
	boom  bool
	asked int
	given func() // called by Give
}

func (c *counter) Take(n int) ratelimit.Decision {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked++; c.boom {
		panic("boom")
	}
	if n > c.n {
		return ratelimit.Decision{Reason: ratelimit.Exhausted, RetryAfter: c.again, Limit: 1000, Remaining: c.n}
	}
	c.n -= n
	return ratelimit.Decision{OK: true, Limit: 1000, Remaining: c.n}
}

func (c *counter) Give(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n += n; c.given != nil {
		c.given()
	}
}

func TestChainIsAllOrNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := ratelimit.NewLimiter(10, 5), ratelimit.NewLimiter(1, 3)
		own := &counter{n: 4, again: time.Minute}
		c := ratelimit.NewChain(a, own, b)
		require.Equal(t, ratelimit.Decision{OK: true, Limit: 3, Remaining: 1}, c.Take(2))
		require.Equal(t, 3.0, a.Tokens())
		require.Equal(t, 1.0, b.Tokens())
		require.Equal(t, 2, own.n)

		require.Equal(t, ratelimit.Decision{
			Reason: ratelimit.Exhausted, RetryAfter: time.Second, Limit: 3, Remaining: 1,
		}, c.Take(2), "b refuses")
		require.Equal(t, 3.0, a.Tokens())
		require.Equal(t, 2, own.n, "given back")

		time.Sleep(2 * time.Second)
		require.True(t, a.AllowN(time.Now(), 5))
		require.Equal(t, ratelimit.Decision{
			Reason: ratelimit.Exhausted, RetryAfter: time.Minute, Limit: 3,
		}, c.Take(3), "a and the user's refuse")
		require.Equal(t, 3.0, b.Tokens())
		require.Equal(t, 2, own.n)
		require.Equal(t, ratelimit.Decision{
			Reason: ratelimit.OverBurst, RetryAfter: ratelimit.InfDuration, Limit: 3,
		}, c.Take(4))
		own.n = 10
		require.Equal(t, ratelimit.OverBurst, c.Take(math.MaxInt).Reason)
		require.Equal(t, ratelimit.OverBurst, c.Take(-1).Reason)
		require.Equal(t, 10, own.n)
		require.True(t, c.Take(0).OK)

		time.Sleep(time.Second)
		require.Equal(t, ratelimit.Decision{OK: true, Limit: 3, Remaining: 1}, c.Take(2))
		c.Give(2)
		require.Equal(t, 5.0, a.Tokens())
		require.Equal(t, 3.0, b.Tokens())
		require.Equal(t, 10, own.n)
	})
}

func TestChainOfChains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := ratelimit.NewLimiter(10, 5), ratelimit.NewLimiter(1, 3)
		c := ratelimit.NewChain(b, ratelimit.NewChain(a, b), a)
		require.True(t, c.Take(3).OK)
		require.Equal(t, 2.0, a.Tokens(), "each counts once")
		require.Equal(t, 0.0, b.Tokens())
		require.NoError(t, c.Wait(t.Context()))

		boundless := ratelimit.NewLimiter(ratelimit.Inf, 0)
		require.Equal(t, ratelimit.Decision{OK: true, Limit: math.MaxInt, Remaining: math.MaxInt}, ratelimit.NewChain(boundless).Take(math.MaxInt))
		require.Equal(t, 5, ratelimit.NewChain(boundless, a).Take(6).Limit)
	})
	var zero ratelimit.Chain
	require.False(t, zero.Take(1).OK, "nothing means nothing")
	require.ErrorIs(t, zero.Wait(t.Context()), ratelimit.ErrLimit)
}

func TestChainAsksUpToTheFirstThatRefuses(t *testing.T) {
	first, second, third := &counter{n: 1}, &counter{}, &counter{n: 1}
	require.False(t, ratelimit.NewChain(first, second, third).Take(1).OK)
	require.Equal(t, []int{1, 1, 0}, []int{first.asked, second.asked, third.asked})
}

// A limiter that changes between the question and the sleep wakes nobody, but
// is not missed.
func TestChainWaitMissesNoChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, own := ratelimit.NewLimiter(0, 1), &counter{n: 1}
		require.True(t, l.Allow())
		own.given = func() {
			if own.asked == 3 {
				l.SetLimit(10)
			}
		}
		c := ratelimit.NewChain(l, own)
		require.False(t, c.Take(1).OK)
		require.NoError(t, c.Wait(t.Context()))
	})
}

func TestChainGivesBackWhenATakerPanics(t *testing.T) {
	own, boom := &counter{n: 3}, &counter{boom: true}
	require.PanicsWithValue(t, "boom", func() { ratelimit.NewChain(own, boom).Take(2) })
	require.Equal(t, 3, own.n)
}

func TestChainBadInput(t *testing.T) {
	c := ratelimit.NewChain(ratelimit.NewLimiter(1, 1))
	for name, bad := range map[string]struct {
		call func()
		says string
	}{
		"no limiters":   {func() { ratelimit.NewChain() }, "NewChain needs limiters, got none: pass those that all have to let an event through"},
		"nil":           {func() { ratelimit.NewChain(c, nil) }, "NewChain needs limiters, got nil as number 1: leave it out"},
		"negative give": {func() { c.Give(-1) }, "Give needs 0 or more tokens, got -1: pass how many of a Take were not used"},
		"no context":    {func() { _ = c.Wait(nil) }, "Wait needs a context, got nil: pass context.Background() if there is none"}, //nolint:staticcheck // the mistake itself
	} {
		t.Run(name, func(t *testing.T) { require.PanicsWithValue(t, "ratelimit: "+bad.says, bad.call) })
	}
}

// Every decision is that of two naive buckets, to the nanosecond: what one
// refuses has cost the other one nothing, whatever ran over.
func TestChainAgainstNaiveModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		bursts := rapid.SliceOfN(rapid.IntRange(0, 5), 2, 2).Draw(rt, "bursts")
		acts := drawActs(rt, 5, 4, 50, 80)
		bubble(t, rt, func(context.Context) string {
			start := time.Now()
			intervals := []int64{20, 33}
			var ls []*ratelimit.Limiter
			var ms []*naive
			for i := range 2 {
				ls = append(ls, ratelimit.NewLimiter(ratelimit.Every(time.Duration(intervals[i])), bursts[i]))
				ms = append(ms, newNaive(big.NewRat(intervals[i], 1), bursts[i]))
			}
			c := ratelimit.NewChain(ls[1], ls[0])
			for i, a := range acts {
				now := int64(time.Since(start))
				switch a.Kind {
				case 0, 1:
					time.Sleep(time.Duration(a.X))
				case 2:
					k := a.X % 2
					if ls[k].AllowN(time.Now(), a.N) != ms[k].allow(now, a.N) {
						return fmt.Sprint("step ", i, ": AllowN of ", k)
					}
				default:
					was := []*big.Rat{ms[0].spent, ms[1].spent}
					want := ms[0].allow(now, a.N) && ms[1].allow(now, a.N)
					if !want {
						ms[0].spent, ms[1].spent = was[0], was[1]
					}
					if got := c.Take(a.N); got.OK != want {
						return fmt.Sprint("step ", i, ": chain says ", got)
					} else if !got.OK && got.RetryAfter < ratelimit.InfDuration {
						// Honest: not a nanosecond before, and then.
						for k := range ls {
							if ls[k].TokensAt(time.Now().Add(got.RetryAfter)) < float64(a.N)-1e-9 {
								return fmt.Sprint("step ", i, ": RetryAfter too soon")
							}
						}
						late := time.Now().Add(got.RetryAfter - 1)
						if min(ls[0].TokensAt(late)-float64(a.N), ls[1].TokensAt(late)-float64(a.N)) >= 0 {
							return fmt.Sprint("step ", i, ": RetryAfter too late")
						}
					}
				}
			}
			return ""
		})
	})
}

func TestChainGiveBreaksNoWindow(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		bursts := rapid.SliceOfN(rapid.IntRange(1, 5), 2, 2).Draw(rt, "bursts")
		acts := drawActs(rt, 6, 3, 40, 80)
		bubble(t, rt, func(context.Context) string {
			start := time.Now()
			intervals := []time.Duration{20, 30}
			a := ratelimit.NewLimiter(ratelimit.Every(intervals[0]), bursts[0])
			b := ratelimit.NewLimiter(ratelimit.Every(intervals[1]), bursts[1])
			ls, c := []*ratelimit.Limiter{a, b}, ratelimit.NewChain(a, b)
			moment := min(intervals[0]*time.Duration(bursts[0]), intervals[1]*time.Duration(bursts[1]))
			histories := make([][]let, 2)
			var given [][2]int
			for _, act := range acts {
				now := int64(time.Since(start))
				switch act.Kind {
				case 0:
					time.Sleep(time.Duration(act.X))
				case 1:
					k := act.X % 2
					if ls[k].AllowN(time.Now(), act.N) {
						histories[k] = append(histories[k], let{now, int64(act.N)})
					}
				case 2, 3:
					if c.Take(act.N).OK {
						given = append(given, [2]int{len(histories[0]), len(histories[1])})
						for k := range ls {
							histories[k] = append(histories[k], let{now, int64(act.N)})
						}
					}
				default:
					if len(given) == 0 {
						continue
					}
					i := act.X % len(given)
					at := given[i]
					given = append(given[:i:i], given[i+1:]...)
					if time.Duration(now-histories[0][at[0]].at) < moment {
						c.Give(int(histories[0][at[0]].n))
						histories[0][at[0]].n, histories[1][at[1]].n = 0, 0
					}
				}
			}
			for k, h := range histories {
				if wrong := tooMany(h, intervals[k], bursts[k]); wrong != "" {
					return fmt.Sprint("limiter ", k, ": ", wrong)
				}
			}
			return ""
		})
	})
}

// Chains over the same limiters in another order, and others beside them: no
// deadlock, and each limiter lost just what got through.
func TestChainsInParallel(t *testing.T) {
	a, b, third := ratelimit.NewLimiter(0, 3000), ratelimit.NewLimiter(0, 2000), ratelimit.NewLimiter(0, 1e6)
	own := &counter{n: 4000}
	chains := []*ratelimit.Chain{
		ratelimit.NewChain(a, b), ratelimit.NewChain(b, third, a), ratelimit.NewChain(third, own, b, a),
	}
	var all, ofA, ofOwn, ofThird atomic.Int64
	var wg sync.WaitGroup
	for i, c := range chains {
		for range 2 {
			wg.Go(func() {
				for range 1000 {
					if c.Take(1).OK {
						all.Add(1)
						if i > 0 {
							ofThird.Add(1)
						}
						if i == 2 {
							ofOwn.Add(1)
						}
					}
				}
			})
		}
	}
	wg.Go(func() {
		for range 500 {
			if a.Allow() {
				ofA.Add(1)
			}
			if a.Take(1).OK {
				a.Give(1)
			}
		}
	})
	wg.Go(func() {
		for range 200 {
			a.SetBurst(3000)
			b.SetLimit(0)
		}
	})
	wg.Wait()
	// A Give whose Take was of the burst before gives nothing back.
	left := float64(3000 - all.Load() - ofA.Load())
	require.LessOrEqual(t, a.Tokens(), left)
	require.GreaterOrEqual(t, a.Tokens(), left-200, "one for each change")
	require.EqualValues(t, 2000-all.Load(), b.Tokens())
	require.EqualValues(t, 1e6-ofThird.Load(), third.Tokens())
	require.EqualValues(t, 4000-ofOwn.Load(), own.n)
}

func TestAChainTellsItsLimitsAlsoToWhoAsksForLessThanNothing(t *testing.T) {
	l := ratelimit.NewLimiter(1, 5)
	require.Equal(t, l.Take(-1), ratelimit.NewChain(l, ratelimit.NewLimiter(1, 7)).Take(-1))
	require.False(t, ratelimit.NewChain(never{}).Take(-1).OK, "and asks no other kind")
}

// never may not be asked.
type never struct{}

func (never) Take(int) ratelimit.Decision { panic("asked") }
func (never) Give(int)                    { panic("given") }
