package ratelimit_test

import (
	"context"
	"fmt"
	"math"
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

// quota is a sliding window as one would write it down: a list of events.
type quota struct {
	n      int
	per    time.Duration
	events []time.Duration
}

func (q *quota) in(now time.Duration) []time.Duration {
	first := len(q.events)
	for first > 0 && q.events[first-1] > now-q.per {
		first--
	}
	return q.events[first:]
}

func (q *quota) take(now time.Duration, n int) ratelimit.Decision {
	in := q.in(now)
	d := ratelimit.Decision{Limit: q.n, Remaining: q.n - len(in)}
	switch {
	case n > q.n || n < 0:
		d.Reason, d.RetryAfter = ratelimit.OverBurst, ratelimit.InfDuration
	case n > d.Remaining:
		d.Reason, d.RetryAfter = ratelimit.Exhausted, in[n-d.Remaining-1]+q.per-now
	default:
		d.OK, d.Remaining = true, d.Remaining-n
		q.events = append(q.events, slices.Repeat([]time.Duration{now}, n)...)
	}
	return d
}

func (q *quota) give(now time.Duration, n int) {
	in := q.in(now)
	q.events = slices.Clone(in[min(n, len(in)):])
}

type windowOp struct {
	kind, n int
	sleep   time.Duration
}

func TestSlidingWindowAgainstModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(rt, "n")
		per := time.Duration(rapid.IntRange(1, 100).Draw(rt, "per"))
		ops := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) windowOp {
			return windowOp{
				rapid.IntRange(0, 9).Draw(rt, "kind"), rapid.IntRange(-1, 22).Draw(rt, "n"),
				time.Duration(rapid.IntRange(0, 120).Draw(rt, "sleep")),
			}
		}), 1, 200).Draw(rt, "ops")
		var bad string
		synctest.Test(t, func(t *testing.T) {
			w, q, start := ratelimit.NewSlidingWindow(n, per), &quota{n: n, per: per}, time.Now()
			for i, op := range ops {
				now := time.Since(start)
				switch {
				case op.kind == 0:
					w.Give(max(op.n, 0))
					q.give(now, max(op.n, 0))
				case op.kind < 4:
					time.Sleep(op.sleep / 5)
				default:
					if op.kind < 7 {
						op.n = min(op.n, 2)
					}
					if got, want := w.Take(op.n), q.take(now, op.n); got != want {
						bad = fmt.Sprintf("step %d: %+v, not %+v", i, got, want)
						return
					}
				}
			}
		})
		if bad != "" {
			rt.Fatal(bad)
		}
	})
}

// Whoever does as much as it can, from many goroutines that give up and give
// back at random: no window has more than it may, and in the end none is lost.
func TestSlidingWindowNeverLetsMoreThrough(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			n, per := 1+random.IntN(30), time.Duration(1+random.IntN(1000))*time.Millisecond
			w, start := ratelimit.NewSlidingWindow(n, per), time.Now()
			var mu sync.Mutex
			var events []time.Duration
			happened := func(at time.Duration, n int) {
				mu.Lock()
				defer mu.Unlock()
				events = append(events, slices.Repeat([]time.Duration{at}, n)...)
			}
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() {
					for range 60 {
						n := 1 + rand.IntN(n)
						switch rand.IntN(4) {
						case 0:
							now := time.Since(start)
							if w.Take(n).OK {
								happened(now, n)
							}
						case 1:
							if !w.Take(n).OK {
								continue
							}
							time.Sleep(rand.N(per))
							w.Give(n)
						default:
							ctx, cancel := context.WithCancel(t.Context())
							time.AfterFunc(rand.N(5*per), cancel)
							if w.Wait(ctx) == nil {
								happened(time.Since(start), 1)
							}
							cancel()
						}
						time.Sleep(rand.N(per / 4))
					}
				})
			}
			wg.Wait()
			slices.Sort(events)
			for i := n; i < len(events); i++ {
				require.GreaterOrEqual(t, events[i]-events[i-n], per, "seed %d: %d events", seed, n+1)
			}
			require.Greater(t, len(events), n)
			sleeping, timer := w.Sleeping()
			require.Zero(t, sleeping)
			require.False(t, timer)
			time.Sleep(per)
			require.Equal(t, ratelimit.Decision{OK: true, Limit: n}, w.Take(n))
		})
	}
}

// Nobody overtakes those who wait, and RetryAfter counts them in, windows ahead.
func TestSlidingWindowRetryAfterBehindALine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := ratelimit.NewSlidingWindow(3, 10*tick)
		w.Take(1)
		time.Sleep(2 * tick)
		w.Take(2)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 5 { // at 10, 12, 12, 20, 22 ticks
			wg.Go(func() { _ = w.Wait(ctx) })
			synctest.Wait()
		}
		for n, ticks := range map[int]time.Duration{0: 20, 1: 20, 2: 28, 3: 30} {
			require.Equal(t, ratelimit.Decision{Reason: ratelimit.Exhausted, RetryAfter: ticks * tick, Limit: 3}, w.Take(n), n)
		}
		time.Sleep(8*tick + tick/2)
		require.False(t, w.Allow(), "nobody overtakes")
		require.Equal(t, 11*tick+tick/2, w.Take(1).RetryAfter)
		w.Give(1)
		synctest.Wait()
		sleeping, _ := w.Sleeping()
		require.Equal(t, 3, sleeping, "what is given back is theirs")
		cancel()
		wg.Wait()
		require.Equal(t, 3*tick/2, w.Take(1).RetryAfter, "the line is gone")
	})
}

func TestSlidingWindowBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := ratelimit.NewSlidingWindow(math.MaxInt, time.Hour)
		for range 4 { // its counter wraps
			require.Equal(t, ratelimit.Decision{OK: true, Limit: math.MaxInt, Remaining: math.MaxInt - 1}, w.Take(1))
			time.Sleep(time.Minute)
			require.Equal(t, ratelimit.Decision{OK: true, Limit: math.MaxInt}, w.Take(math.MaxInt-1))
			require.Equal(t, 59*time.Minute, w.Take(1).RetryAfter)
			require.Equal(t, time.Hour, w.Take(math.MaxInt).RetryAfter)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			require.ErrorIs(t, w.Wait(ctx), context.DeadlineExceeded)
			cancel()
			w.Give(math.MaxInt)
			require.Equal(t, ratelimit.Decision{OK: true, Limit: math.MaxInt}, w.Take(math.MaxInt))
			time.Sleep(time.Hour)
		}

		w = ratelimit.NewSlidingWindow(2, math.MaxInt64-1)
		require.True(t, w.Take(2).OK)
		time.Sleep(time.Hour)
		require.Equal(t, math.MaxInt64-1-time.Hour, w.Take(1).RetryAfter)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { _ = w.Wait(ctx) })
		wg.Go(func() { _ = w.Wait(ctx) })
		synctest.Wait()
		var refused *ratelimit.LimitError
		require.ErrorAs(t, w.Wait(ctx), &refused)
		require.Equal(t, ratelimit.TooFar, refused.Reason)
		require.Equal(t, ratelimit.InfDuration, w.Take(1).RetryAfter)
		cancel()
		wg.Wait()

		var zero ratelimit.SlidingWindow
		zero.Give(1)
		require.Equal(t, ratelimit.OverBurst, zero.Take(0).Reason)
		require.ErrorIs(t, zero.Wait(t.Context()), ratelimit.ErrLimit)
	})
	const size = "NewSlidingWindow needs a positive number and a positive length, got %d and %v: pass how many events there may be in a window of which length"
	w := ratelimit.NewSlidingWindow(1, 1)
	for says, call := range map[string]func(){
		fmt.Sprintf(size, 0, time.Second):  func() { ratelimit.NewSlidingWindow(0, time.Second) },
		fmt.Sprintf(size, -1, time.Second): func() { ratelimit.NewSlidingWindow(-1, time.Second) },
		fmt.Sprintf(size, 1, "0s"):         func() { ratelimit.NewSlidingWindow(1, 0) },
		fmt.Sprintf(size, 1, "-1ns"):       func() { ratelimit.NewSlidingWindow(1, -1) },
		"Give needs 0 or more tokens, got -1: pass how many of a Take were not used": func() { w.Give(-1) },
		"Wait needs a context, got nil: pass context.Background() if there is none":  func() { _ = w.Wait(nil) }, //nolint:staticcheck // the mistake itself
	} {
		require.PanicsWithValue(t, "ratelimit: "+says, call)
	}
}

// A clock that jumps lets no more through, and what waits goes on.
func TestSlidingWindowWhenTheClockJumps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := ratelimit.NewSlidingWindow(1, 10*tick)
		require.True(t, w.Allow())
		w.Jump(-5 * tick)
		require.Equal(t, 10*tick, w.Take(1).RetryAfter, "back: as if it had stood still")
		time.Sleep(15*tick - 1)
		require.False(t, w.Allow())
		time.Sleep(time.Nanosecond)
		require.True(t, w.Allow())

		start := time.Now()
		var wg sync.WaitGroup
		got := make([]time.Duration, 3)
		for i := range got {
			wg.Go(func() {
				_ = w.Wait(t.Context())
				got[i] = time.Since(start)
			})
			synctest.Wait()
		}
		time.Sleep(tick)
		w.Jump(100 * tick)
		require.False(t, w.Allow(), "they were first")
		wg.Wait()
		require.Equal(t, []time.Duration{tick, 11 * tick, 21 * tick}, got, "ahead: one has left the window, not all")
	})
}

// What is remembered is what the window holds, and the ring shrinks with it.
func TestSlidingWindowMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := ratelimit.NewSlidingWindow(1<<20, time.Second)
		for range 1000 {
			w.Take(1000)
		}
		used, room := w.Memory()
		require.Equal(t, 1, used, "one nanosecond is one entry")
		require.LessOrEqual(t, room, 8)
		for range 5000 {
			time.Sleep(time.Microsecond)
			w.Take(1)
		}
		used, room = w.Memory()
		require.Equal(t, 5001, used)
		require.LessOrEqual(t, room, 8192)
		time.Sleep(time.Hour)
		w.Take(1)
		used, room = w.Memory()
		require.Equal(t, 1, used)
		require.LessOrEqual(t, room, 8)
	})
}
