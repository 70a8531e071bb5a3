package future

import "context"

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

type handleFunc[T, U any] func(context.Context, Result[T]) (U, error)

func (fn handleFunc[T, U]) pass(*Future[T]) (u U, err error, by bool) { return u, nil, false }

func (fn handleFunc[T, U]) call(ctx context.Context, in *Future[T]) (U, error) {
	u, err := fn(ctx, Result[T]{in.value, in.err})
	if isCanceled(in.err) && err == in.err {
		return u, err // passed on, as every other link does
	}
	return u, Outcome(ctx, err)
}

type finallyFunc[T any] func()

func (fn finallyFunc[T]) pass(*Future[T]) (v T, err error, by bool) { return v, nil, false }

func (fn finallyFunc[T]) call(_ context.Context, in *Future[T]) (T, error) {
	fn()
	return in.value, in.err
}

// flatFunc begins a FlatMap.
type flatFunc[T, U any] func(T) *Future[U]

func (fn flatFunc[T, U]) pass(in *Future[T]) (u *Future[U], err error, by bool) {
	return nil, in.err, in.err != nil
}

func (fn flatFunc[T, U]) call(_ context.Context, in *Future[T]) (*Future[U], error) {
	return fn(in.value), nil
}

// fallback and passing never call anything.
type fallback[T any] struct{ value T }

func (f *fallback[T]) pass(in *Future[T]) (T, error, bool) {
	if in.err == nil || isCanceled(in.err) {
		return in.value, in.err, true
	}
	return f.value, nil, true
}

func (*fallback[T]) call(context.Context, *Future[T]) (T, error) {
	panic("future: a fallback has no function")
}

type passing[T any] struct{}

func (passing[T]) pass(in *Future[T]) (T, error, bool) { return in.value, in.err, true }

func (passing[T]) call(context.Context, *Future[T]) (T, error) { panic("future: nothing to call") }
