//go:build go1.27

package pipeline

import (
	"context"
	"iter"
	"time"

	"github.com/thence-go/thence/future"
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

// BatchWeight is the function of that name.
func (f Flow[A]) BatchWeight[B []A](max int64, weight func(A) int64, maxWait time.Duration) Flow[B] {
	return batchWeight[A, B](f, max, weight, maxWait)
}

// Distinct is the function of that name.
func (f Flow[A]) Distinct[K comparable](key func(A) K, lastKeys int) Flow[A] {
	return Distinct(f, key, lastKeys)
}

// Expand is the function of that name.
func (f Flow[A]) Expand[B any](fn func(context.Context, A) iter.Seq2[B, error], opts ...Option) Flow[B] {
	return Expand(f, fn, opts...)
}

// FlatMap is the function of that name.
func (f Flow[A]) FlatMap[B any](fn func(A) iter.Seq[B], opts ...Option) Flow[B] {
	return FlatMap(f, fn, opts...)
}

// MapAsync is the function of that name.
func (f Flow[A]) MapAsync[B any](fn func(context.Context, A) *future.Future[B], opts ...Option) Flow[B] {
	return MapAsync(f, fn, opts...)
}

// Scan is the function of that name.
func (f Flow[A]) Scan[B any](init B, fn func(B, A) B) Flow[B] { return Scan(f, init, fn) }

// Window is the function of that name.
func (f Flow[A]) Window[B []A](size, step int) Flow[B] { return window[A, B](f, size, step) }
