package errgroup

import (
	"context"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/task"
)

// job is a call without the type of its result, and the slot (as internal/task
// means it) that the call runs in.
type job struct {
	ctx   task.Ctx
	core  *core
	self  runner
	outer task.Slot // of the executor
	void  bool      // started by Do

	asked *task.Ctx // what an executor was given
	begun bool      // its function was called

	// Guarded by core.mu; err is also read by whoever has written it.
	phase   phase
	err     error // what it came to
	next    *job  // in ready or queued
	prev    *job  // in queued
	offered bool  // Execute has not returned
	seq     int   // its number among all calls
	index   int   // its place among the values, or -1
	parked  int   // Park less Unpark
	held    bool
	resume  *waiter // to have the place again
}

// phase is how far a call has come.
//
//	waiting --room--> entered --accept--> accepted ---------------settle--> left
//	                     |                    \----claim--> claimed --settle--/
//	                     \----withdraw---> withdrawn
//
// Calls of an executor are claimed: by Run, by Refuse, or by the end of the
// scope, whichever is first. The others do nothing.
type phase uint8

const (
	waiting  phase = iota
	entered        // holds a place; the executor has not said yes or no
	accepted       // has its number: it will settle
	claimed        // somebody settles it
	left
	withdrawn
)

// runner is a call that can be performed.
type runner interface {
	future.Task
	perform() (next *job)
	fail(err error)
}

type call[T any] struct {
	job
	scope *Scope[T]
	fn    func(context.Context) (T, error)
}

func newCall[T any](s *Scope[T], fn func(context.Context) (T, error), void bool) *job {
	t := &call[T]{scope: s, fn: fn}
	t.core = &s.core
	t.self = t
	t.void = void
	if s.on == nil {
		t.ctx.Init(s.ctx, t.slot())
	}
	return &t.job
}

// slot is what the call parks. It is nil where there is nothing to give back.
func (j *job) slot() task.Slot {
	if j.core.limit == 0 {
		return j.outer
	}
	return j
}

// perform calls the function and settles the call, whatever the function does.
func (t *call[T]) perform() (next *job) {
	var v T
	if t.ctx.Err() != nil {
		return t.settle(v, canceledBy(context.Cause(&t.ctx)))
	}
	t.begun = true
	t.core.begun.Add(1)
	returned := false
	defer func() {
		if returned {
			return
		}
		var none T
		err := future.Recovered(recover())
		task.Panicked(t.ctx.Base(), err)
		next = t.settle(none, err)
		if err == future.ErrGoexit && next != nil {
			go t.core.goOn(next) // this goroutine ends
		}
	}()
	v, err := t.fn(&t.ctx)
	returned = true
	return t.settle(v, future.Outcome(&t.ctx, err))
}

// fail settles a call that does not run.
func (t *call[T]) fail(err error) {
	var none T
	t.settle(none, err) // calls of an executor are never ready: nothing follows
}

// settle tells the sink first, if there is one and it has to know. The call has
// given its place back before, for good: a sink may start the work anew.
func (t *call[T]) settle(v T, err error) (next *job) {
	if t.core.sink == nil || err == nil || isCanceled(err) {
		return t.complete(v, err, nil)
	}
	returned := false
	defer func() {
		if returned {
			return
		}
		trouble := future.Recovered(recover())
		next = t.complete(v, err, trouble)
		if trouble == future.ErrGoexit && next != nil {
			go t.core.goOn(next)
		}
	}()
	t.Park()
	t.core.sink(t.seq, err)
	returned = true
	return t.complete(v, err, nil)
}

// complete does the bookkeeping.
func (t *call[T]) complete(v T, err, trouble error) (next *job) {
	c, s := t.core, t.scope
	t.fn = nil // what it holds on to may be large
	if t.ctx.Base() != nil {
		t.ctx.Release()
	}
	c.mu.Lock()
	t.err = err
	if t.index >= 0 {
		s.finished = append(s.finished, finished[T]{t.index, future.Result[T]{Value: v, Err: err}})
		if s.taken {
			c.changeLocked()
		}
	}
	reason := c.judgeLocked(&t.job, err, trouble)
	end := reason != nil && c.endLocked(reason)
	c.leaveLocked(&t.job)
	next = c.ready.pop()
	spawn := c.needWorkerLocked()
	release := t.asked != nil && !t.offered
	c.mu.Unlock()
	if spawn {
		go c.work()
	}
	if release {
		t.asked.Release()
	}
	if end {
		c.stop(reason)
	}
	return next
}
