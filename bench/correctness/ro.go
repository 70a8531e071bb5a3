package main

import (
	"context"

	"github.com/samber/ro"
)

// roFlow has no step on several workers.
func roFlow() subject[flowKit] {
	return subject[flowKit]{
		library{"ro", "github.com/samber/ro", "`FromChannel` (`FromSlice` goes on to its end), `ThrowOnContextCancel`, `MapErrWithContext`, `TakeWhile`: one goroutine"},
		flowKit{run: func(ctx context.Context, items []int, fn step, each func(int) bool) error {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			source := make(chan int)
			go func() {
				defer close(source)
				for _, item := range items {
					select {
					case source <- item:
					case <-ctx.Done():
						return
					}
				}
			}()
			flow := ro.Pipe3(
				ro.FromChannel(source),
				ro.ThrowOnContextCancel[int](),
				ro.MapErrWithContext(func(ctx context.Context, v int) (int, context.Context, error) {
					v, err := fn(ctx, v)
					return v, ctx, err
				}),
				ro.TakeWhile(each),
			)
			_, _, err := ro.CollectWithContext(ctx, flow)
			return err
		}},
	}
}
