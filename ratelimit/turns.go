package ratelimit

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"
)

const (
	always = math.MinInt64 // a moment: it has come
	never  = math.MaxInt64 // a moment: it does not come
)

// rule says when events may happen, in nanoseconds since an epoch. It has no
// clock and no lock.
type rule interface {
	// most returns how many events there are at once, at most.
	most() int

	// adds reports whether a waiter may ask for more than that.
	adds() bool

	// pass is told that nobody has waited until now.
	pass(now int64)

	// free returns how many events may happen now.
	free(now int64) int

	// due returns from when on n events may have happened, the last of them
	// right then, if each of them happens as soon as it may.
	due(n int64) int64

	// let is told that n events happen now, which were due.
	let(n, now int64)
}

// turns applies a rule, and keeps those in line who wait for it: first come,
// first served. Whoever waits has been promised nothing, so there is nothing to
// book: when its turn comes follows from the rule and from who is ahead.
type turns struct {
	// mu is held for a few instructions, never while anybody waits, and no
	// foreign code runs under it.
	mu    sync.Mutex
	rule  rule // nil in the zero value: lets nothing through
	epoch time.Time
	last  int64       // the clock does not run back
	line  run         // who waits
	timer *time.Timer // for the first of the line; nil if there is none
}

func (q *turns) start(r rule) {
	q.rule, q.epoch, q.last = r, time.Now(), math.MinInt64
}

func (q *turns) clockLocked() int64 {
	q.last = max(q.last, int64(time.Since(q.epoch)))
	return q.last
}

// take takes n that may happen now, or none.
func (q *turns) take(n int) Decision {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.nowLocked()
	d := q.decideLocked(n, false, now)
	if d.OK {
		q.rule.let(int64(n), now)
		d.Remaining = q.rule.free(now)
	}
	return d
}

// nowLocked returns the time, when all whose turn has come have gone.
func (q *turns) nowLocked() int64 {
	if q.line.head != nil {
		q.tendLocked()
	}
	now := q.clockLocked()
	if q.line.head == nil && q.rule != nil {
		q.rule.pass(now)
	}
	return now
}

// decideLocked says whether n may happen now. Those who wait may ask for more
// than there ever are at once, if the rule has them come one by one.
func (q *turns) decideLocked(n int, waits bool, now int64) Decision {
	if q.rule == nil {
		return Decision{Reason: OverBurst, RetryAfter: InfDuration}
	}
	d := Decision{Limit: q.rule.most()}
	if q.line.head == nil {
		d.Remaining = q.rule.free(now)
	}
	if n < 0 || n > d.Limit && !(waits && q.rule.adds()) {
		d.Reason, d.RetryAfter = OverBurst, InfDuration
		return d
	}
	due := int64(never)
	if int64(n) <= math.MaxInt64-q.line.tokens {
		due = q.rule.due(q.line.tokens + int64(n))
	}
	if d.OK = due <= now && q.line.head == nil; !d.OK {
		d.Reason, d.RetryAfter = Exhausted, between(now, due)
	}
	return d
}

// wait is the Wait of n events, of which there may be more than at once.
func (q *turns) wait(ctx context.Context, n int) error {
	if ctx == nil {
		panic("ratelimit: Wait needs a context, got nil: pass context.Background() if there is none")
	}
	w, err := q.join(ctx, n)
	if w == nil {
		return err
	}
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
		return q.leave(ctx, w)
	}
}

// join lets the events happen, or makes a waiter in the line.
func (q *turns) join(ctx context.Context, n int) (*waiter, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.nowLocked()
	d := q.decideLocked(n, true, now)
	if d.Reason == OverBurst {
		return nil, refusedTurn(d, n, 0)
	}
	if ctx.Err() != nil {
		return nil, stoppedWaiting(ctx)
	}
	if d.OK {
		q.rule.let(int64(n), now)
		return nil, nil
	}
	if deadline, ok := ctx.Deadline(); ok {
		if left := time.Until(deadline); d.RetryAfter > left || d.RetryAfter == InfDuration {
			d.Reason = TooLate
			return nil, refusedTurn(d, n, left)
		}
	}
	if d.RetryAfter == InfDuration {
		d.Reason = TooFar
		return nil, refusedTurn(d, n, 0)
	}
	w := &waiter{ready: make(chan struct{}), n: n}
	q.line.push(w)
	if q.timer == nil {
		q.tendLocked()
	}
	return w, nil
}

// leave gives up the place of w, unless its turn has come.
func (q *turns) leave(ctx context.Context, w *waiter) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.serveLocked()
	if w.run == nil {
		q.tendLocked()
		return nil
	}
	first := w == q.line.head
	if q.line.unlink(w); first {
		q.rule.pass(q.clockLocked()) // what has come in for w alone is lost
	}
	q.tendLocked()
	return stoppedWaiting(ctx)
}

// serveLocked lets those go whose turn has come, in order.
func (q *turns) serveLocked() {
	now := q.clockLocked()
	for w := q.line.head; w != nil && q.rule.due(int64(w.n)) <= now; w = q.line.head {
		q.line.unlink(w)
		q.rule.let(int64(w.n), now)
		w.settle(nil)
	}
}

// tendLocked is called whenever turns may have changed: it lets those go whose
// turn has come, and sets the timer for the one after them. The timer lives
// only while somebody waits.
func (q *turns) tendLocked() {
	q.serveLocked()
	if q.line.head == nil {
		if q.timer != nil {
			q.timer.Stop()
			q.timer = nil
		}
		return
	}
	due := q.rule.due(int64(q.line.head.n))
	d := time.Until(q.epoch.Add(time.Duration(due)))
	if q.timer == nil {
		q.timer = time.AfterFunc(d, q.wake)
	} else {
		q.timer.Reset(d)
	}
}

func (q *turns) wake() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.timer != nil { // else it was stopped too late
		q.tendLocked()
	}
}

// refusedTurn makes the error of a refused Wait.
func refusedTurn(d Decision, n int, left time.Duration) error {
	e := &LimitError{Decision: d, N: n}
	switch {
	case n < 0:
		e.text = fmt.Sprintf("cannot wait for %d events: pass 0 or more", n)
	case d.Reason == OverBurst:
		e.text = fmt.Sprintf("%d events are more than the limit of %d: ask for less", n, d.Limit)
	case d.RetryAfter == InfDuration:
		e.text = fmt.Sprintf("the turn of %d events would not come within years: ask for less, or less often", n)
	default:
		e.text = fmt.Sprintf("the turn comes in %v, and the context ends in %v: try again later, or give it more time", d.RetryAfter, left)
	}
	return e
}

// between returns how long it is from now until then.
func between(now, then int64) time.Duration {
	switch {
	case then <= now:
		return 0
	case then == never || then-now < 0:
		return InfDuration
	}
	return time.Duration(then - now)
}

// later returns the moment d after t, never if that is out of range.
func later(t int64, d uint64) int64 {
	if d > uint64(never)-uint64(t) { // the true difference, of up to 64 bits
		return never
	}
	return t + int64(d)
}
