//go:build go1.27

package pool

import (
	"context"

	"github.com/thence-go/thence/future"
)

// Submit is the function Submit on this pool.
func (p *Pool) Submit[T any](ctx context.Context, fn func(context.Context) (T, error)) *future.Future[T] {
	return Submit(ctx, p, fn)
}

// Map is the function Map on this pool.
func (p *Pool) Map[T, U any](ctx context.Context, items []T, fn func(context.Context, T) (U, error)) ([]U, error) {
	return Map(ctx, p, items, fn)
}

// ForEach is the function ForEach on this pool.
func (p *Pool) ForEach[T any](ctx context.Context, items []T, fn func(context.Context, T) error) error {
	return ForEach(ctx, p, items, fn)
}

// Submit is the function Submit on this view.
func (v View) Submit[T any](ctx context.Context, fn func(context.Context) (T, error)) *future.Future[T] {
	return Submit(ctx, v, fn)
}

// Map is the function Map on this view.
func (v View) Map[T, U any](ctx context.Context, items []T, fn func(context.Context, T) (U, error)) ([]U, error) {
	return Map(ctx, v, items, fn)
}

// ForEach is the function ForEach on this view.
func (v View) ForEach[T any](ctx context.Context, items []T, fn func(context.Context, T) error) error {
	return ForEach(ctx, v, items, fn)
}
