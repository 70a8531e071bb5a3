package consumer

import (
	"context"
	"errors"
	"strconv"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

// Package pool has no generic type; its generic functions take any executor.
func twice[E future.Executor](ctx context.Context, on E, n int) *future.Future[int] {
	return pool.Submit(ctx, on, func(context.Context) (int, error) { return 2 * n, nil })
}

func Pooled(ctx context.Context) (sum int, err error) {
	p := pool.New(2, pool.Queue(8, pool.Block), pool.Name("consumer"))
	defer func() { err = errors.Join(err, p.Shutdown(ctx)) }()

	var on future.Executor = p // as an interface too
	if sum, err = twice(ctx, on, 1).Await(ctx); err != nil {
		return 0, err
	}
	ns, err := pool.Map(ctx, p, []string{"1", "2"}, future.Try(strconv.Atoi))
	if err != nil {
		return 0, err
	}
	return sum, pool.ForEach(ctx, p, ns, func(ctx context.Context, n int) error {
		_, err := twice(ctx, p, n).Await(ctx) // a wait for one's own pool
		return err
	})
}
