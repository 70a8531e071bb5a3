package future

import (
	"context"

	"github.com/thence-go/thence/internal/task"
)

// Then calls fn with f's value and settles as fn does. fn may block and may
// fail. A failure of f passes by, and so does a cancellation; fn is not called
// then.
//
// fn runs on the goroutine of the work behind f or on a new one, never on the
// caller's. Its ctx is the one that the work at the head of the chain was
// started with (context.Background() behind a Promise, Resolved and Failed),
// and ends when the derived future is canceled. On cancel before fn has
// started the derived future settles at once and gives up its claim on f.
func Then[T, U any](f *Future[T], fn func(context.Context, T) (U, error)) *Future[U] {
	mustFunc("Then", fn == nil)
	return derive("Then", f, operation[T, U](thenFunc[T, U](fn)), pending)
}

// Map is Then for a function that is pure and quick: it takes no context and
// cannot fail.
func Map[T, U any](f *Future[T], fn func(T) U) *Future[U] {
	mustFunc("Map", fn == nil)
	return derive("Map", f, operation[T, U](mapFunc[T, U](fn)), pending)
}

// Catch calls fn with f's failure and settles as fn does. A value passes by,
// and so does a cancellation.
func (f *Future[T]) Catch(fn func(context.Context, error) (T, error)) *Future[T] {
	mustFunc("Catch", fn == nil)
	return derive("Catch", f, operation[T, T](catchFunc[T](fn)), pending)
}

// Finally calls fn whatever f comes to, and settles as f did. fn runs even if
// the derived future is canceled: then it runs when f has settled, and the
// derived future is canceled after that. If fn panics, that is the outcome.
func (f *Future[T]) Finally(fn func()) *Future[T] {
	mustFunc("Finally", fn == nil)
	return derive("Finally", f, operation[T, T](finallyFunc[T](fn)), pending|pinned)
}

// operation is what a link of a chain does with its input. Each is a function
// type, so that an operation is stored without an allocation of its own.
type operation[T, U any] interface {
	// pass returns the outcome, and true, if the input passes by the user's
	// function.
	pass(in *Future[T]) (U, error, bool)
	call(ctx context.Context, in *Future[T]) (U, error)
}

type thenFunc[T, U any] func(context.Context, T) (U, error)

func (fn thenFunc[T, U]) pass(in *Future[T]) (u U, err error, by bool) {
	return u, in.err, in.err != nil
}

func (fn thenFunc[T, U]) call(ctx context.Context, in *Future[T]) (U, error) {
	u, err := fn(ctx, in.value)
	return u, Outcome(ctx, err)
}

type mapFunc[T, U any] func(T) U

func (fn mapFunc[T, U]) pass(in *Future[T]) (u U, err error, by bool) {
	return u, in.err, in.err != nil
}

func (fn mapFunc[T, U]) call(_ context.Context, in *Future[T]) (U, error) {
	return fn(in.value), nil
}

type catchFunc[T any] func(context.Context, error) (T, error)

func (fn catchFunc[T]) pass(in *Future[T]) (T, error, bool) {
	return in.value, in.err, in.err == nil || isCanceled(in.err)
}

func (fn catchFunc[T]) call(ctx context.Context, in *Future[T]) (T, error) {
	v, err := fn(ctx, in.err)
	return v, Outcome(ctx, err)
}

type finallyFunc[T any] func()

func (fn finallyFunc[T]) pass(*Future[T]) (v T, err error, by bool) { return v, nil, false }

func (fn finallyFunc[T]) call(_ context.Context, in *Future[T]) (T, error) {
	fn()
	return in.value, in.err
}

// derived is a future that follows another, its place there, and its
// operation, in one allocation.
type derived[T, U any] struct {
	Future[U]
	link
	ctx task.Ctx
	in  *Future[T] // nil once it has run, so that a chain does not keep its past
	op  operation[T, U]
}

func derive[T, U any](name string, f *Future[T], op operation[T, U], word uint64) *Future[U] {
	if f == nil {
		panic("future: " + name + " needs a future, got nil")
	}
	d := &derived[T, U]{in: f, op: op}
	d.word.Store(word)
	d.self = d
	d.follower = d
	d.ctx.Init(f.baseContext(), nil)
	if !f.watchBy(&d.link, oneClaim) {
		d.joinSettled()
	}
	return &d.Future
}

// joinSettled goes on behind an input that has settled already.
func (d *derived[T, U]) joinSettled() {
	if _, k := d.follow(); k != nil {
		go carryOn(k, nil)
	}
}

func (d *derived[T, U]) follow() (*core, continuation) {
	if u, err, by := d.op.pass(d.in); by {
		if d.settle(u, err) {
			d.in = nil
			return &d.core, nil
		}
		return nil, nil
	}
	if d.isSettled() {
		return nil, nil
	}
	return nil, d
}

func (d *derived[T, U]) run(slot task.Slot) continuation {
	if !d.isPinned() && d.ctx.Err() != nil && d.cancel(context.Cause(&d.ctx)) {
		return announce(&d.core)
	}
	d.ctx.SetSlot(slot)
	if !d.start() {
		return nil
	}
	return d.perform(&d.ctx, d)
}

func (d *derived[T, U]) call(ctx context.Context) (U, error) {
	in, op := d.in, d.op
	d.op = nil // what it holds on to may be large
	if !d.isPinned() {
		d.in = nil
		return op.call(ctx, in)
	}
	d.mu.Lock() // it can be canceled meanwhile
	d.in = nil
	d.mu.Unlock()
	u, err := op.call(ctx, in)
	if d.word.Load()&gaveUp != 0 {
		err = canceled(context.Cause(ctx))
	}
	return u, err
}

func (d *derived[T, U]) input(i int) (*core, *link) {
	if d.isPinned() {
		d.mu.Lock()
		defer d.mu.Unlock()
	}
	if i > 0 || d.in == nil {
		return nil, nil
	}
	return &d.in.core, &d.link
}

func (d *derived[T, U]) stop(cause error)      { d.ctx.Cancel(cause) }
func (d *derived[T, U]) cause() error          { return context.Cause(&d.ctx) }
func (d *derived[T, U]) owns(c *task.Ctx) bool { return c == &d.ctx }
func (d *derived[T, U]) base() context.Context { return d.ctx.Base() }
