package pipeline

import (
	"context"
	"time"

	"github.com/thence-go/thence/internal/task"
)

// Run is a flow that runs in the background. Start makes it; the zero value is
// not usable, and it must not be copied. All methods may be called from any
// goroutine, also when the run has ended.
type Run struct {
	run    *run
	ctx    task.Ctx        // what the run lives in: Start's, without the slot
	caller context.Context // Start's
	last   *step
	done   chan struct{}
	err    error // valid when done is closed
}

// Start runs the flow in the background. fn is called for every item, one at a
// time, on a goroutine of the run's own; a panic in it, and runtime.Goexit, fail
// the flow as in any step. A step with Workers does the same for several items
// at once: then fn has nothing left to do.
//
// On cancel of ctx the flow stops, and Wait's error matches future.ErrCanceled
// and unwraps to the cause.
func (f Flow[T]) Start(ctx context.Context, fn func(context.Context, T) error) *Run {
	mustFlow("Start", f)
	mustContext("Start", ctx)
	mustFunc("Start", "function", fn == nil)
	name := f.label("start", "")
	r := &Run{caller: ctx, done: make(chan struct{})}
	r.last = f.behind(name)
	r.ctx.Init(ctx, nil)
	r.run = newRun(&r.ctx)
	r.run.stats = newStats()
	if r.err = f.over(ctx); r.err != nil {
		close(r.done)
		return r
	}
	r.run.all.at = r.run.stats.stage(r.last)
	s := f.beginAs(r.run, name)
	go r.main(func() {
		_ = s.drive(func(v T) bool { // Goexit would lose what it returns: main asks again
			err := fn(s.seg.ctx, v)
			switch {
			case err == nil:
			case isSkip(err):
				s.seg.at0.skip(err)
			default:
				s.seg.fail(err)
				return false
			}
			return true
		})
	})
	return r
}

func (r *Run) main(drive func()) {
	defer func() {
		r.err = r.run.outcome()
		r.ctx.Release()
		close(r.done)
	}()
	drive()
}

// Done is closed when the run has ended and all its functions have returned.
func (r *Run) Done() <-chan struct{} { return r.done }

// Wait waits for that, and returns the error of the flow, each time that it is
// called. A task of a pool that has called Start gives its place back while it
// waits. A function of the run itself must not call it.
func (r *Run) Wait() error {
	r.await(r.caller)
	return r.err
}

// Stop ends the run in an orderly way: the sources stop, as if they had come to
// their end, and all that they have yielded goes through. Their yield reports
// false and their contexts end, and what they return because of that is no
// failure. Stop returns what Wait returns.
//
// A function of the run itself may call Stop, with the ctx that it was given or
// one made from it: then Stop does not wait, and returns nil.
//
// On cancel of ctx it cancels the run, with that cause, and still waits until
// its functions have returned.
func (r *Run) Stop(ctx context.Context) error {
	mustContext("Stop", ctx)
	r.run.drain()
	if r.runs(ctx) {
		return nil
	}
	release := watch(ctx, func() { r.Cancel(context.Cause(ctx)) })
	defer release()
	r.await(ctx)
	return r.err
}

// Cancel stops the run at once, with a cause; nil means context.Canceled. It
// does not wait. When the run has ended, it does nothing.
func (r *Run) Cancel(cause error) { r.ctx.Cancel(cause) }

func (r *Run) await(ctx context.Context) {
	select {
	case <-r.done:
		return
	default:
	}
	defer task.Parked(ctx)()
	<-r.done
}

// runs reports whether ctx comes from this run.
func (r *Run) runs(ctx context.Context) bool {
	for c := task.From(ctx); c != nil; c = task.From(c.Base()) {
		if c == &r.ctx {
			return true
		}
	}
	return false
}

// Stats returns the figures of the stages, from the sources to the function that
// Start was given, while the run is on and afterwards. A stage that runs one
// function in several branches of the same shape, opened as they are needed, has
// one line for all.
func (r *Run) Stats() []StageStats {
	figures := r.run.stats.read()
	steps, stages := r.steps()
	names := namesOf(steps)
	var all []StageStats
	for _, st := range stages {
		f := figures[st]
		f.Name = names[st.step]
		all = append(all, f)
	}
	return all
}

// Bottleneck names the stage to give more Workers, or a quicker function: the
// one whose goroutines have been busy for the longest, each. Those before it wait
// for room, those behind it for items, and a source that has come to its end for
// nothing. Of equals it is the last in the flow. If the stage has steps that are
// fused behind it, their time is part of its own. It returns "" while nothing has
// taken any time.
func (r *Run) Bottleneck() string {
	name, most := "", time.Duration(0)
	for _, s := range r.Stats() {
		if s.Busy <= 0 || s.Workers == 0 {
			continue
		}
		if each := s.Busy / time.Duration(s.Workers); each > 0 && each >= most {
			name, most = s.Name, each
		}
	}
	return name
}
