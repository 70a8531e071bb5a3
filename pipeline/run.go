package pipeline

import (
	"context"
	"sync"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/task"
)

// run is one execution of a flow. It is put together by the flow's open, from
// the end to the sources, then started, and ended once.
//
// The goroutines of a run stop in one of three ways: the sources come to their
// end, a function fails, or the consumer stops. The last two stop all its
// parts: their contexts end, and so does every edge, which wakes whoever is
// parked.
type run struct {
	caller  context.Context // the terminal's
	all     part            // all of it
	stats   *stats          // nil: nobody wants figures
	active  sync.WaitGroup  // segments
	watched func()          // ends the watch on caller

	quiet chan struct{} // closed when all segments have returned; nil without sides
	sides sync.WaitGroup
	aside []func() // start the sides
	begun bool     // sides that come now start at once

	told     sync.Mutex       // held for a few instructions, never while anything blocks
	err      error            // the first failure
	canceled bool             // caller ended before the run did
	over     bool             // it has come to its end by itself
	atEnd    []func()         // for what is left, when all segments have returned
	branches map[*census]bool // that have the same
	sources  []*part
	draining bool // the sources have been stopped
}

func newRun(ctx context.Context) *run {
	r := &run{caller: ctx}
	r.all.run = r
	r.all.ctx.Init(ctx, nil)
	return r
}

// side adds a goroutine that runs beside p's segments. It must return soon
// after quiet is closed: when they have all returned.
func (p *part) side(s *segment, body func(quiet <-chan struct{})) {
	r := p.run
	s.finish = r.sides.Done
	r.sides.Add(1)
	r.told.Lock()
	defer r.told.Unlock()
	quiet := &r.quiet
	if p.census != nil {
		quiet = &p.census.quiet
	}
	if *quiet == nil {
		*quiet = make(chan struct{})
	}
	over := *quiet
	begin := func() { go s.call(func() { body(over) }) }
	if r.begun {
		begin()
		return
	}
	r.aside = append(r.aside, begin)
}

func (r *run) start() {
	if r.stats != nil {
		r.stats.begin()
	}
	r.watched = watch(r.caller, r.callerEnded)
	r.told.Lock()
	aside := r.aside
	r.begun = true
	r.told.Unlock()
	for _, begin := range aside {
		begin()
	}
	r.all.start()
}

func (r *run) callerEnded() {
	r.told.Lock()
	r.canceled = !r.over
	r.told.Unlock()
	r.all.stop(context.Cause(r.caller))
}

// failed records a failure of a function that had ctx, and stops the run. What
// is only the echo of a stop is no failure of its own, and neither is what
// happens in a part of which no more is needed. It reports whether it was one.
func (p *part) failed(ctx context.Context, e *Error) (counts bool) {
	r := p.run
	switch {
	case !p.matters():
	case !isEcho(ctx, e.Err):
		e.Err = future.Outcome(ctx, e.Err)
		r.fail(e)
		return true
	case r.caller.Err() != nil:
		r.callerEnded()
	case !p.stopped.Load(): // ctx has ended by itself: an executor's, that stops
		r.fail(future.Outcome(ctx, e.Err))
	}
	return false
}

func (r *run) fail(err error) {
	r.told.Lock()
	if r.err == nil {
		r.err = err
	}
	r.told.Unlock()
	r.all.stop(err)
}

// complete says that all items have come to their end, unless the run was
// stopped before.
func (r *run) complete() {
	r.told.Lock()
	defer r.told.Unlock()
	r.over = r.over || !r.all.stopped.Load()
}

// end waits until no user code of this run is running, and tells how it went.
func (r *run) end() error {
	r.await()
	r.watched()
	r.all.stop(errStopped)
	for c := range r.branches { // were not begun
		c.end()
	}
	for i := 0; i < len(r.atEnd); i++ { // they may add more
		r.atEnd[i]()
	}
	r.all.ctx.Release()
	return r.outcome()
}

func (r *run) outcome() error {
	r.told.Lock()
	defer r.told.Unlock()
	switch {
	case r.err != nil:
		return r.err
	case r.canceled:
		return &future.CanceledError{Cause: context.Cause(r.caller)}
	}
	return nil
}

// await gives the caller's slot back meanwhile, so that what it waits for can
// run in its place.
func (r *run) await() {
	defer task.Parked(r.caller)()
	r.active.Wait()
	r.complete()
	if r.quiet != nil {
		close(r.quiet)
	}
	r.sides.Wait()
}

// finally adds what is done when all segments have returned.
func (r *run) finally(fn func()) {
	r.told.Lock()
	defer r.told.Unlock()
	r.atEnd = append(r.atEnd, fn)
}

// finally is the same for those of the branch that p is in: a branch leaves
// nothing when it has ended.
func (p *part) finally(fn func()) {
	c := p.census
	if c == nil {
		p.run.finally(fn)
		return
	}
	p.told.Lock()
	defer p.told.Unlock()
	if p.branches == nil {
		p.branches = map[*census]bool{}
	}
	p.branches[c] = true
	c.atEnd = append(c.atEnd, fn)
}

// watch calls fn when ctx ends. The function that it returns ends the watch;
// fn is not running any more when that returns.
func watch(ctx context.Context, fn func()) (release func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	ran := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ran)
		fn()
	})
	return func() {
		if !stop() {
			<-ran
		}
	}
}
