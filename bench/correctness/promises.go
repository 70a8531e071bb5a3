package main

import (
	"context"

	"github.com/asmsh/promise"
	"github.com/samber/mo"
)

func moFuture() subject[futureKit] {
	return subject[futureKit]{
		library{"mo", "github.com/samber/mo", "`NewFuture`, `Collect`"},
		futureKit{noCtx: true, launch: func(ctx context.Context, fn call) pending {
			f := mo.NewFuture(func(resolve func(int), reject func(error)) {
				v, err := fn(ctx)
				if err != nil {
					reject(err)
					return
				}
				resolve(v)
			})
			return pending{deaf: true, await: func(context.Context) (int, error) { return f.Collect() }}
		}},
	}
}

const asmshModule = "github.com/asmsh/promise"

func asmshFuture() subject[futureKit] {
	type promised = *promise.Promise[int]
	unwrap := func(fs []pending) []promised {
		inner := make([]promised, len(fs))
		for i, f := range fs {
			inner[i] = f.self.(promised)
		}
		return inner
	}
	return subject[futureKit]{
		library{"asmsh/promise", asmshModule, "`GoFunc`, `WaitChan`, `All`, `Join`"},
		futureKit{
			noCtx: true,
			launch: func(ctx context.Context, fn call) pending {
				p := promise.GoFunc[int, any](func() (int, error) { return fn(ctx) })
				return pending{self: p, await: func(ctx context.Context) (v int, err error) {
					err = until(ctx, p.WaitChan(), func() error {
						r := p.WaitRes()
						v = r.Val()
						return r.Err()
					})
					return v, err
				}}
			},
			all: func(_ context.Context, fs []pending) error { return promise.All(unwrap(fs)...).WaitRes().Err() },
			settled: func(_ context.Context, fs []pending) (vals []int) {
				for _, r := range promise.Join(unwrap(fs)...).WaitRes().Val() {
					if r.Err() == nil {
						vals = append(vals, r.Val())
					}
				}
				return vals
			},
		},
	}
}

func asmshGroup() subject[groupKit] {
	open := func(_ context.Context, limit int) openGroup {
		opts := []promise.GroupOption{promise.FailuresCancelCBCtx(), promise.SaveAllGroupResults()}
		if limit > 0 {
			opts = append(opts, promise.Size(limit))
		}
		g := promise.NewGroup[int](opts...)
		return openGroup{
			start: func(_ context.Context, fn call) error {
				g.GoCtxValErr(fn)
				return nil
			},
			wait: func() (vals []int, err error) {
				all := g.AllWaitRes()
				for _, r := range all.Val() {
					if r.Err() == nil {
						vals = append(vals, r.Val())
					}
				}
				return vals, all.Err()
			},
		}
	}
	return subject[groupKit]{
		library{"asmsh/promise", asmshModule, "`NewGroup` with `Size`, `FailuresCancelCBCtx` and `SaveAllGroupResults`, `AllWaitRes`"},
		groupKit{open: open, values: open, noParent: true},
	}
}
