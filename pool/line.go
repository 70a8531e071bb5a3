package pool

import (
	"context"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/ring"
	"github.com/thence-go/thence/internal/task"
)

// submitLater waits in line for room. Whoever takes a task out of the queue
// puts the first in line into it, so that nobody overtakes.
func (p *Pool) submitLater(ctx context.Context, o *order) error {
	if s := task.SlotOf(ctx); s != nil {
		s.Park() // first: the place that this gives back may be what is missing
		defer s.Unpark(ctx)
	}
	w := &waiter{order: *o, by: slotOfPool(ctx, p)}
	p.mu.Lock()
	p.room.push(w)
	p.waiting.Add(1)
	p.mu.Unlock()
	p.admit() // room may have come before we were seen
	select {
	case <-w.ready:
	case <-ctx.Done():
		if p.giveUp(w) {
			return p.reject(&future.CanceledError{Cause: context.Cause(ctx)})
		}
	}
	if w.err != nil {
		return p.reject(w.err)
	}
	return nil
}

func (p *Pool) giveUp(w *waiter) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.room.remove(w) {
		return false
	}
	p.waiting.Add(-1)
	return true
}

// admit moves submitters from the line into the queue, as far as there is
// room.
func (p *Pool) admit() {
	p.mu.Lock()
	for w := p.room.head; w != nil; w = p.room.head {
		s := ring.Closed
		if r := p.openLocked(); r != nil {
			s = p.pushTo(r, &w.order)
		}
		if s == ring.Full {
			p.unblockLocked()
			break
		}
		var err error
		if s == ring.Closed {
			err = ErrClosed
		}
		p.serveLocked(w, err)
	}
	p.mu.Unlock()
	p.wakeForWork()
}

// unblockLocked looks after a line in front of a queue that is full of tasks
// that wait for their keys or Subs. One that could run at once must not wait
// behind those: it may be what they wait for. It is let in beyond the capacity,
// one at a time.
func (p *Pool) unblockLocked() {
	q, r := &p.sched, p.queue.Load()
	q.lock()
	defer q.mu.Unlock()
	if q.ready.Load() > 0 || r.Len() > 0 {
		return
	}
	for w := p.room.head; w != nil; w = w.next {
		o := w.order
		if o.scope == nil {
			o.scope = p.scope(Normal)
		}
		if q.startsNowLocked(&o) {
			pushed, _ := r.Counts()
			r.HoldOver()
			q.addLocked(&o, uint32(pushed))
			p.serveLocked(w, nil)
			return
		}
	}
	if w := p.stuckLocked(); w != nil {
		p.serveLocked(w, future.ErrDeadlock)
	}
}

func (p *Pool) serveLocked(w *waiter, err error) {
	w.err = err
	p.waiting.Add(-1)
	p.room.serve(w)
}
