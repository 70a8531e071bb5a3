package conformance

import (
	"context"
	"errors"

	"github.com/asmsh/promise"

	"github.com/thence-go/thence/future/futuretest"
)

type asmshFuture struct{ p *promise.Promise[int] }

func (f asmshFuture) Await(context.Context) (int, error) {
	r := f.p.WaitRes()
	return r.Val(), r.Err()
}

type asmshAll struct {
	p *promise.Promise[[]promise.IdxRes[int]]
}

func (f asmshAll) Await(context.Context) ([]int, error) {
	r := f.p.WaitRes()
	if r.Err() != nil {
		return nil, r.Err()
	}
	vs := make([]int, len(r.Val()))
	for i, one := range r.Val() {
		vs[i] = one.Val()
	}
	return vs, nil
}

func asmsh() Subject {
	type result = promise.Result[int]
	follow := func(f future, fn func(result) result) future {
		return asmshFuture{f.(asmshFuture).p.Follow(func(_ context.Context, r result) result { return fn(r) })}
	}
	return Subject{
		Module: "github.com/asmsh/promise",
		Adapter: futuretest.Adapter{
			Name: "asmsh/promise",
			Go: func(ctx context.Context, fn launch) future {
				return asmshFuture{promise.GoFunc[int, any](func() (int, error) { return fn(ctx) })}
			},
			NewPromise: func() futuretest.Promise {
				c := make(chan result, 1)
				settle := func(r result) bool {
					select {
					case c <- r:
					default:
					}
					return false
				}
				return futuretest.Promise{
					Future:  asmshFuture{promise.Chan(c)},
					Resolve: func(v int) bool { return settle(promise.ValRes(v)) },
					Reject:  func(err error) bool { return settle(promise.ErrRes[int](err)) },
				}
			},
			Resolved: func(v int) future { return asmshFuture{promise.Wrap(promise.ValRes(v))} },
			Failed:   func(err error) future { return asmshFuture{promise.Wrap(promise.ErrRes[int](err))} },
			Then: func(f future, fn next) future {
				return follow(f, func(r result) result {
					if r.Err() != nil {
						return r
					}
					v, err := fn(context.Background(), r.Val())
					return promise.ValErrRes(v, err)
				})
			},
			Catch: func(f future, fn rescue) future {
				return follow(f, func(r result) result {
					if r.Err() == nil {
						return r
					}
					v, err := fn(context.Background(), r.Err())
					return promise.ValErrRes(v, err)
				})
			},
			Finally: func(f future, fn func()) future {
				return follow(f, func(r result) result { fn(); return r })
			},
			All: func(fs ...future) futuretest.Futures {
				ps := make([]*promise.Promise[int], len(fs))
				for i, f := range fs {
					ps[i] = f.(asmshFuture).p
				}
				return asmshAll{promise.All(ps...)}
			},
			Done: func(f future) <-chan struct{} { return f.(asmshFuture).p.WaitChan() },
			Panic: func(err error) (any, bool) {
				var p promise.PanicError
				ok := errors.As(err, &p)
				return p.V, ok
			},
			Goexit: func(err error) bool { return errors.Is(err, promise.ErrPromiseGoexit) },
			Index: func(err error) (int, bool) {
				var one promise.IdxError
				ok := errors.As(err, &one)
				return one.Idx, ok
			},
			Silent:    true,
			NoContext: true,
		},
		Notes: []string{
			"no wait with a ctx and no cancel: its `WaitChan` fits a select",
			"`NewPromise` is a `Chan` of one, which cannot say who was first; `Then`, `Catch` and `Finally` are `Follow`",
		},
	}
}
