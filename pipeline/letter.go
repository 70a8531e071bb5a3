package pipeline

import (
	"context"
	"errors"

	"github.com/thence-go/thence/future"
)

// Letter is an item that a step could not do.
type Letter[A any] struct {
	Item     A
	Err      error // what the step returned, or a *future.PanicError
	Attempts int   // how often it was tried
}

// DeadLetter returns fn with another ending: an item that fails goes to to,
// and the flow goes on without it. A panic counts as a failure of its item.
// What to returns, in turn, fails the flow.
//
// Not letters are: ErrSkip, runtime.Goexit, and an item that was interrupted
// because the flow is stopping.
//
// to runs on the step's goroutine, so with Workers several at once.
func DeadLetter[A, B any](to func(context.Context, Letter[A]) error, fn func(context.Context, A) (B, error)) func(context.Context, A) (B, error) {
	mustFunc("DeadLetter", "function that takes the letters", to == nil)
	mustFunc("DeadLetter", "function", fn == nil)
	return func(ctx context.Context, a A) (B, error) {
		b, err := attempt(ctx, fn, a)
		if err == nil || isSkip(err) || isEcho(ctx, err) {
			return b, err
		}
		if err := to(ctx, Letter[A]{Item: a, Err: err, Attempts: attempts(err)}); err != nil {
			return b, err
		}
		return b, errLetter
	}
}

// attempt is fn with a panic as its error. A Goexit goes on its way.
func attempt[A, B any](ctx context.Context, fn func(context.Context, A) (B, error), a A) (b B, err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		if v := recover(); v != nil {
			err = future.Recovered(v)
		}
	}()
	b, err = fn(ctx, a)
	returned = true
	return b, err
}

// attempts asks the error of a Retry, which knows.
func attempts(err error) int {
	var retried *future.RetryError
	if errors.As(err, &retried) {
		return retried.Attempts
	}
	return 1
}

// isEcho reports whether err only says that ctx has ended.
func isEcho(ctx context.Context, err error) bool {
	_, echo := future.Outcome(ctx, err).(*future.CanceledError)
	return echo && ctx.Err() != nil
}

func isSkip(err error) bool { return err == ErrSkip || errors.Is(err, ErrSkip) }
