package consumer

import (
	"context"

	"github.com/thence-go/thence/errgroup"
)

// ScopeOf names the generic type of package errgroup.
type ScopeOf struct{ S *errgroup.Scope[string] }

func lengths[T ~string](ctx context.Context, s *errgroup.Scope[int], words []T) ([]int, error) {
	for _, w := range words {
		if err := s.Go(ctx, func(context.Context) (int, error) { return len(w), nil }); err != nil {
			break // the scope is over: Wait says why
		}
	}
	return s.Wait()
}

func Scoped(ctx context.Context) ([]int, error) {
	return lengths(ctx, errgroup.Collect[int](ctx, errgroup.Limit(2)), []string{"a", "bb", "ccc"})
}

func DropIn(ctx context.Context) error {
	var zero errgroup.Group
	zero.Go(func() error { return nil })
	if err := zero.Wait(); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(1)
	g.Go(ctx.Err)
	g.TryGo(ctx.Err)
	return g.Wait()
}
