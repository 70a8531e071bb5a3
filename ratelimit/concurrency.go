package ratelimit

import (
	"context"
	"fmt"
	"math"
	"sync"
)

// Concurrency bounds how much is under way at once: a weighted semaphore.
// Whoever comes in takes n of its capacity and gives them back with
// [Concurrency.Release] when done.
//
// Most callers want [Concurrency.Acquire]. [Concurrency.TryAcquire] is for
// those who would rather not wait, [Concurrency.Hold] for those who want
// [Concurrency.Holders] to tell who is inside.
//
// Those who wait are let in first come, first served, however much each of
// them wants: while a great one waits for room, no small one overtakes it, so
// the great one's turn comes. That leaves room unused meanwhile.
//
// The zero Concurrency has no capacity and lets nobody in until Resize. It must
// not be copied after its first use. All methods are safe for concurrent use. A
// Release synchronizes before the return of those Acquire, TryAcquire and Hold
// that it makes room for.
type Concurrency struct {
	// Not the semaphore of golang.org/x/sync, although it is one, first come
	// first served: its size is fixed, and it does not tell who holds what.

	// mu is held for a few instructions and those who are woken, never while
	// anybody waits, and no foreign code runs under it.
	mu          sync.Mutex
	size        int64
	used        int64      // by all holders; more than size after a Resize, until they leave
	named       int64      // part of used: by holders of a Lease
	first, last *applicant // who waits, in order
	oldest      *Lease     // who holds, in order
	newest      *Lease
}

// applicant is one who waits in Acquire or Hold. Its channel is made for this
// one wait, so that it belongs to the bubble of whoever waits.
type applicant struct {
	ready      chan struct{} // closed when it was let in or refused
	err        error         // set before ready is closed
	n          int64
	lease      *Lease // of a Hold
	waits      bool
	prev, next *applicant
}

// NewConcurrency returns a Concurrency of capacity n. It panics if n is
// negative.
func NewConcurrency(n int64) *Concurrency {
	return &Concurrency{size: checkedSize("NewConcurrency", n)}
}

func checkedSize(call string, n int64) int64 {
	if n < 0 {
		panic(fmt.Sprintf("ratelimit: %s needs a capacity of 0 or more, got %d: pass how much may be under way at once", call, n))
	}
	return n
}

// Acquire waits until there is room for n, and takes it. It returns a
// [*LimitError] with the Reason [OverBurst], at once, if n is more than the
// capacity, and as soon as a Resize makes it so; or if n is negative.
//
// On cancel, it returns a [*WaitError], which matches the error and the cause
// of ctx; at once, if ctx has ended before the call, even if there is room. It
// has then taken nothing: its place in the line is free, and those behind it
// move up at once. Who has been let in by the time that ctx ends is in.
func (c *Concurrency) Acquire(ctx context.Context, n int64) error {
	return c.acquire(ctx, n, nil)
}

// acquire is Acquire, for a lease if it is not nil.
func (c *Concurrency) acquire(ctx context.Context, n int64, l *Lease) error {
	if ctx == nil {
		panic("ratelimit: Acquire needs a context, got nil: pass context.Background() if there is none")
	}
	a, err := c.apply(ctx, n, l)
	if a == nil {
		return err
	}
	select {
	case <-a.ready:
		return a.err
	case <-ctx.Done():
		return c.withdraw(ctx, a)
	}
}

// TryAcquire takes n and reports true, if there is room now and nobody waits;
// else it takes nothing and reports false. It never blocks.
func (c *Concurrency) TryAcquire(n int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n < 0 || !c.fitsLocked(n) || c.first != nil {
		return false
	}
	c.enterLocked(n, nil)
	return true
}

// Release gives n back, to those who wait, in order. It panics if that is more
// than Acquire and TryAcquire have taken: what a Lease holds is given back by
// [Lease.Release] only.
func (c *Concurrency) Release(n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if held := c.used - c.named; n < 0 || n > held {
		panic(fmt.Sprintf("ratelimit: Release(%d) of a Concurrency of which Acquire holds %d: pass what was acquired, once", n, held))
	}
	c.used -= n
	c.admitLocked()
}

// Resize sets the capacity. Room that is gained goes to those who wait, in
// order. If it shrinks, those inside stay, and nobody is let in until enough of
// them have left; who waits for more than the new capacity is refused at once,
// and those behind move up. It panics if n is negative.
func (c *Concurrency) Resize(n int64) {
	checkedSize("Resize", n)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.size = n
	for a := c.first; a != nil; {
		next := a.next
		if a.n > n {
			c.removeLocked(a)
			a.err = c.refuseLocked(a.n)
			close(a.ready)
		}
		a = next
	}
	c.admitLocked()
}

// apply takes n if there is room, or makes an applicant in the line.
func (c *Concurrency) apply(ctx context.Context, n int64, l *Lease) (*applicant, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case n < 0 || n > c.size:
		return nil, c.refuseLocked(n)
	case ctx.Err() != nil:
		return nil, stoppedWaiting(ctx)
	case c.first == nil && c.fitsLocked(n):
		c.enterLocked(n, l)
		return nil, nil
	}
	a := &applicant{ready: make(chan struct{}), n: n, lease: l, waits: true, prev: c.last}
	if c.last == nil {
		c.first = a
	} else {
		c.last.next = a
	}
	c.last = a
	return a, nil
}

// withdraw gives up the place of a, unless it has been let in.
func (c *Concurrency) withdraw(ctx context.Context, a *applicant) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !a.waits {
		return a.err
	}
	c.removeLocked(a)
	c.admitLocked() // those behind may want less
	return stoppedWaiting(ctx)
}

// admitLocked lets in those for whom there is room, in order. It wakes nobody
// else.
func (c *Concurrency) admitLocked() {
	for a := c.first; a != nil && c.fitsLocked(a.n); a = c.first {
		c.removeLocked(a)
		c.enterLocked(a.n, a.lease)
		close(a.ready)
	}
}

func (c *Concurrency) enterLocked(n int64, l *Lease) {
	c.used += n
	if l != nil {
		c.listLocked(l)
	}
}

// fitsLocked does not add, for the sum may be too great.
func (c *Concurrency) fitsLocked(n int64) bool { return n <= c.size-c.used }

func (c *Concurrency) removeLocked(a *applicant) {
	if a.prev == nil {
		c.first = a.next
	} else {
		a.prev.next = a.next
	}
	if a.next == nil {
		c.last = a.prev
	} else {
		a.next.prev = a.prev
	}
	a.prev, a.next, a.waits = nil, nil, false
}

func (c *Concurrency) refuseLocked(n int64) error {
	text := fmt.Sprintf("Acquire(%d) is more than the capacity of %d: ask for less, or set a greater capacity", n, c.size)
	if n < 0 {
		text = fmt.Sprintf("Acquire(%d) asks for less than nothing: pass 0 or more", n)
	}
	return &LimitError{N: clampInt(n), text: text, Decision: Decision{
		Reason: OverBurst, RetryAfter: InfDuration,
		Limit: clampInt(c.size), Remaining: clampInt(max(c.size-c.used, 0)),
	}}
}

// clampInt returns n, or the nearest int where those have 32 bits.
func clampInt(n int64) int { return int(min(max(n, math.MinInt), math.MaxInt)) }
