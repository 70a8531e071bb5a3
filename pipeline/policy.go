package pipeline

import (
	"context"
	"errors"
	"time"

	"github.com/thence-go/thence/future"
)

// Retry returns fn with further attempts at an item that failed, as
// future.Retry has them. What it fails with in the end is a
// *future.RetryError, from which a Letter gets its Attempts.
//
// ErrSkip is no failure and is not tried again; nor is a panic, or an item that
// was interrupted because the flow is stopping. The step waits between the
// attempts: with Workers, other items go on meanwhile.
func Retry[A, B any](p future.RetryPolicy, fn func(context.Context, A) (B, error)) func(context.Context, A) (B, error) {
	mustFunc("Retry", "function", fn == nil)
	future.Retry(p, func(context.Context) (B, error) { panic("pipeline: never called") }) // a wrong policy panics now
	return func(ctx context.Context, a A) (B, error) {
		skip, again := false, false
		b, err := future.Retry(p, func(ctx context.Context) (B, error) {
			if again {
				retried(ctx)
			}
			again = true
			b, err := fn(ctx, a)
			if skip = err != nil && isSkip(err); skip {
				return b, nil
			}
			return b, err
		})(ctx)
		if skip && err == nil {
			return b, ErrSkip
		}
		return b, err
	}
}

// Skip returns fn with another ending: an item whose error matches one of errs
// is dropped, and the flow goes on without it. Without errs, every error does.
//
// Panics are not skipped, nor is an item that was interrupted because the flow
// is stopping.
func Skip[A, B any](fn func(context.Context, A) (B, error), errs ...error) func(context.Context, A) (B, error) {
	mustFunc("Skip", "function", fn == nil)
	for _, err := range errs {
		if err == nil {
			panic("pipeline: Skip needs errors to match, got nil: leave them all out to skip every failure")
		}
	}
	return func(ctx context.Context, a A) (B, error) {
		b, err := fn(ctx, a)
		if failedItself(ctx, err) && matches(err, errs) {
			err = ErrSkip
		}
		return b, err
	}
}

func matches(err error, errs []error) bool {
	for _, e := range errs {
		if errors.Is(err, e) {
			return true
		}
	}
	return len(errs) == 0
}

// Replace returns fn with another ending: with is called with an item that
// failed and its error, and what it returns takes the place of the result. It
// may return the error, or another one, or ErrSkip.
//
// It is not called for ErrSkip, for a panic, and for an item that was
// interrupted because the flow is stopping. It runs where fn runs, so with
// Workers several at once.
func Replace[A, B any](with func(context.Context, A, error) (B, error), fn func(context.Context, A) (B, error)) func(context.Context, A) (B, error) {
	mustFunc("Replace", "function that gives the replacement", with == nil)
	mustFunc("Replace", "function", fn == nil)
	return func(ctx context.Context, a A) (B, error) {
		b, err := fn(ctx, a)
		if failedItself(ctx, err) {
			return with(ctx, a, err)
		}
		return b, err
	}
}

// Within returns fn with a limit to the time that one item may take. When d has
// passed, the context of fn ends, and what fn returns because of that becomes a
// *future.TimeoutError, which matches future.ErrTimeout. It is a failure of the
// item as any other, so it can be tried again, skipped, or made a letter.
//
// Within waits for fn to return: a step leaves nothing running, so an fn that
// does not look at its context takes as long as it likes. A result that it has
// made all the same counts, and so does an error of its own.
func Within[A, B any](d time.Duration, fn func(context.Context, A) (B, error)) func(context.Context, A) (B, error) {
	mustFunc("Within", "function", fn == nil)
	if d <= 0 {
		panic("pipeline: Within needs a time above 0, got " + d.String())
	}
	late := &future.TimeoutError{After: d}
	return func(ctx context.Context, a A) (B, error) {
		inner, cancel := context.WithTimeoutCause(ctx, d, late)
		defer cancel()
		b, err := fn(inner, a)
		if err != nil && context.Cause(inner) == error(late) && isEcho(inner, err) {
			err = late
		}
		return b, err
	}
}

// failedItself reports whether err is a failure of the item.
func failedItself(ctx context.Context, err error) bool {
	return err != nil && !isSkip(err) && !isEcho(ctx, err)
}
