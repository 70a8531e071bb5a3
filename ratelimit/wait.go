package ratelimit

import (
	"context"
	"time"
)

// Wait waits for a token and takes it. It is WaitN for one token.
//
// On cancel: see [Limiter.WaitN].
func (l *Limiter) Wait(ctx context.Context) error { return l.WaitN(ctx, 1) }

// WaitN waits until it has n tokens. Those who wait are served in the order in
// which they came, however much each of them wants.
//
// It returns a [*LimitError] at once, and takes nothing, if n is more than the
// burst or if ctx has a deadline that comes before the tokens do; the latter
// also matches context.DeadlineExceeded. At a limit of 0 it waits for another
// limit.
//
// On cancel, it returns a [*WaitError], which matches the error and the cause
// of ctx; at once, if ctx has ended before the call, even if the tokens are
// there. It has then taken nothing: its place in the line is free, and those
// behind it move up at once. Tokens that are there by the time that ctx ends
// during the wait are taken.
func (l *Limiter) WaitN(ctx context.Context, n int) error {
	if ctx == nil {
		panic("ratelimit: Wait needs a context, got nil: pass context.Background() if there is none")
	}
	if b := l.bucket.Load(); b != nil && ctx.Err() == nil && b.take(int64(time.Since(b.epoch)), n) == taken {
		return nil
	}
	w, err := l.join(ctx, n)
	if w == nil {
		return err
	}
	select {
	case <-w.ready:
		return w.err
	case <-ctx.Done():
		return l.leave(ctx, w)
	}
}

// join takes the tokens if they are there, or makes a waiter in the line.
func (l *Limiter) join(ctx context.Context, n int) (*waiter, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := time.Now()
	b := l.bucketAtLocked(t)
	if n < 0 || n > b.burst && b.limit != Inf {
		return nil, refusal(b.refuse(OverBurst, t, InfDuration), n, 0)
	}
	if ctx.Err() != nil {
		return nil, stoppedWaiting(ctx)
	}
	if b.limit == Inf {
		return nil, nil
	}
	left := InfDuration
	deadline, limited := ctx.Deadline()
	if limited {
		left = deadline.Sub(t)
	}
	end, delay, how := b.book(b.clock(t), n, func(d time.Duration) bool {
		return d <= left && !(limited && d == InfDuration)
	})
	switch {
	case how != taken && delay > left:
		return nil, refusal(b.refuse(TooLate, t, delay), n, left)
	case how != taken:
		return nil, refusal(b.refuse(TooFar, t, delay), n, left)
	case delay == 0:
		return nil, nil
	}
	w := &waiter{ready: make(chan struct{}), n: n}
	l.line.push(w, end, b)
	if l.timer == nil {
		l.tendLocked()
	}
	return w, nil
}

// leave gives up the place of w, unless its tokens are there.
func (l *Limiter) leave(ctx context.Context, w *waiter) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.serveLocked()
	if w.run == nil {
		l.tendLocked()
		return w.err
	}
	b := l.bucketLocked()
	l.freeLocked(b, l.line.remove(w, b))
	l.tendLocked()
	return stoppedWaiting(ctx)
}

// freeLocked gives booked tokens to those who are behind them in the line, and
// what they leave back to the bucket.
func (l *Limiter) freeLocked(b *bucket, h hole) {
	h = l.line.fill(h, b)
	b.giveBack(h.end, h.size)
	l.recent.word = min(l.recent.word, b.word.Load())
}

// serveLocked wakes those whose tokens are there, in order.
func (l *Limiter) serveLocked() {
	if l.line.empty() {
		return
	}
	t := time.Now()
	b := l.bucketAtLocked(t) // its scale may end while they sleep
	in := b.at(b.clock(t))
	for !l.line.empty() && (b.limit == Inf || l.line.first(b) <= in) {
		l.line.pop(b).settle(nil)
	}
}

// tendLocked is called whenever the line or its times have changed: it wakes
// whose turn it is, and sets the timer for the one after them. The timer lives
// only while somebody sleeps.
func (l *Limiter) tendLocked() {
	l.serveLocked()
	l.tellLocked()
	d := InfDuration
	if !l.line.empty() {
		t := time.Now()
		b := l.bucketAtLocked(t)
		now := b.clock(t)
		d = b.delay(now, b.at(now), l.line.first(b))
	}
	switch {
	case d < InfDuration && l.timer == nil:
		l.timer = time.AfterFunc(d, l.wake)
	case d < InfDuration:
		l.timer.Reset(d)
	case l.timer != nil: // nobody sleeps, or for ever
		l.timer.Stop()
		l.timer = nil
	}
}

func (l *Limiter) wake() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tendLocked()
}
