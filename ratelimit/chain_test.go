package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
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
	require.EqualValues(t, 3000-all.Load()-ofA.Load(), a.Tokens())
	require.EqualValues(t, 2000-all.Load(), b.Tokens())
	require.EqualValues(t, 1e6-ofThird.Load(), third.Tokens())
	require.EqualValues(t, 4000-ofOwn.Load(), own.n)
}

// crowd is who waits for a chain.
type crowd struct {
	*testing.T
	c     *ratelimit.Chain
	start time.Time
	wg    sync.WaitGroup
	mu    sync.Mutex
	log   []string
}

func newCrowd(t *testing.T, c *ratelimit.Chain) *crowd {
	return &crowd{T: t, c: c, start: time.Now()}
}

func (w *crowd) wait(ctx context.Context, name string) {
	w.wg.Go(func() {
		err := w.c.Wait(ctx)
		w.mu.Lock()
		defer w.mu.Unlock()
		switch {
		case errors.Is(err, ratelimit.ErrLimit):
			name += " refused"
		case err != nil:
			name += " gave up"
		}
		w.log = append(w.log, fmt.Sprint(name, " at ", time.Since(w.start)))
	})
	synctest.Wait()
}

func (w *crowd) then(want ...string) {
	w.Helper()
	w.wg.Wait()
	require.Equal(w, want, w.log)
}

func TestChainWaitIsInOrderAndHoldsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fast, slow := ratelimit.NewLimiter(10, 3), ratelimit.NewLimiter(1, 1)
		w := newCrowd(t, ratelimit.NewChain(fast, slow))
		for _, name := range []string{"a", "b", "c"} {
			w.wait(t.Context(), name)
		}
		time.Sleep(tick * 5)
		require.Equal(t, 3.0, fast.Tokens(), "nothing is held while slow has none")
		require.True(t, fast.Allow())
		w.then("a at 0s", "b at 1s", "c at 2s")
		require.Equal(t, 2.0, fast.Tokens())
		require.Equal(t, 0, fast.Watchers()+slow.Watchers())
	})
}

func TestChainWaitAndTheContext(t *testing.T) {
	boom := errors.New("boom")
	synctest.Test(t, func(t *testing.T) {
		a, b := ratelimit.NewLimiter(10, 1), ratelimit.NewLimiter(5, 1)
		w := newCrowd(t, ratelimit.NewChain(a, b))
		over, cancel := context.WithCancelCause(t.Context())
		cancel(boom)
		err := w.c.Wait(over)
		require.ErrorIs(t, err, boom)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, 1.0, a.Tokens(), "nothing was taken")

		require.True(t, w.c.Take(1).OK)
		exact, stop := context.WithTimeout(t.Context(), 2*tick)
		defer stop()
		require.NoError(t, w.c.Wait(exact), "there when the context ends")
		for range 20 {
			exact, stop := context.WithTimeout(t.Context(), 2*tick)
			defer stop()
			require.NoError(t, w.c.Wait(exact), "whichever it sees first")
		}

		short, stop := context.WithTimeout(t.Context(), 2*tick-1)
		defer stop()
		start := time.Now()
		err = w.c.Wait(short)
		require.Zero(t, time.Since(start), "at once")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.EqualError(t, err, "ratelimit: WaitN(1) would take 200ms, and the context ends in 199.999999ms: try again later, or give it more time")
		var refused *ratelimit.LimitError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, ratelimit.TooLate, refused.Reason)
		require.Equal(t, 2*tick, refused.RetryAfter())

		a.SetBurst(0)
		err = w.c.Wait(t.Context())
		require.ErrorAs(t, err, &refused)
		require.Equal(t, ratelimit.OverBurst, refused.Reason)
		require.NotErrorIs(t, err, context.DeadlineExceeded)
	})
	synctest.Test(t, func(t *testing.T) {
		a, b := ratelimit.NewLimiter(10, 1), ratelimit.NewLimiter(5, 1)
		w := newCrowd(t, ratelimit.NewChain(a, b))
		require.True(t, w.c.Take(1).OK)
		var cancels []context.CancelFunc
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			ctx, cancel := context.WithCancel(t.Context())
			cancels = append(cancels, cancel)
			w.wait(ctx, name)
		}
		late, stop := context.WithTimeout(t.Context(), 3*tick)
		defer stop()
		w.wait(late, "f")
		time.Sleep(tick / 2)
		cancels[2]() // in the middle
		synctest.Wait()
		cancels[0]() // the first
		synctest.Wait()
		time.Sleep(tick)
		cancels[4]()
		w.then("c gave up at 50ms", "a gave up at 50ms", "e gave up at 150ms", "b at 200ms", "f gave up at 300ms", "d at 400ms")
		require.Zero(t, b.Tokens())
	})
}

