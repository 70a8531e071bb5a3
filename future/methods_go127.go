//go:build go1.27

package future

import "context"

// Then is the function Then, read from left to right.
func (f *Future[T]) Then[U any](fn func(context.Context, T) (U, error)) *Future[U] {
	return Then(f, fn)
}

// Map is the function Map, read from left to right.
func (f *Future[T]) Map[U any](fn func(T) U) *Future[U] { return Map(f, fn) }

// FlatMap is the function FlatMap, read from left to right.
func (f *Future[T]) FlatMap[U any](fn func(T) *Future[U]) *Future[U] { return FlatMap(f, fn) }

// Handle is the function Handle, read from left to right.
func (f *Future[T]) Handle[U any](fn func(context.Context, Result[T]) (U, error)) *Future[U] {
	return Handle(f, fn)
}
