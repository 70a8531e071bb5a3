package future

import (
	"context"

	"github.com/thence-go/thence/internal/task"
)

// Go calls fn on a new goroutine. fn's ctx has the values of ctx and ends when
// ctx ends, when the future is canceled, or when fn has returned. If ctx has
// ended already, or the future is canceled before the goroutine begins, fn is not
// called and the future is canceled.
//
// What fn returns is the outcome: a nil error makes it a value, even after a
// cancel; an error is a failure, unless fn's ctx had ended and the error is
// the echo of that: then the future is canceled, with the cause. A panic gives
// a *PanicError, runtime.Goexit gives ErrGoexit.
func Go[T any](ctx context.Context, fn func(context.Context) (T, error)) *Future[T] {
	mustContext("Go", ctx)
	mustFunc("Go", fn == nil)
	t := &goTask[T]{fn: fn}
	t.self = t
	t.ctx.Init(task.Owned(ctx), nil)
	t.arm()
	t.born("Go")
	if ctx.Err() != nil {
		announce(t.cancel(context.Cause(ctx)))
		return &t.Future
	}
	go t.main()
	return &t.Future
}

// Lazy is Go that waits for the first demand: an Await, a Done, or a future
// that is derived from this one or combines it. Poll and Err demand nothing. fn
// belongs to ctx, whoever demands it: the ctx of an Await ends that Await only.
// If ctx has ended when the demand comes, fn is not called and the future is
// canceled.
func Lazy[T any](ctx context.Context, fn func(context.Context) (T, error)) *Future[T] {
	mustContext("Lazy", ctx)
	mustFunc("Lazy", fn == nil)
	return lazily("Lazy", task.Owned(ctx), fn)
}

func lazily[T any](name string, ctx context.Context, fn func(context.Context) (T, error)) *Future[T] {
	t := &goTask[T]{fn: fn}
	t.self = t
	t.ctx.Init(ctx, nil)
	t.word.Store(lazy)
	t.born(name)
	return &t.Future
}

// GoOn is Go on an executor, such as a pool. It blocks as the executor's
// Execute does. If the executor does not accept the work, or ctx ends
// meanwhile, the future settles with the error that says so.
func GoOn[T any, E Executor](ctx context.Context, on E, fn func(context.Context) (T, error)) *Future[T] {
	mustContext("GoOn", ctx)
	mustFunc("GoOn", fn == nil)
	t := &onTask[T]{asked: task.Owned(ctx)}
	t.fn = fn
	t.self = t
	t.arm()
	t.born("GoOn")
	if err := on.Execute(ctx, t); err != nil {
		t.Refuse(err)
	}
	return &t.Future
}

// goTask is a future and the function that settles it, in one allocation.
type goTask[T any] struct {
	Future[T]
	ctx task.Ctx
	fn  func(context.Context) (T, error)
}

func (t *goTask[T]) launch() { go t.main() }

func (t *goTask[T]) main() { carryOn(t.run(nil, nil), nil) }

func (t *goTask[T]) run(slot task.Slot, at *site) continuation {
	if t.ctx.Err() != nil {
		return announce(t.cancel(context.Cause(&t.ctx)))
	}
	t.ctx.SetSlot(slot)
	if !t.start() {
		return nil
	}
	return t.perform(&t.ctx, t, at)
}

func (t *goTask[T]) call(ctx context.Context) (T, error) {
	fn := t.fn
	t.fn = nil // what it holds on to may be large
	v, err := fn(ctx)
	return v, Outcome(ctx, err)
}

func (t *goTask[T]) stop(cause error)         { t.ctx.Cancel(cause) }
func (t *goTask[T]) letGo()                   { t.fn = nil }
func (t *goTask[T]) owns(c *task.Ctx) bool    { return c == &t.ctx }
func (t *goTask[T]) base() context.Context    { return t.ctx.Base() }
func (t *goTask[T]) input(int) (*core, *link) { return nil, nil }

// onTask is a goTask that an executor runs. Its context comes from there, so
// it has one only once it runs.
type onTask[T any] struct {
	goTask[T]
	asked context.Context // what GoOn was given
}

func (t *onTask[T]) base() context.Context { return t.asked }

// Run is called by the executor.
func (t *onTask[T]) Run(ctx context.Context) error {
	slot := task.SlotOf(ctx)
	t.ctx.Init(ctx, slot)
	carryOnUnder(ctx, t.run(slot, nil), nil)
	if !t.isSettled() {
		return ErrCanceled // by somebody who is settling it right now
	}
	return t.err
}

// Ended tells an executor whose Run did not return, because what follows the
// future has ended the goroutine, what the task came to.
func (t *onTask[T]) Ended() (err error, ok bool) {
	if !t.isSettled() {
		return nil, false
	}
	return t.err, true
}

// Refuse is called by the executor.
func (t *goTask[T]) Refuse(err error) { t.refuse(err) }

func (f *Future[T]) refuse(err error) {
	if err == nil {
		panic("future: Refuse needs an error, got nil: say why the task was not run")
	}
	var zero T
	carryOnElsewhere(announce(f.settle(zero, failure(err))))
}

// body is the user's function behind a future.
type body[T any] interface {
	call(ctx context.Context) (T, error)
}

// perform calls b, settles f with what came of it, and returns the
// continuation that goes on here.
func (f *Future[T]) perform(ctx *task.Ctx, b body[T], at *site) continuation {
	v, err, returned := f.attempt(ctx, b, at)
	if !returned {
		return nil
	}
	return f.finish(ctx, v, err)
}

func (f *Future[T]) finish(ctx *task.Ctx, v T, err error) continuation {
	f.value, f.err = v, err
	alone := f.publishRun()
	ctx.Release()
	if alone {
		return nil
	}
	return announce(news{of: &f.core})
}

// attempt calls b. An end that is not a return settles f in here, and what
// follows goes on elsewhere: even after a panic was recovered the goroutine may
// be about to exit, if it was exiting before.
func (f *Future[T]) attempt(ctx *task.Ctx, b body[T], at *site) (v T, err error, returned bool) {
	defer func() {
		if !returned {
			var zero T
			err := Recovered(recover())
			task.Panicked(ctx.Base(), err)
			at.carryOn(f.finish(ctx, zero, err))
		}
	}()
	v, err = b.call(ctx)
	return v, err, true
}
