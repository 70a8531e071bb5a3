package ratelimit

import (
	"context"
	"time"
)

// Lease is a part of a [Concurrency] that is held under a name. It is made by
// [Concurrency.Hold] and must not be copied. Its methods are safe for
// concurrent use.
type Lease struct {
	c          *Concurrency // never nil
	name       string
	n          int64
	since      time.Time
	held       bool // c.mu guards it, and the links
	prev, next *Lease
}

// Holder is one who holds a part of a [Concurrency], as [Concurrency.Holders]
// tells it.
type Holder struct {
	Name  string
	N     int64
	Since time.Time
}

// Hold is [Concurrency.Acquire] for a holder who can be asked for: until the
// Lease is released, Holders lists the name, which need not be the only one of
// its kind. Those who use Acquire pay nothing for it.
//
// On cancel: as Acquire.
func (c *Concurrency) Hold(ctx context.Context, name string, n int64) (*Lease, error) {
	l := &Lease{c: c, name: name, n: n}
	if err := c.acquire(ctx, n, l); err != nil {
		return nil, err
	}
	return l, nil
}

func (c *Concurrency) listLocked(l *Lease) {
	l.held, l.since, l.prev = true, time.Now(), c.newest
	if c.newest == nil {
		c.oldest = l
	} else {
		c.newest.next = l
	}
	c.newest = l
	c.named += l.n
}

// Release gives back what the lease holds, to those who wait, in order. It does
// nothing if it has been called before, so it can be deferred and called early.
func (l *Lease) Release() {
	c := l.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if !l.held {
		return
	}
	l.held = false
	if l.prev == nil {
		c.oldest = l.next
	} else {
		l.prev.next = l.next
	}
	if l.next == nil {
		c.newest = l.prev
	} else {
		l.next.prev = l.prev
	}
	l.prev, l.next = nil, nil
	c.named -= l.n
	c.used -= l.n
	c.admitLocked()
}

// Holders returns who holds a [Lease], the oldest first. Who came in by Acquire
// or TryAcquire has no name and is not listed.
func (c *Concurrency) Holders() []Holder {
	c.mu.Lock()
	defer c.mu.Unlock()
	var hs []Holder
	for l := c.oldest; l != nil; l = l.next {
		hs = append(hs, Holder{Name: l.name, N: l.n, Since: l.since})
	}
	return hs
}
