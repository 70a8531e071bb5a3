//go:build go1.27

package use

import (
	"context"

	"github.com/thence-go/thence/future"
)

// ChainMethods is Chain, left to right.
func ChainMethods(ctx context.Context, a API) (string, error) {
	return future.Go(ctx, a.User).
		Then(a.Orders).
		Map(sum).
		Then(a.Quote).
		Then(a.Pay).
		Catch(func(ctx context.Context, err error) (Receipt, error) { return Receipt{"later"}, nil }).
		Map(Receipt.String).
		Await(ctx)
}

// Handled goes on whatever came, and passes a cancellation on.
func Handled(ctx context.Context, a API) (string, error) {
	return future.Go(ctx, a.User).
		Handle(func(ctx context.Context, r future.Result[User]) (Quote, error) {
			if r.Canceled() {
				return Quote{}, r.Err
			}
			return Quote{r.Value.ID}, nil
		}).
		FlatMap(a.PayAsync).
		Map(Receipt.String).
		Await(ctx)
}
