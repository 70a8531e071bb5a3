package pool

import (
	"context"

	"github.com/thence-go/thence/internal/task"
)

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
// It may be called several times, and at once; all calls wait, and the one that
// stops the pool has the report. A task that shuts its own pool down, with the
// ctx that it was given, gets ErrDeadlock.
func (p *Pool) Shutdown(ctx context.Context) error {
	if ctx == nil {
		panic("pool: Shutdown needs a context, got nil: pass context.Background() to wait for as long as it takes")
	}
	if s, ok := task.SlotOf(ctx).(*slot); ok && s.pool == p {
		return ErrDeadlock
	}
	drained := p.drain()
	select {
	case <-drained:
		return nil
	default:
	}
	select {
	case <-drained:
		return nil
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

// drain closes the queue and returns the channel that tells when the last task
// has returned.
func (p *Pool) drain() <-chan struct{} {
	p.queue.Close()
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

// checkDrainedLocked is called when a worker has gone or the queue has been
// emptied.
func (p *Pool) checkDrainedLocked() {
	if p.drained == nil || len(p.workers) > 0 || p.queue.Len() > 0 {
		return
	}
	select {
	case <-p.drained:
	default:
		close(p.drained)
	}
}

// stop refuses what is queued and cancels what runs, in this order: a task that
// ends because it is canceled must not let its worker begin another.
func (p *Pool) stop(cause error) error {
	left := &ShutdownError{Pool: p.name, Cause: cause}
	for {
		e, ok := p.queue.Pop()
		if !ok {
			break
		}
		left.NotRun++
		p.books.dropped.Add(1)
		e.task.Refuse(ErrNotRun)
	}
	left.Running = p.slots.busy() + int(p.slots.parked.Load())
	p.stopped.Store(true)
	p.mu.Lock()
	for w := range p.workers {
		if l := w.ctx.Load(); l != nil {
			l.Cancel(ErrClosed)
		}
	}
	p.checkDrainedLocked()
	p.mu.Unlock()
	if left.NotRun+left.Running == 0 {
		return nil
	}
	return left
}
