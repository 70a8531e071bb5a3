package main

import (
	"context"
	"time"

	failsafego "github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/ratelimiter"
)

const failsafeModule = "github.com/failsafe-go/failsafe-go"

func failsafeGo(ctx context.Context, with failsafego.Executor[int], fn call) failsafego.ExecutionResult[int] {
	return with.WithContext(ctx).GetAsyncWithExecution(func(e failsafego.Execution[int]) (int, error) { return fn(e.Context()) })
}

func bulkheadPool() subject[poolKit] {
	return subject[poolKit]{
		library{"failsafe-go", failsafeModule, "a bulkhead with `WithMaxWaitTime`, an hour, or 100 ms to nest; `GetAsyncWithExecution`"},
		poolKit{
			open: func(_ context.Context, workers int) openPool { return openBulkhead(workers, time.Hour) },
			nest: func(workers int) openPool { return openBulkhead(workers, 100*time.Millisecond) },
		},
	}
}

func openBulkhead(workers int, maxWait time.Duration) openPool {
	b := bulkhead.NewBuilder[int](uint(workers)).WithMaxWaitTime(maxWait).Build()
	with := failsafego.With(b)
	return openPool{
		submit: func(ctx context.Context, t task) (func(context.Context) error, error) {
			one := failsafeGo(ctx, with, func(ctx context.Context) (int, error) { return 0, t(ctx) })
			return func(ctx context.Context) error { return until(ctx, one.Done(), one.Error) }, nil
		},
	}
}

func failsafeFuture() subject[futureKit] {
	return subject[futureKit]{
		library{"failsafe-go", failsafeModule, "the `ExecutionResult` of `GetAsyncWithExecution`"},
		futureKit{launch: func(ctx context.Context, fn call) pending {
			one := failsafeGo(ctx, failsafego.With[int](), fn)
			return pending{
				await: func(ctx context.Context) (v int, err error) {
					err = until(ctx, one.Done(), func() (err error) {
						v, err = one.Get()
						return err
					})
					return v, err
				},
				cancel: one.Cancel,
			}
		}},
	}
}

func failsafeLimiter() subject[limiterKit] {
	return subject[limiterKit]{
		library{"failsafe-go", failsafeModule, "`ratelimiter.NewSmoothWithMaxRate`, `AcquirePermit`, and `AcquirePermitWithMaxWait` for short waits; its limit is fixed"},
		limiterKit{open: func(perSecond float64, burst int) openLimiter {
			l := ratelimiter.NewSmoothWithMaxRate[any](time.Duration(float64(time.Second) / perSecond))
			return openLimiter{wait: l.AcquirePermit, within: l.AcquirePermitWithMaxWait}
		}},
	}
}
