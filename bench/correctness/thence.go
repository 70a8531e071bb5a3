package main

import (
	"context"
	"errors"
	"time"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
	"github.com/thence-go/thence/pool"
	"github.com/thence-go/thence/ratelimit"
)

func init() {
	// The default logs a panic; here the cases look at what their waiters get.
	future.SetHooks(future.Hooks{Panic: func(*future.PanicError) {}})
}

func thence(uses string) library { return library{"thence", "", uses} }

// thenceStack is the stack of a panic, a field of its error.
func thenceStack(err error) string {
	var p *future.PanicError
	if !errors.As(err, &p) {
		return ""
	}
	return string(p.Stack)
}

func thencePool() subject[poolKit] {
	return subject[poolKit]{thence("`pool.New(n, pool.Queue(1, pool.Block))`, `pool.Submit`"), poolKit{
		queue: 1,
		open: func(_ context.Context, workers int) openPool {
			p := pool.New(workers, pool.Queue(1, pool.Block))
			named := p.Named("a task")
			return openPool{
				submit: func(ctx context.Context, t task) (func(context.Context) error, error) {
					f := pool.Submit(ctx, named, future.Void(t))
					return func(ctx context.Context) error {
						_, err := f.Await(ctx)
						return err
					}, nil
				},
				drain: p.Shutdown,
				kill:  func() { _ = p.Close() },
				names: func(err error) bool {
					var e *pool.ShutdownError
					return errors.As(err, &e) && len(e.Stragglers) == 1 && e.Stragglers[0].Name == "a task"
				},
				stack: thenceStack,
			}
		},
	}}
}

func thenceGroup() subject[groupKit] {
	open := func(ctx context.Context, limit int) openGroup {
		var opts []errgroup.Option
		if limit > 0 {
			opts = append(opts, errgroup.Limit(limit))
		}
		s := errgroup.Collect[int](ctx, opts...)
		return openGroup{start: s.Go, wait: s.Wait, stack: thenceStack}
	}
	return subject[groupKit]{
		thence("`errgroup.Collect`, `Limit`; the drop-in `errgroup.Group` hangs when nested at its limit, as x/sync does"),
		groupKit{open: open, values: open},
	}
}

func thenceFuture() subject[futureKit] {
	type promised = *future.Future[int]
	unwrap := func(fs []pending) []promised {
		inner := make([]promised, len(fs))
		for i, f := range fs {
			inner[i] = f.self.(promised)
		}
		return inner
	}
	return subject[futureKit]{thence("`future.Go`, `All`, `AllSettled`"), futureKit{
		launch: func(ctx context.Context, fn call) pending {
			f := future.Go(ctx, fn)
			return pending{self: f, await: f.Await, cancel: func() { f.Cancel(context.Canceled) }}
		},
		all: func(ctx context.Context, fs []pending) error {
			_, err := future.All(unwrap(fs)...).Await(ctx)
			return err
		},
		settled: func(ctx context.Context, fs []pending) []int {
			results, _ := future.AllSettled(unwrap(fs)...).Await(ctx)
			var vals []int
			for _, r := range results {
				if r.Err == nil {
					vals = append(vals, r.Value)
				}
			}
			return vals
		},
		stack: thenceStack,
	}}
}

func thenceFlow() subject[flowKit] {
	all := func(ctx context.Context, f pipeline.Flow[int], each func(int) bool) error {
		for v, err := range f.All(ctx) {
			if err != nil {
				return err
			}
			if !each(v) {
				return nil
			}
		}
		return nil
	}
	flow := func(items []int, fn step) pipeline.Flow[int] {
		return pipeline.Then(pipeline.FromSlice(items), fn, pipeline.Workers(flowWorkers))
	}
	return subject[flowKit]{thence("`pipeline.Then` with `Workers(4)`, ranged over with `All`; `OnUndelivered` is the hook"), flowKit{
		run: func(ctx context.Context, items []int, fn step, each func(int) bool) error {
			return all(ctx, flow(items, fn), each)
		},
		lossless: func(ctx context.Context, items []int, fn step, each func(int) bool, lost func(int)) error {
			return all(ctx, flow(items, fn).OnUndelivered(lost), each)
		},
		stack: thenceStack,
	}}
}

func thenceLimiter() subject[limiterKit] {
	return subject[limiterKit]{thence("`ratelimit.NewLimiter`"), limiterKit{
		open: func(perSecond float64, burst int) openLimiter {
			l := ratelimit.NewLimiter(ratelimit.Limit(perSecond), burst)
			return openLimiter{
				wait:     l.Wait,
				allowAt:  func(t time.Time) bool { return l.AllowN(t, 1) },
				setLimit: func(perSecond float64) { l.SetLimit(ratelimit.Limit(perSecond)) },
			}
		},
	}}
}
