package pool

import (
	"context"
	"fmt"

	"github.com/thence-go/thence/internal/ring"
)

// Overflow is what happens to a task for which the queue has no room. TryGo
// never waits, runs or drops anything: it returns ErrFull under every policy.
type Overflow uint8

const (
	// Block makes the submitter wait for room, first come first served.
	Block Overflow = iota
	// Reject turns the task away with ErrFull. A worker, a key and a Sub are free
	// again when the worker has come back from the task, which may be a moment
	// after the task's result was seen: without a queue (Queue of 0), a task that
	// is submitted in that moment is turned away.
	Reject
	// CallerRuns runs the task inside the call that submits it, on the
	// submitter's goroutine: so submitters slow down. It runs beside the
	// pool's workers, with the slot of the submitter if that is a task of the
	// pool. A task with a key or of a Sub waits for room, as with Block: whose
	// turn it is cannot be left to who submits.
	CallerRuns
	// DropOldest makes room by dropping the task that has waited longest,
	// whatever its priority. It settles with ErrDropped.
	DropOldest
	// DropNewest drops the task itself: it counts as accepted, and settles
	// with ErrDropped.
	DropNewest

	// here runs the task where it is submitted, room or no room.
	here Overflow = 255
)

// String returns the policy's name.
func (o Overflow) String() string {
	names := [...]string{"Block", "Reject", "CallerRuns", "DropOldest", "DropNewest"}
	if int(o) < len(names) {
		return names[o]
	}
	return fmt.Sprintf("Overflow(%d)", uint8(o))
}

func (o Overflow) leastCapacity() int {
	if o == DropOldest || o == DropNewest {
		return 1
	}
	return 0
}

// overflowed applies the policy to a task that found the queue full.
func (p *Pool) overflowed(ctx context.Context, o *order, policy Overflow) error {
	switch policy {
	case Reject:
		return p.reject(ErrFull)
	case CallerRuns:
		if o.chains() {
			break
		}
		return p.runHere(ctx, o)
	case DropOldest:
		return p.replaceOldest(o)
	case DropNewest:
		p.dropNew(o)
		return nil
	}
	return p.submitLater(ctx, o)
}

// replaceOldest drops tasks until there is room.
func (p *Pool) replaceOldest(o *order) error {
	for {
		victim, found := p.takeOldest()
		if found {
			victim.task.Refuse(ErrDropped)
		}
		switch p.push(o) {
		case ring.Pushed:
			p.wakeForWork()
			return nil
		case ring.Closed:
			return p.reject(ErrClosed)
		}
		if !found { // all that is queued is still on its way in
			p.dropNew(o)
			return nil
		}
	}
}

// takeOldest takes out what has waited longest. Under the mutex, as takeAll.
func (p *Pool) takeOldest() (e entry, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e, ok = p.sched.oldest(); ok {
		p.books.dropped.Add(1)
	}
	return e, ok
}

func (p *Pool) dropNew(o *order) {
	p.books.droppedNew.Add(1)
	o.task.Refuse(ErrDropped)
}
