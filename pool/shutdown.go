package pool

import (
	"context"
	"time"
)

// State says whether a pool takes tasks.
type State uint8

// A pool is Open until Shutdown or Close is called, Draining while accepted
// tasks are left, and Closed when all have ended.
const (
	Open State = iota
	Draining
	Closed
)

// String returns the state's name.
func (s State) String() string {
	switch s {
	case Open:
		return "Open"
	case Draining:
		return "Draining"
	}
	return "Closed"
}

// Shutdown stops the pool in an orderly way. From now on nothing is accepted:
// submitting returns ErrClosed, and so it does for submitters that wait for
// room. What is queued still runs. Shutdown returns nil when all tasks have
// returned.
//
// On cancel of ctx it stops waiting: the tasks that run have their ctx
// canceled, with ErrClosed as the cause; those in the queue settle with
// ErrNotRun and are never run; and Shutdown returns a *ShutdownError that says
// how many of each there were, unless there was none. Tasks that ignore their
// ctx run on, since nothing can end a goroutine from outside.
//
// It may be called several times, and at once: all calls wait, and the first ctx
// that ends stops the pool, once and for all. Every call that returns after that,
// however late it came, returns the same report, and nil means that all that was
// accepted has run and none of it was canceled by a stop.
//
// A task that shuts its own pool down, with the ctx that it was given, gets
// ErrDeadlock.
func (p *Pool) Shutdown(ctx context.Context) error {
	if ctx == nil {
		panic("pool: Shutdown needs a context, got nil: pass context.Background() to wait for as long as it takes")
	}
	if slotOfPool(ctx, p) != nil {
		return ErrDeadlock
	}
	drained := p.drain()
	select {
	case <-drained:
		return p.leftBehind()
	default:
	}
	select {
	case <-drained:
		return p.leftBehind()
	case <-ctx.Done():
		return p.stop(context.Cause(ctx))
	}
}

// Close is Shutdown with a ctx that has ended: it stops the pool now. It
// returns a *ShutdownError if that left tasks behind, or if an earlier stop did.
func (p *Pool) Close() error {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(ErrClosed)
	return p.Shutdown(ctx)
}

// drain accepts nothing more. It returns the channel that tells when the last
// task has returned.
func (p *Pool) drain() <-chan struct{} {
	p.mu.Lock()
	if p.state == Open {
		p.state, p.draining = Draining, time.Now()
		p.stamped.Store(true)
		p.attentive.Store(true)
	}
	if r := p.queue.Load(); r != nil {
		r.Close()
	}
	p.mu.Unlock()
	p.timers.close()
	p.sched.closeHands()
	p.admit() // turns away those who wait for room
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tick != nil {
		p.tick.Stop()
	}
	p.dismissLocked(len(p.idle))
	if p.drained == nil {
		p.drained = make(chan struct{})
	}
	p.checkDrainedLocked()
	return p.drained
}

// checkDrainedLocked is called when a worker has gone, or when tasks that were in
// the queue have ended without having run.
func (p *Pool) checkDrainedLocked() {
	if p.drained == nil || p.state == Closed || len(p.workers)+len(p.callers)+p.refusing > 0 || p.queuedLocked() > 0 {
		return
	}
	p.state = Closed
	close(p.drained)
}
