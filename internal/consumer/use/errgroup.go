package use

import (
	"context"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
)

// Users fetches them on an executor, at most 16 at once, each with a child
// task of the same scope.
func Users(ctx context.Context, on future.Executor, ids []int) ([]User, error) {
	g := errgroup.Collect[User](ctx, errgroup.Limit(16), errgroup.On(on))
	for _, id := range ids {
		if err := g.Go(ctx, func(ctx context.Context) (User, error) {
			return User{ID: id}, g.Do(ctx, func(context.Context) error { return nil })
		}); err != nil {
			break // over: Wait says why
		}
	}
	return g.Wait()
}

// Replicas wants two answers; the rest are canceled.
func Replicas(ctx context.Context, rs []func(context.Context) (int, error)) ([]int, error) {
	g := errgroup.Collect[int](ctx, errgroup.Quorum(2))
	for _, r := range rs {
		if err := g.Go(ctx, r); err != nil {
			break
		}
	}
	return g.Wait()
}

// Prices is x/sync's errgroup with its import changed.
func Prices(ctx context.Context, urls []string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for _, u := range urls {
		g.Go(func() error { _, err := price(u)(ctx); return err })
	}
	return g.Wait()
}
