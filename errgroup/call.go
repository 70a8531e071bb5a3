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
	outer task.Slot  // of the executor
	asked *task.Ctx  // what a limiter or an executor was given
	hand  *handshake // of Start
	times *times     // with hooks
	void  bool       // started by Do
	begun bool       // its function was called

	// Guarded by core.mu; err is also read by whoever has written it.
	phase   phase
	offered bool    // offer has not returned
	held    bool    // a place
	err     error   // what it came to
	next    *job    // in ready or queued
	prev    *job    // in queued
	seq     int     // its number among all calls
	index   int     // its place among the values, or -1
	parked  int     // Park less Unpark
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
		err := canceledBy(context.Cause(&t.ctx))
		t.onReject(t.seq, err)
		return t.settle(v, err)
	}
	t.begun = true
	t.core.begun.Add(1)
	if t.times != nil {
		t.onStart()
	}
	returned := false
	defer func() {
		if returned {
			return
		}
		var none T
		err := future.Recovered(recover())
		task.Panicked(t.ctx.Base(), err)
		if t.times != nil {
			t.onPanic(err)
			t.onDone(err)
		}
		next = t.settle(none, err)
		next = t.core.handOn(err, next)
	}()
	v, err := t.fn(&t.ctx)
	returned = true
	err = future.Outcome(&t.ctx, err)
	if t.times != nil {
		t.onDone(err)
	}
	return t.settle(v, err)
}

// fail settles a call that does not run.
func (t *call[T]) fail(err error) {
	var none T
	t.onReject(t.seq, err)
	t.settle(none, err) // calls of an executor are never ready: nothing follows
}
