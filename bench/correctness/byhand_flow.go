package main

import (
	"context"
	"errors"
	"sync"
)

var errEnough = errors.New("the consumer has enough")

// byHandFlow is an ordered parallel map: the consumer reads a channel of jobs
// in their order, which workers do meanwhile.
func byHandFlow() subject[flowKit] {
	return subject[flowKit]{byHand("a source, workers and a channel of jobs in order; a ctx, recover and a `sync.WaitGroup`"), flowKit{
		run: func(ctx context.Context, items []int, fn step, each func(int) bool) (err error) {
			ctx, cancel := context.WithCancelCause(ctx)
			var wg sync.WaitGroup
			defer func() {
				cancel(err)
				wg.Wait()
				if errors.Is(err, errEnough) {
					err = nil
				}
			}()
			type work struct {
				*job
				item int
			}
			todo, ordered := make(chan work), make(chan work, flowWorkers)
			wg.Go(func() {
				defer close(todo)
				defer close(ordered)
				for _, item := range items {
					w := work{newJob(), item}
					select {
					case ordered <- w:
					case <-ctx.Done():
						return
					}
					select {
					case todo <- w:
					case <-ctx.Done():
						return
					}
				}
			})
			for range flowWorkers {
				wg.Go(func() {
					for w := range todo {
						w.run(ctx, guarded(func(ctx context.Context) (int, error) { return fn(ctx, w.item) }))
					}
				})
			}
			for w := range ordered {
				v, err := w.wait(ctx)
				if err != nil {
					return err
				}
				if !each(v) {
					return errEnough
				}
			}
			return context.Cause(ctx)
		},
	}}
}
