//go:build go1.27

package consumer

import (
	"context"
	"strconv"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

func PooledMethods(ctx context.Context) ([]int, error) {
	p := pool.New(2)
	defer p.Close()
	return p.Submit(ctx, func(context.Context) ([]string, error) { return []string{"1", "2"}, nil }).
		Then(func(ctx context.Context, ss []string) ([]int, error) {
			return p.Map(ctx, ss, future.Try(strconv.Atoi))
		}).
		Await(ctx)
}
