package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/ratelimit"
)

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
			time.Sleep(time.Nanosecond)
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
