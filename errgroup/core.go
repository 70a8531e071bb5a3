package errgroup

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/task"
)

// core is a scope without the type of its results.
type core struct {
	config
	parent context.Context // what Collect was given
	ctx    context.Context
	cancel context.CancelCauseFunc
	unhook func() bool  // with an executor or a limiter: settleQueued does not come with the end of ctx any more
	begun  atomic.Int64 // calls whose function has been called

	// mu guards what follows and the fields of job that say so. It is never
	// held while code of the user or of an executor runs, nor while anything
	// blocks.
	mu       sync.Mutex
	places   places
	ready    ready
	queued   queued
	admitted int  // calls that are in, from when they have a place until they have settled
	accepted int  // calls that have a seq
	numbered int  // calls that have an index
	closed   bool // Close was called, or Wait has returned
	reason   error
	changed  chan struct{} // made by those who wait for a change, closed by whoever makes one
	verdict  verdict
	turns    turns // of the predicate
	cleanups []cleanup
	stats    Stats
}

// begin starts j, or says why not.
func (c *core) begin(ctx context.Context, j *job, wait bool) error {
	if c.hooks != nil {
		return c.beginTold(ctx, j, wait)
	}
	return c.admit(ctx, j, wait)
}

// admit is begin without hooks.
func (c *core) admit(ctx context.Context, j *job, wait bool) error {
	c.mu.Lock()
	if err := c.refusalLocked(ctx); err != nil {
		c.refuseLocked(err)
		c.mu.Unlock()
		return err
	}
	if c.roomLocked() {
		c.enterLocked(j)
		spawn := c.needWorkerLocked()
		c.mu.Unlock()
		if spawn {
			go c.work()
		}
		if c.offers() {
			return c.offer(ctx, j)
		}
		return nil
	}
	if !wait {
		c.refuseLocked(ErrLimit)
		c.mu.Unlock()
		return ErrLimit
	}
	w := &waiter{job: j, woken: make(chan struct{})}
	c.places.blocked.push(w)
	c.mu.Unlock()
	return c.beginLater(ctx, w)
}

// beginLater waits for room first.
func (c *core) beginLater(ctx context.Context, w *waiter) error {
	if slot := task.SlotOf(ctx); slot != nil {
		slot.Park()
		// An executor must have the new call before the caller waits for its
		// own place: the one that is free may be the one that the call holds.
		defer slot.Unpark(ctx)
	}
	select {
	case <-w.woken:
	case <-ctx.Done():
	case <-c.ctx.Done():
	}
	c.mu.Lock()
	if !w.granted {
		c.places.blocked.remove(w)
		err := c.refusalLocked(ctx)
		c.refuseLocked(err)
		c.mu.Unlock()
		return err
	}
	c.mu.Unlock()
	if c.offers() {
		return c.offer(ctx, w.job)
	}
	return nil // whoever gave the place has made the call ready
}

// enterLocked lets j in; there is room.
func (c *core) enterLocked(j *job) {
	j.phase = entered
	c.admitted++
	c.takeLocked(j)
	if c.offers() {
		j.offered = true
		c.queued.push(j)
		return
	}
	c.acceptLocked(j)
	c.ready.push(j)
}

// offers reports whether a call that has a place has to be taken by somebody
// else before it is accepted.
func (c *core) offers() bool { return c.on != nil || c.throttle != nil }

// acceptLocked gives j its numbers, once; false if its caller went away first.
func (c *core) acceptLocked(j *job) bool {
	if j.phase == entered {
		j.phase = accepted
		j.seq = c.accepted
		c.accepted++
		if j.index = -1; !j.void {
			j.index = c.numbered
			c.numbered++
		}
	}
	return j.phase != withdrawn
}

// leaveLocked lets j out, and others in. The caller must see to a worker.
func (c *core) leaveLocked(j *job) {
	c.admitted--
	j.phase = left
	c.giveLocked(j)
	c.grantLocked()
	if c.admitted == 0 {
		c.changeLocked()
	}
}

// refusalLocked returns why nothing can be started for a caller with this
// context.
func (c *core) refusalLocked(ctx context.Context) error {
	switch {
	case c.reason != nil:
		return &OverError{Reason: c.reason}
	case c.closed:
		return &OverError{Reason: ErrClosed}
	case c.ctx.Err() != nil:
		return &OverError{Reason: canceledBy(context.Cause(c.ctx))}
	case ctx.Err() == nil:
		return nil
	case c.parent.Err() != nil: // ctx may hear of that before the scope's does
		return &OverError{Reason: canceledBy(context.Cause(c.parent))}
	}
	return future.StoppedWaiting(ctx)
}

// refuseLocked notes a call that was not started. If that is for the end of
// the parent's context, Wait must not report a success.
func (c *core) refuseLocked(why error) {
	c.stats.NotStarted++
	if over, ok := why.(*OverError); ok && isCanceled(over.Reason) {
		c.verdict.cancel(over.Reason)
	}
}

// overLocked reports that nothing may be started any more.
func (c *core) overLocked() bool {
	return c.reason != nil || c.closed || c.ctx.Err() != nil
}

// endLocked ends the scope, if nothing has before; then the caller calls stop,
// after unlocking.
func (c *core) endLocked(reason error) bool {
	if c.reason != nil || c.closed && c.admitted == 0 {
		return false
	}
	c.reason = reason
	c.changeLocked()
	return true
}

// stop is what the end of a scope does outside the lock.
func (c *core) stop(reason error) {
	if c.unhook != nil {
		c.unhook()
	}
	c.cancel(causeOf(reason))
	c.settleQueued()
}

// closeLocked closes the scope, if nothing has before.
func (c *core) closeLocked() bool {
	if c.closed {
		return false
	}
	c.closed = true
	for w := c.places.blocked.pop(); w != nil; w = c.places.blocked.pop() {
		close(w.woken)
	}
	c.changeLocked()
	return true
}

// changedLocked returns a channel that is closed at the next change. It is
// made for each wait, so that a scope may be used across synctest bubbles.
func (c *core) changedLocked() <-chan struct{} {
	if c.changed == nil {
		c.changed = make(chan struct{})
	}
	return c.changed
}

func (c *core) changeLocked() {
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

// mustMade tells the zero Scope, which knows no context.
func (c *core) mustMade() {
	if c.parent == nil {
		panic("errgroup: the zero Scope is not usable: make one with Collect")
	}
}

// parkLocked gives the slot back of the task that made the scope, which is
// about to wait here; the function that it returns takes one again. Both let go
// of mu meanwhile.
func (c *core) parkLocked() (resumeLocked func()) {
	slot := task.SlotOf(c.parent)
	if slot == nil {
		return func() {}
	}
	c.mu.Unlock()
	slot.Park()
	c.mu.Lock()
	return func() {
		c.mu.Unlock()
		slot.Unpark(c.parent)
		c.mu.Lock()
	}
}
