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
// It may be called several times, and at once. All calls wait, and those that
// wait when one of them stops the pool have the same report as that one: nil
// means that everything has run. A task that shuts its own pool down, with the
// ctx that it was given, gets ErrDeadlock.
func (p *Pool) Shutdown(ctx context.Context) error {
	if ctx == nil {
		panic("pool: Shutdown needs a context, got nil: pass context.Background() to wait for as long as it takes")
	}
	if slotOfPool(ctx, p) != nil {
		return ErrDeadlock
	}
	drained, stops := p.drain()
	select {
	case <-drained:
		return p.reportSince(stops)
	default:
	}
	select {
	case <-drained:
		return p.reportSince(stops)
	case <-ctx.Done():
		return p.stop(context.Cause(ctx))
	}
}

// Close is Shutdown with a ctx that has ended: it stops the pool now. It
// returns a *ShutdownError if that left tasks behind.
func (p *Pool) Close() error {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(ErrClosed)
	return p.Shutdown(ctx)
}

// drain accepts nothing more. It returns the channel that tells when the last
// task has returned, and how often the pool has been stopped so far.
func (p *Pool) drain() (drained <-chan struct{}, stops int) {
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
	return p.drained, p.stops
}

// checkDrainedLocked is called when a worker has gone or the queue has been
// emptied.
func (p *Pool) checkDrainedLocked() {
	if p.drained == nil || p.state == Closed || len(p.workers)+len(p.callers) > 0 || p.queuedLocked() > 0 {
		return
	}
	p.state = Closed
	close(p.drained)
}

// reportSince returns what stops left behind that came after a call began.
func (p *Pool) reportSince(stops int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stops == stops || p.report == nil {
		return nil
	}
	return p.report
}

// stop refuses what is queued and cancels what runs, in this order: a task that
// ends because it is canceled must not let its worker begin another.
func (p *Pool) stop(cause error) error {
	report := &ShutdownError{Pool: p.name, Cause: cause}
	for _, e := range p.takeAll() {
		report.NeverRun++
		e.task.Refuse(ErrNotRun)
	}
	p.stopped.Store(true)
	p.mu.Lock()
	defer p.mu.Unlock()
	report.Stragglers = p.cancelLocked()
	report.Canceled = len(report.Stragglers)
	p.stops++
	p.checkDrainedLocked()
	if report.NeverRun+report.Canceled == 0 {
		return nil
	}
	p.report = report
	return report
}

// takeAll takes all out that has not begun. Under the mutex, so that Stats never
// sees what is neither queued nor dropped.
func (p *Pool) takeAll() (es []entry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r := p.queue.Load(); r != nil {
		for e, ok := r.Pop(); ok; e, ok = r.Pop() {
			es = append(es, e)
		}
	}
	es = append(es, p.sched.clear()...)
	p.books.dropped.Add(uint64(len(es)))
	return es
}
