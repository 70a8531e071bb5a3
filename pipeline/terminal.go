package pipeline

import (
	"context"
	"iter"
)

// ForEach calls fn for every item, one at a time and on the caller's own
// goroutine; with Workers or On, on those. The first error ends the flow and
// is returned.
//
// On cancel of ctx the flow stops. ForEach returns when all its functions
// have: the error matches future.ErrCanceled and unwraps to the cause.
func (f Flow[T]) ForEach(ctx context.Context, fn func(context.Context, T) error, opts ...Option) error {
	mustFlow("ForEach", f)
	mustContext("ForEach", ctx)
	mustFunc("ForEach", "function", fn == nil)
	c := configure(opts)
	name := f.label("foreach", c.name)
	if c.workers > 1 || c.on != nil {
		c.unordered = true // there are no results
		_, err := parallel(f, name, c, Do(fn)).count(ctx)
		return err
	}
	if err := f.over(ctx); err != nil {
		return err
	}
	s := f.begin(ctx, name)
	return s.drive(func(v T) bool {
		err := fn(s.seg.ctx, v)
		if err != nil && !isSkip(err) {
			s.seg.fail(err)
			return false
		}
		return true
	})
}

// All returns the items as a sequence to range over. An error of the flow is
// the last pair. A break stops everything upstream: when the loop statement
// has ended, nothing of the flow is running.
//
// A panic in the loop's body is the caller's own: the flow is stopped and the
// panic goes on. Each range over the sequence is a run of its own.
//
// On cancel of ctx the last pair's error matches future.ErrCanceled and unwraps
// to the cause.
func (f Flow[T]) All(ctx context.Context) iter.Seq2[T, error] {
	mustFlow("All", f)
	mustContext("All", ctx)
	return func(yield func(T, error) bool) {
		if left, err := f.walk(ctx, yield); err != nil && !left {
			yield(*new(T), err)
		}
	}
}

// walk reports whether the loop was left by its body.
func (f Flow[T]) walk(ctx context.Context, yield func(T, error) bool) (left bool, err error) {
	if err := f.over(ctx); err != nil {
		return false, err
	}
	s := f.begin(ctx, "all")
	defer func() { err = s.end() }()
	s.each(func(v T) bool {
		left = !yield(v, nil)
		return !left
	})
	return left, nil
}

// Collect returns all items. When the flow fails, it returns those that had
// come to the end, with the error.
//
// On cancel of ctx the error matches future.ErrCanceled and unwraps to the
// cause.
func (f Flow[T]) Collect(ctx context.Context) ([]T, error) {
	mustFlow("Collect", f)
	mustContext("Collect", ctx)
	if err := f.over(ctx); err != nil {
		return nil, err
	}
	var items []T
	if f.total > 0 {
		items = make([]T, 0, f.total)
	}
	err := f.begin(ctx, "collect").drive(func(v T) bool {
		items = append(items, v)
		return true
	})
	return items, err
}

// Reduce folds all items into one value, on the caller's own goroutine. When
// the flow fails, it returns what it has come to, with the error.
//
// On cancel of ctx the error matches future.ErrCanceled and unwraps to the
// cause.
func Reduce[A, B any](ctx context.Context, f Flow[A], init B, fn func(B, A) B) (B, error) {
	mustContext("Reduce", ctx)
	mustFlow("Reduce", f)
	mustFunc("Reduce", "function", fn == nil)
	if err := f.over(ctx); err != nil {
		return init, err
	}
	err := f.begin(ctx, f.label("reduce", "")).drive(func(v A) bool {
		init = fn(init, v)
		return true
	})
	return init, err
}

// Count runs the flow and returns how many items came to its end.
//
// On cancel of ctx the error matches future.ErrCanceled and unwraps to the
// cause.
func (f Flow[T]) Count(ctx context.Context) (int64, error) {
	mustFlow("Count", f)
	mustContext("Count", ctx)
	return f.count(ctx)
}

// Drain runs the flow for what its steps do.
//
// On cancel of ctx the error matches future.ErrCanceled and unwraps to the
// cause.
func (f Flow[T]) Drain(ctx context.Context) error {
	mustFlow("Drain", f)
	mustContext("Drain", ctx)
	_, err := f.count(ctx)
	return err
}
