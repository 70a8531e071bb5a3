package ratelimit

import (
	"context"
	"fmt"
	"math/bits"
	"time"
)

// SlidingWindow lets at most n events through in any window of time, wherever
// it begins: the rule of an interface that counts "100 in any minute". A token
// bucket of the same rate lets twice as many through in some windows, and a
// counter that starts anew each minute does, too.
//
// It is exact, to the nanosecond: it remembers each event until the window has
// moved on, so an event is let through as soon as that breaks no promise. That
// is 16 bytes for each of the last Takes and Waits, n of them at most, allocated
// as needed; a Take of many events, and those of the same nanosecond, are one.
// Two counters that are blended, the usual way to save that memory, may be wrong
// by as much as n; if millions a window are too much to remember, use [Limiter],
// whose error is the burst that it is given.
//
// Most callers want [SlidingWindow.Wait]; [SlidingWindow.Take] is for those who
// would rather refuse. A window includes its begin but not its end: an event may
// come when another is exactly the length of the window ago. An event is counted
// at the time when it is let through.
//
// The zero SlidingWindow lets nothing through; use [NewSlidingWindow]. It must
// not be copied after its first use. Its methods are safe for concurrent use;
// none promises that what one caller did before its event is seen by another
// caller.
type SlidingWindow struct {
	turns turns
	n     int64
	per   time.Duration
	past  history
}

// NewSlidingWindow returns a limiter of n events in any window of length per.
// It panics if one of them is not positive.
func NewSlidingWindow(n int, per time.Duration) *SlidingWindow {
	if n <= 0 || per <= 0 {
		panic(fmt.Sprintf("ratelimit: NewSlidingWindow needs a positive number and a positive length, got %d and %v: pass how many events there may be in a window of which length", n, per))
	}
	w := &SlidingWindow{n: int64(n), per: per}
	w.turns.start(w)
	return w
}

// Allow takes one event and reports true, or reports false if none may happen
// now. It never blocks.
func (w *SlidingWindow) Allow() bool { return w.Take(1).OK }

// Take takes n events if they may happen now, and says what is left; or it
// takes none, and says why and when to try again. It never blocks.
//
// Nobody overtakes: while others wait, nothing remains, and RetryAfter is when
// their turn and this one's would be over.
func (w *SlidingWindow) Take(n int) Decision { return w.turns.take(n) }

// Give gives back n events of a Take that did not happen: there is room for as
// many at once, and those who wait go. It never blocks, and panics if n is
// negative.
//
// It is not told which Take it undoes. So the n oldest events are forgotten,
// whichever they are: that keeps the promise in whatever order Takes and Gives
// come, and at worst some of the other events leave the window later than they
// might, by no more than lies between them and what was given back.
func (w *SlidingWindow) Give(n int) {
	checkedGive(n)
	q := &w.turns
	q.mu.Lock()
	defer q.mu.Unlock()
	w.pass(q.clockLocked())
	w.past.drop(int64(n))
	q.tendLocked()
}

// Wait waits until one event may happen, and takes it. Those who wait are
// served in the order in which they came.
//
// It returns a [*LimitError] at once, and takes nothing, if ctx has a deadline
// that comes before its turn; it matches context.DeadlineExceeded.
//
// On cancel, it returns a [*WaitError], which matches the error and the cause
// of ctx; at once, if ctx has ended before the call, even if an event might
// happen. It has then taken nothing, and those behind it move up at once. A turn
// that has come by the time that ctx ends is taken.
func (w *SlidingWindow) Wait(ctx context.Context) error { return w.turns.wait(ctx, 1) }

func (w *SlidingWindow) most() int  { return int(w.n) }
func (w *SlidingWindow) adds() bool { return false }

// pass forgets what has left the window.
func (w *SlidingWindow) pass(now int64) {
	for w.past.n > 0 && later(w.past.oldest(), uint64(w.per)) <= now {
		w.past.dropFirst()
	}
}

func (w *SlidingWindow) free(int64) int { return int(w.n - w.past.size()) }

// due: n more events need the k oldest of all to have left. If there are more
// than n of them, they leave as those that are here now, windows later: only
// behind a line, and there is one only if the window is full.
func (w *SlidingWindow) due(n int64) int64 {
	k := n - (w.n - w.past.size())
	if k <= 0 {
		return always
	}
	rounds, k := (k-1)/w.n+1, (k-1)%w.n+1
	hi, lo := bits.Mul64(uint64(rounds), uint64(w.per))
	if hi != 0 {
		return never
	}
	return later(w.past.at(k), lo)
}

func (w *SlidingWindow) let(n, now int64) {
	if w.pass(now); n > 0 {
		w.past.push(now, n)
	}
}
