package conformance

import (
	"context"
	"errors"

	failsafego "github.com/failsafe-go/failsafe-go"

	"github.com/thence-go/thence/future/futuretest"
)

type failsafeFuture struct {
	failsafego.ExecutionResult[int]
}

func (f failsafeFuture) Await(context.Context) (int, error) { return f.Get() }

func failsafe() Subject {
	return Subject{
		Module: "github.com/failsafe-go/failsafe-go",
		Adapter: futuretest.Adapter{
			Name: "failsafe-go",
			Go: func(ctx context.Context, fn launch) future {
				run := failsafego.With[int]().WithContext(ctx)
				return failsafeFuture{run.GetAsyncWithExecution(func(e failsafego.Execution[int]) (int, error) {
					return fn(e.Context())
				})}
			},
			Cancel: func(f future, _ error) { f.(failsafeFuture).Cancel() },
			Canceled: func(err error) bool {
				return errors.Is(err, failsafego.ErrExecutionCanceled) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
			},
			NoCause: true,
		},
		Notes: []string{
			"the `ExecutionResult` of `GetAsyncWithExecution`, without policies: no chaining, no promise",
			"canceled means `ErrExecutionCanceled` or a context error, since without policies a cancel gives what the function returns",
		},
	}
}