func TestChainWaitWhenALimiterChanges(t *testing.T) {
	for name, c := range map[string]struct {
		change func(a, b *ratelimit.Limiter)
		want   []string
	}{
		"a pause ends":   {func(a, b *ratelimit.Limiter) { b.SetLimit(10) }, []string{"x at 150ms", "y at 250ms"}},
		"no limit":       {func(a, b *ratelimit.Limiter) { b.SetLimit(ratelimit.Inf) }, []string{"x at 100ms", "y at 150ms"}},
		"the burst goes": {func(a, b *ratelimit.Limiter) { b.SetBurst(0) }, []string{"x refused at 50ms", "y refused at 50ms"}},
		"a token is given back": {func(a, b *ratelimit.Limiter) {
			a.SetLimit(ratelimit.Inf)
			b.Give(1)
			time.Sleep(1)
			b.SetBurst(0)
		}, []string{"x at 50ms", "y refused at 50.000001ms"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := ratelimit.NewLimiter(10, 1), ratelimit.NewLimiter(0, 1)
				w := newCrowd(t, ratelimit.NewChain(a, b))
				require.True(t, b.Take(1).OK)
				w.wait(t.Context(), "x")
				w.wait(t.Context(), "y")
				time.Sleep(tick / 2)
				require.True(t, a.Allow())
				a.Give(0)
				a.SetBurst(2)
				a.SetLimit(1e9)
				a.SetLimit(20)
				c.change(a, b)
				w.then(c.want...)
			})
		})
	}
}

// A user's Taker need not say when it has tokens again.
func TestChainWaitForATakerOfTheUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, own := ratelimit.NewLimiter(10, 3), &counter{}
		w := newCrowd(t, ratelimit.NewChain(l, own))
		w.wait(t.Context(), "a")
		w.wait(t.Context(), "b")
		time.Sleep(10*time.Millisecond + 1)
		require.Equal(t, 3.0, l.Tokens())
		own.Give(1)
		time.Sleep(10 * time.Millisecond)
		own.mu.Lock()
		own.again = ratelimit.InfDuration
		own.mu.Unlock()
		w.then("a at 11ms", "b refused at 21ms")

		err := w.c.Wait(t.Context())
		require.EqualError(t, err, "ratelimit: Wait would never end, a limiter of the chain says: used up for now")
	})
}

// Everything at once, in virtual time: everybody ends, no window has too many,
// nothing is left over.
func TestChainStress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := ratelimit.NewLimiter(1000, 5), ratelimit.NewLimiter(400, 9)
		c := ratelimit.NewChain(a, b)
		start := time.Now()
		var mu sync.Mutex
		histories := make([][]let, 2)
		got := func(who ...int) {
			mu.Lock()
			defer mu.Unlock()
			for _, k := range who {
				histories[k] = append(histories[k], let{int64(time.Since(start)), 1})
			}
		}
		var wg sync.WaitGroup
		for range 30 {
			wg.Go(func() {
				for range 40 {
					switch rand.IntN(6) {
					case 0:
						if a.Allow() {
							got(0)
						}
					case 1:
						if b.Wait(t.Context()) == nil {
							got(1)
						}
					case 2:
						if c.Take(1).OK {
							if rand.IntN(2) == 0 {
								c.Give(1)
							} else {
								got(0, 1)
							}
						}
					default:
						ctx, cancel := context.WithCancel(t.Context())
						timer := time.AfterFunc(rand.N(2*time.Second), cancel)
						if c.Wait(ctx) == nil {
							got(0, 1)
						}
						timer.Stop()
						cancel()
					}
					time.Sleep(rand.N(time.Millisecond))
				}
			})
		}
		wg.Wait()
		require.Empty(t, tooMany(histories[0], time.Millisecond, 5))
		require.Empty(t, tooMany(histories[1], 2500*time.Microsecond, 9))
		require.Zero(t, a.Watchers()+b.Watchers())
		time.Sleep(time.Hour)
		require.Equal(t, 5.0, a.Tokens())
		require.Equal(t, 9.0, b.Tokens())
	})
}
