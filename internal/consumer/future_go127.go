//go:build go1.27

package consumer

import (
	"context"

	"github.com/thence-go/thence/future"
)

func Methods(ctx context.Context) (int, error) {
	return future.Go(ctx, func(context.Context) (string, error) { return "7", nil }).
		Then(future.Do(func(context.Context, string) error { return nil })).
		Map(func(s string) []string { return []string{s} }).
		Map(func(ss []string) int { return len(ss) }).
		Await(ctx)
}
