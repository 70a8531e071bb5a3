//go:build go1.27

package future

import "context"

// Then is the function Then, read from left to right.
func (f *Future[T]) Then[U any](fn func(context.Context, T) (U, error)) *Future[U] {
	return Then(f, fn)
}

// Map is the function Map, read from left to right.
func (f *Future[T]) Map[U any](fn func(T) U) *Future[U] { return Map(f, fn) }
