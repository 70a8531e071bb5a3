package pool

import (
	"errors"
	"sync/atomic"

	"github.com/thence-go/thence/future"
)

// Stats says what a pool is doing and what has become of its tasks. Whenever
// no task is queued, running or parked,
//
//	Submitted = Completed + Failed + Canceled + Rejected + Dropped
type Stats struct {
	State   State
	Workers int // goroutines, idle ones included
	Running int // tasks that run: at most the pool's limit, and those that callers run
	Parked  int // tasks that gave their slot back while they wait for others
	Queued  int // tasks that wait for their turn, at most the queue's capacity
	Waiting int // submitters that wait for room in the queue, or for a worker

	Submitted uint64 // all that were offered, but for those that wait for room
	Completed uint64 // ended without an error
	Failed    uint64 // ended with an error, panicked ones included
	Panicked  uint64 // those whose own function has panicked
	Canceled  uint64 // canceled before or while they ran
	Rejected  uint64 // not accepted: no room, closed, or the submitter gave up
	Dropped   uint64 // accepted and never run: they gave way, or the pool stopped

	Wait, Run Times // of all tasks so far; only with MeasureTimes
}

// books counts what does not end well. What completed is the rest, so that it
// costs nothing to count.
type books struct {
	failed, panicked, canceled, rejected atomic.Uint64

	dropped    atomic.Uint64 // out of the queue
	droppedNew atomic.Uint64 // before they were in it
	byCallers  atomic.Uint64 // begun by callers, without having been in it
}

// endedBadly is ended for a task that has not returned; v is what recover said.
func (b *books) endedBadly(l *loan, t future.Task, v any) {
	if l == nil {
		l = new(loan) // the submitter's own context has panicked
	}
	err := badEnd(unwatched(t), v)
	l.Panicked(err)
	b.ended(l, err)
}

// badEnd is what a task came to that has not returned. It may have settled
// before what follows it has ended the goroutine.
func badEnd(t future.Task, v any) error {
	if ended, ok := t.(interface{ Ended() (error, bool) }); ok && v == nil {
		if err, ok := ended.Ended(); ok {
			return err
		}
	}
	return future.Recovered(v)
}

// ended notes how a task ended. That its own function has panicked is what the
// loan says: the error may be that of work that the function waited for.
func (b *books) ended(l *loan, err error) {
	switch {
	case err == nil:
	case l.panicked != nil:
		b.panicked.Add(1)
		b.failed.Add(1)
	case errors.Is(err, future.ErrCanceled):
		b.canceled.Add(1)
	default:
		b.failed.Add(1)
	}
}

// Stats returns the books, as one picture. Of a busy pool Completed may lag
// behind by the tasks that begin and end in the same instant.
func (p *Pool) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.statsLocked()
	if p.watch != nil {
		s.Wait, s.Run = p.watch.times.snapshot()
	}
	return s
}

func (p *Pool) statsLocked() Stats {
	begun, queued, handing := p.flowLocked() // before all that tasks come to
	s := Stats{
		State:   p.state,
		Workers: len(p.workers),
		Queued:  queued,
		Waiting: int(p.waiting.Load()) + handing,
	}
	inside, quiet := 0, false
	for range 8 {
		parks := p.slots.parks.Load()
		s.Parked = p.slots.parked()
		s.Running = p.slots.busy() + len(p.callers)
		inside = s.Running + s.Parked
		if quiet = parks == p.slots.parks.Load(); quiet {
			break
		}
	}
	s.Panicked, s.Failed = p.books.panicked.Load(), p.books.failed.Load()
	s.Canceled, s.Rejected = p.books.canceled.Load(), p.books.rejected.Load()
	dropped, droppedNew := p.books.dropped.Load(), p.books.droppedNew.Load()
	s.Dropped = dropped + droppedNew
	s.Submitted = begun + uint64(queued) + s.Rejected + droppedNew
	other := s.Failed + s.Canceled + dropped + uint64(inside)
	if quiet && begun > other {
		p.completed = max(p.completed, begun-other)
	}
	s.Completed = p.completed
	return s
}

// flowLocked returns how many tasks have left the queue or never were in it,
// how many are in it, and how many submitters hold theirs in their hands.
func (p *Pool) flowLocked() (begun uint64, queued, handing int) {
	q := &p.sched
	q.mu.Lock()
	begun, queued = q.popped, int(q.pushed-q.popped)
	if q.backlog != nil {
		handing = len(q.handing)
	}
	q.mu.Unlock()
	queued -= handing
	begun += p.past + p.books.byCallers.Load()
	if r := p.queue.Load(); r != nil {
		pushed, popped := r.Counts()
		begun += popped
		queued += int(pushed - popped)
	}
	return begun, queued, handing
}
