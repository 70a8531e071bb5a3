//go:build go1.27

package pipeline

import (
	"context"
	"time"
)

// Map is the function of that name.
func (f Flow[A]) Map[B any](fn func(A) B, opts ...Option) Flow[B] { return Map(f, fn, opts...) }

// Then is the function of that name.
func (f Flow[A]) Then[B any](fn func(context.Context, A) (B, error), opts ...Option) Flow[B] {
	return Then(f, fn, opts...)
}

// Via is the function of that name.
func (f Flow[A]) Via[B any](s Stage[A, B]) Flow[B] { return Via(f, s) }

// Batch is the function of that name.
func (f Flow[A]) Batch[B []A](n int, maxWait time.Duration) Flow[B] {
	return batch[A, B](f, n, maxWait)
}

// Reduce is the function of that name.
func (f Flow[A]) Reduce[B any](ctx context.Context, init B, fn func(B, A) B) (B, error) {
	return Reduce(ctx, f, init, fn)
}
