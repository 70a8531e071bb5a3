package main

import (
	"context"

	"github.com/alitto/pond/v2"
)

const pondModule = "github.com/alitto/pond/v2"

// until waits for what has a channel that says when it is done.
func until[C any](ctx context.Context, done <-chan C, get func() error) error {
	select {
	case <-done:
		return get()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func pondPool() subject[poolKit] {
	return subject[poolKit]{
		library{"pond", pondModule, "`NewPool`, `WithContext`, `WithQueueSize(1)`; killed by its ctx, drained with `Stop().Done()`"},
		poolKit{queue: 1, open: func(ctx context.Context, workers int) openPool {
			ctx, cancel := context.WithCancel(ctx)
			p := pond.NewPool(workers, pond.WithContext(ctx), pond.WithQueueSize(1))
			return openPool{
				submit: func(_ context.Context, t task) (func(context.Context) error, error) {
					one := p.SubmitErr(func() error { return t(p.Context()) })
					return func(ctx context.Context) error { return until(ctx, one.Done(), one.Wait) }, nil
				},
				drain: func(ctx context.Context) error {
					all := p.Stop()
					return until(ctx, all.Done(), all.Wait)
				},
				kill: cancel,
			}
		}},
	}
}

func pondGroup() subject[groupKit] {
	return subject[groupKit]{
		library{"pond group", pondModule, "`NewPool(n).NewGroupContext`; values from `NewResultPool`"},
		groupKit{
			open: func(ctx context.Context, limit int) openGroup {
				g := pond.NewPool(limit).NewGroupContext(ctx)
				return openGroup{
					start: func(_ context.Context, fn call) error {
						g.SubmitErr(func() error {
							_, err := fn(g.Context())
							return err
						})
						return nil
					},
					wait: func() ([]int, error) { return nil, g.Wait() },
				}
			},
			values: func(ctx context.Context, limit int) openGroup {
				g := pond.NewResultPool[int](limit).NewGroupContext(ctx)
				return openGroup{
					start: func(_ context.Context, fn call) error {
						g.SubmitErr(func() (int, error) { return fn(ctx) })
						return nil
					},
					wait: g.Wait,
				}
			},
		},
	}
}

func pondFuture() subject[futureKit] {
	p := pond.NewResultPool[int](0)
	return subject[futureKit]{
		library{"pond", pondModule, "the `ResultTask` of a `NewResultPool(0)`, which has no ctx for one task"},
		futureKit{noCtx: true, launch: func(ctx context.Context, fn call) pending {
			one := p.SubmitErr(func() (int, error) { return fn(ctx) })
			return pending{await: func(ctx context.Context) (v int, err error) {
				err = until(ctx, one.Done(), func() (err error) {
					v, err = one.Wait()
					return err
				})
				return v, err
			}}
		}},
	}
}
