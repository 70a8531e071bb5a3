package pool

import (
	"errors"
	"sync/atomic"

	"github.com/thence-go/thence/future"
)

// Stats says what a pool is doing and what has become of its tasks. Whenever
// nothing is queued, running or parked,
//
//	Submitted = Completed + Failed + Canceled + Rejected + Dropped
type Stats struct {
	Workers int // goroutines, idle ones included
	Running int // tasks that run, at most the pool's limit
	Parked  int // tasks that gave their slot back while they wait for others
	Queued  int // tasks that wait for their turn
	Waiting int // submitters that wait for room in the queue

	Submitted uint64 // all that were offered
	Completed uint64 // ended without an error
	Failed    uint64 // ended with an error, panicked ones included
	Panicked  uint64
	Canceled  uint64 // canceled before or while they ran
	Rejected  uint64 // not accepted: no room, closed, or the submitter gave up
	Dropped   uint64 // accepted, and never run because the pool stopped
}

// books counts what does not end well. What completed is the rest, so that it
// costs nothing to count.
type books struct {
	failed, panicked, canceled, rejected, dropped atomic.Uint64
}

func (b *books) ended(err error) {
	var panicked *future.PanicError
	switch {
	case errors.Is(err, future.ErrCanceled):
		b.canceled.Add(1)
		return
	case errors.As(err, &panicked):
		b.panicked.Add(1)
	}
	b.failed.Add(1)
}

// Stats returns the books. Each number is exact; numbers of a busy pool may be
// a few tasks apart from each other.
func (p *Pool) Stats() Stats {
	p.mu.Lock()
	workers := len(p.workers)
	p.mu.Unlock()
	s := Stats{
		Workers:  workers,
		Waiting:  int(p.waiting.Load()),
		Panicked: p.books.panicked.Load(),
		Failed:   p.books.failed.Load(),
		Canceled: p.books.canceled.Load(),
		Rejected: p.books.rejected.Load(),
		Dropped:  p.books.dropped.Load(),
	}
	pushed, popped := p.queue.Counts()
	s.Running, s.Parked = p.slots.busy(), int(p.slots.parked.Load())
	s.Queued = int(pushed - popped)
	s.Submitted = pushed + s.Rejected
	if ended, other := int64(popped)-int64(s.Running+s.Parked), int64(s.Failed+s.Canceled+s.Dropped); ended > other {
		s.Completed = uint64(ended - other)
	}
	return s
}
