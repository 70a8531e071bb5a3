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

// Handle calls fn with whatever f comes to, a cancellation included, and
// settles as fn does. If the derived future is canceled, or its ctx has ended,
// before fn has started, fn is not called: for what must be done in any case
// there is Finally.
func Handle[T, U any](f *Future[T], fn func(context.Context, Result[T]) (U, error)) *Future[U] {
	mustFunc("Handle", fn == nil)
	return derive("Handle", f, operation[T, U](handleFunc[T, U](fn)), pending)
}

// WithFallback turns a failure of f into v. A cancellation passes by.
func (f *Future[T]) WithFallback(v T) *Future[T] {
	return derive("WithFallback", f, operation[T, T](&fallback[T]{v}), pending)
}

// Shield returns a future that settles as f does and keeps f safe: canceling it
// settles only itself, and as somebody depends on f from now on, canceling
// other futures that were derived from f does not reach f either. f.Cancel
// still does.
func (f *Future[T]) Shield() *Future[T] {
	mustFuture("Shield", f == nil)
	f.word.Add(oneClaim) // never given up, besides the one that every derived future has
	return derive("Shield", f, operation[T, T](passing[T]{}), pending)
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
	d := new(derived[T, U])
	d.init(name, f, op, word)
	d.born(name)
	d.joinInput()
	return &d.Future
}

func (d *derived[T, U]) init(name string, f *Future[T], op operation[T, U], word uint64) {
	mustFuture(name, f == nil)
	d.in, d.op = f, op
	d.word.Store(word)
	d.self = d
	d.follower = d
	d.ctx.Init(f.baseContext(), nil)
}

// joinInput follows the input, or goes on at once behind one that has settled.
func (d *derived[T, U]) joinInput() {
	in := &d.in.core
	if in.join(&d.link, oneClaim) {
		return
	}
	n, k := d.follow(in)
	carryOnElsewhere(announce(n))
	in.carryOnElsewhere(k)
}

func (d *derived[T, U]) follow(*core) (news, continuation) {
	u, err, by := d.op.pass(d.in)
	if !by && !d.isSettled() {
		return news{}, d
	}
	var n news
	if by {
		n = d.settle(u, err)
	}
	if d.isSettled() { // else whoever settles it looks at the input
		d.letGo()
	}
	return n, nil
}

func (d *derived[T, U]) run(slot task.Slot, at *site) continuation {
	if !d.isPinned() && d.ctx.Err() != nil {
		return announce(d.cancel(context.Cause(&d.ctx)))
	}
	d.ctx.SetSlot(slot)
	if !d.start() {
		if d.isSettled() {
			d.letGo()
		}
		return nil
	}
	return d.perform(&d.ctx, d, at)
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

// Refuse is called if the executor of On does not run it. What must be called in
// any case then runs elsewhere.
func (d *derived[T, U]) Refuse(err error) {
	if d.isPinned() {
		carryOnElsewhere(d)
		return
	}
	d.refuse(err)
}

// stop of pinned work asks nobody's context: it is called before the reason has
// been published.
func (d *derived[T, U]) stop(cause error) {
	if d.isPinned() {
		d.ctx.End(cause)
	} else {
		d.ctx.Cancel(cause)
	}
}

// letGo: a chain does not keep its past.
func (d *derived[T, U]) letGo() {
	if !d.isPinned() {
		d.in, d.op = nil, nil
	}
}

func (d *derived[T, U]) owns(c *task.Ctx) bool { return c == &d.ctx }
func (d *derived[T, U]) base() context.Context { return d.ctx.Base() }
