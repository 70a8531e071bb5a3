package ratelimit

import (
	"context"
	"fmt"
	"time"
)

// WarmUp is a limiter whose rate climbs while it is used: for what needs to warm
// up, such as a cache, a pool of connections or a service that has just
// started. Events are spaced evenly, as by a [Pacer] without slack; the first is
// let through at once.
//
// From cold, the interval between events falls in a straight line, over the
// events of one period, from coldFactor times that of the full rate to that of
// the full rate:
//
//	interval = full * (1 + (coldFactor - 1) * cold)
//
// where cold is 1 at first, and goes down by the same for each event, so that it
// is 0 after a period in which the limiter was used all the time: that is
// 2/(1+coldFactor) of the events that the full rate lets through. While nothing
// happens though it might, cold goes up again, to 1 in one period. So a load of
// 2/(3+coldFactor) of the full rate, or more, keeps it warm, and one of
// 2/(1+3*coldFactor), or less, leaves it cold.
//
// Whoever takes n events waits for all of them itself, and the next caller pays
// for none: a WaitN returns when the last of its n events is due. All times are
// the integral of the line above, in integers: to a nanosecond, however many
// events there were since it was idle, for a full rate of which some events, 128
// at most, take a whole number of nanoseconds, and a coldFactor such as 2, 3 or
// 4.5. Of others the interval is rounded to a part of a nanosecond: 2^-29 at a
// period of 4 seconds, and twice as much at twice that.
//
// The idea is that of Guava's SmoothWarmingUp, which spends stored permits along
// such a line. There, the next caller pays for an event, and the line begins to
// be climbed again only after a while.
//
// The zero WarmUp lets nothing through; use [NewWarmUp]. It must not be copied
// after its first use. Its methods are safe for concurrent use; none promises
// that what one caller did before its event is seen by another caller.
type WarmUp struct {
	turns turns
	curve curve
	rate  Limit

	// The next event is being paid for up to ready: its interval is chosen by
	// the event before it.
	ready moment
	cold  uint64 // after that event, 0 to curve.period

	// What Give goes back to.
	undo struct {
		ok    bool
		ready moment
		cold  uint64
	}
}

// NewWarmUp returns a limiter that starts cold, at r / coldFactor, and reaches
// r in a period of use. It panics if r is not a positive finite rate, the period
// not positive, coldFactor less than 1 or not a number, or if the period or an
// interval from cold is longer than 30 years.
func NewWarmUp(r Limit, period time.Duration, coldFactor float64) *WarmUp {
	if !(r > 0 && r < Inf) {
		panic(fmt.Sprintf("ratelimit: NewWarmUp needs a positive finite rate, got %v: pass events a second, or ratelimit.Every(interval)", float64(r)))
	}
	if period <= 0 || period > longest {
		panic(fmt.Sprintf("ratelimit: NewWarmUp needs a period of more than 0 and at most 30 years, got %v: pass how long it takes to warm up", period))
	}
	if !(coldFactor >= 1 && coldFactor/float64(r) <= longest.Seconds()) {
		panic(fmt.Sprintf("ratelimit: NewWarmUp needs a coldFactor of at least 1 and an interval from cold of at most 30 years, got %v at a rate of %v: pass how many times slower the first events are, such as 3", coldFactor, float64(r)))
	}
	w := &WarmUp{curve: newCurve(r, period, coldFactor), rate: r}
	w.ready.nanos = always
	w.cold = w.curve.period
	w.turns.start(w)
	return w
}

// Allow takes one event and reports true, or reports false if none may happen
// now. It never blocks.
func (w *WarmUp) Allow() bool { return w.Take(1).OK }

// Take takes n events if they may happen now, or none, and says when to try
// again. It never blocks. There is never more than one at once: more are
// refused for good.
//
// Nobody overtakes: while others wait, nothing remains, and RetryAfter is when
// their turn and this one's would be over.
func (w *WarmUp) Take(n int) Decision { return w.turns.take(n) }

// Give gives back the event of a Take that did not happen, if that was the last
// one and the next is not yet due: then all is as if it had not been taken.
// Later it does nothing, since the next event is there anyway. It never blocks,
// and panics if n is negative.
func (w *WarmUp) Give(n int) {
	checkedGive(n)
	q := &w.turns
	q.mu.Lock()
	defer q.mu.Unlock()
	if n > 0 && w.undo.ok && q.clockLocked() < w.ready.ceil() {
		w.ready, w.cold, w.undo.ok = w.undo.ready, w.undo.cold, false
		w.pass(q.clockLocked()) // whoever waits has not done so for longer
		q.tendLocked()
	}
}

// Wait waits until one event may happen, and takes it. It is WaitN for one.
//
// On cancel: see [WarmUp.WaitN].
func (w *WarmUp) Wait(ctx context.Context) error { return w.turns.wait(ctx, 1) }

// WaitN waits for n events and takes them together, when the last of them is
// due; those that come after it wait for their own. Those who wait are served
// in the order in which they came.
//
// It returns a [*LimitError] at once, and takes nothing, if n is negative or if
// ctx has a deadline that comes before its turn; the latter also matches
// context.DeadlineExceeded.
//
// On cancel, it returns a [*WaitError], which matches the error and the cause
// of ctx; at once, if ctx has ended before the call. It has then taken nothing,
// and those behind it move up at once; time that came in for a WaitN that was
// the first of the line is idle time. A turn that has come by the time that ctx
// ends is taken.
func (w *WarmUp) WaitN(ctx context.Context, n int) error { return w.turns.wait(ctx, n) }

// Limit returns the rate now: how many events a second, as of the next one.
func (w *WarmUp) Limit() Limit {
	q := &w.turns
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.rule == nil {
		return 0
	}
	q.nowLocked()
	return w.rate / Limit(1+(w.curve.factor-1)*float64(w.cold)/float64(w.curve.period))
}

func (w *WarmUp) most() int  { return 1 }
func (w *WarmUp) adds() bool { return true }

// pass cools down for the time since the next event was ready.
func (w *WarmUp) pass(now int64) {
	if now >= w.ready.ceil() {
		w.cold = w.curve.cool(w.cold, w.ready, now)
		w.ready = moment{nanos: now}
	}
}

func (w *WarmUp) free(now int64) int {
	if w.ready.ceil() <= now {
		return 1
	}
	return 0
}

func (w *WarmUp) due(n int64) int64 {
	if n <= 0 {
		return always
	}
	return w.curve.after(w.ready, uint64(n-1), w.cold).ceil()
}

func (w *WarmUp) let(n, _ int64) {
	if n <= 0 {
		return
	}
	w.undo.ok, w.undo.ready, w.undo.cold = true, w.ready, w.cold
	w.ready = w.curve.after(w.ready, uint64(n), w.cold)
	w.cold = w.curve.warm(w.cold, uint64(n))
}
