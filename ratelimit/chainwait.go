package ratelimit

import (
	"context"
	"time"
)

// link is a waiter of a [Chain]. Its channels are made for this one wait, so
// that they belong to the bubble of whoever waits.
type link struct {
	turn       chan struct{} // closed when it has become the first
	prev, next *link
}

// Wait waits until each limiter has a token, and takes one of each, all at
// once: nothing is held of one while another has none. Those who wait in the
// same Chain are served in the order in which they came. Others may be ahead of
// them: who takes from one of the limiters beside the chain, or waits there.
//
// It returns a [*LimitError] at once if a limiter never has a token, or if ctx
// has a deadline that comes before the tokens are there; the latter also
// matches context.DeadlineExceeded. How long the others in front will take is
// not known: who has come behind them is refused when its turn has come. At a
// limit of 0 it waits for another limit.
//
// On cancel, it returns a [*WaitError], which matches the error and the cause
// of ctx; at once, if ctx has ended before the call, even if the tokens are
// there. It has then taken nothing, and those behind it move up at once. Tokens
// that are there by the time that ctx ends, if it is the first, are taken.
func (c *Chain) Wait(ctx context.Context) error {
	if ctx == nil {
		panic("ratelimit: Wait needs a context, got nil: pass context.Background() if there is none")
	}
	if ctx.Err() != nil {
		return stoppedWaiting(ctx)
	}
	l := c.join()
	defer c.leave(l)
	select {
	case <-l.turn:
		return c.waitFirst(ctx)
	default:
	}
	if err := tooLate(ctx, c.ask(1, false)); err != nil {
		return err
	}
	select {
	case <-l.turn:
		return c.waitFirst(ctx)
	case <-ctx.Done():
		return stoppedWaiting(ctx)
	}
}

// waitFirst asks again whenever the tokens could be there.
func (c *Chain) waitFirst(ctx context.Context) error {
	v := c.ask(1, true)
	if v.ok() {
		return nil
	}
	changed := make(chan struct{}, 1)
	for _, p := range c.parts {
		p.watch(changed, true)
		defer p.watch(changed, false)
	}
	for {
		v := c.ask(1, true)
		if v.ok() {
			return nil
		}
		if err := tooLate(ctx, v); err != nil {
			return err
		}
		if again(ctx, v.pause(), changed) {
			continue
		}
		if v := c.ask(1, true); v.ok() {
			return nil
		}
		return stoppedWaiting(ctx)
	}
}

// pause returns how long to wait before asking again. A Taker that cannot say
// when is asked a thousand times a second.
func (v *verdict) pause() time.Duration {
	if d := v.refusal.RetryAfter; d > 0 || !v.other {
		return d
	}
	return time.Millisecond
}

// again waits for d, or until changed, and reports false if ctx ended first.
func again(ctx context.Context, d time.Duration, changed <-chan struct{}) bool {
	var due <-chan time.Time // never, at a limit of 0
	if d < InfDuration {
		timer := time.NewTimer(d)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-due:
	case <-changed:
	case <-ctx.Done():
		return false
	}
	return true
}

// tooLate returns the error if it is of no use to wait for what was refused.
func tooLate(ctx context.Context, v verdict) error {
	if v.ok() {
		return nil
	}
	d := v.decision(1)
	switch {
	case d.Reason == OverBurst:
		return refusal(d, 1, 0)
	case v.other && d.RetryAfter == InfDuration:
		return &LimitError{Decision: d, N: 1, text: "Wait would never end, a limiter of the chain says: " + d.Reason.String()}
	}
	deadline, limited := ctx.Deadline()
	if left := time.Until(deadline); limited && d.RetryAfter > left {
		d.Reason = TooLate
		return refusal(d, 1, left)
	}
	return nil
}

// join makes a place at the end of the line.
func (c *Chain) join() *link {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := &link{turn: make(chan struct{}), prev: c.last}
	if c.last == nil {
		c.first = l
		close(l.turn)
	} else {
		c.last.next = l
	}
	c.last = l
	return l
}

// leave gives up the place of l. If it was the first, it is the turn of the
// next one.
func (c *Chain) leave(l *link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.next == nil {
		c.last = l.prev
	} else {
		l.next.prev = l.prev
	}
	if l.prev != nil {
		l.prev.next = l.next
		return
	}
	if c.first = l.next; c.first != nil {
		close(c.first.turn)
	}
}
