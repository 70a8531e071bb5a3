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

// Broadcast is the function of that name.
func (f Flow[A]) Broadcast[B any](stages ...Stage[A, B]) Flow[B] { return Broadcast(f, stages...) }

// GroupBy is the function of that name.
func (f Flow[A]) GroupBy[B any, K comparable](key func(A) K, each func(K, Flow[A]) Flow[B], opts ...Option) Flow[B] {
	return GroupBy(f, key, each, opts...)
}

// Partition is the function of that name.
func (f Flow[A]) Partition[B any, K comparable](key func(A) K, fn func(context.Context, A) (B, error), opts ...Option) Flow[B] {
	return Partition(f, key, fn, opts...)
}

// Split is the function of that name.
func (f Flow[A]) Split[B any](cond func(A) bool, yes, no Stage[A, B]) Flow[B] {
	return Split(f, cond, yes, no)
}

// Zip is the function of that name.
func (f Flow[A]) Zip[B, C any](g Flow[B], fn func(A, B) C) Flow[C] { return Zip(f, g, fn) }

// Reduce is the function of that name.
func (f Flow[A]) Reduce[B any](ctx context.Context, init B, fn func(B, A) B) (B, error) {
	return Reduce(ctx, f, init, fn)
}
