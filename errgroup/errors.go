package errgroup

import (
	"context"
	"errors"

	"github.com/thence-go/thence/future"
)

// The sentinels that errors.Is asks for.
var (
	// ErrOver: the scope starts nothing any more. The error is an *OverError
	// and unwraps to the reason.
	ErrOver = errors.New("errgroup: the scope is over")

	// ErrClosed: the scope was closed, or its Wait has returned. It is a
	// reason of an *OverError.
	ErrClosed = errors.New("errgroup: the scope is closed: make a new one with Collect")

	// ErrDecided: First, Quorum or Until is satisfied. It is a
	// reason of an *OverError, and the cause with which the calls that are not
	// needed are canceled.
	ErrDecided = errors.New("errgroup: the scope is decided: no further calls are needed")

	// ErrQuorum: too few calls have succeeded for First or Quorum. The error
	// unwraps to a *future.JoinError with the failures, if there were any.
	ErrQuorum = errors.New("errgroup: too few calls have succeeded")

	// ErrUndecided: the predicate of Until was never satisfied. The error
	// unwraps to a *future.JoinError with the failures, if there were any.
	ErrUndecided = errors.New("errgroup: no result was enough for Until")

	// ErrNotReady: the function given to Start returned without an error and
	// had not called ready.
	ErrNotReady = errors.New("errgroup: the function given to Start returned without calling ready")

	// ErrLimit: TryGo found the scope at its limit.
	ErrLimit = errors.New("errgroup: the scope is at its limit: call Go to wait for room")
)

// OverError is what Go, TryGo and Do return once the scope is over: nothing
// was started. It matches ErrOver and whatever the reason matches, such as
// future.ErrCanceled.
type OverError struct {
	// Reason is the failure that ended the scope, a *future.CanceledError with
	// the cause, ErrClosed, ErrDecided or ErrQuorum.
	Reason error
}

func (e *OverError) Error() string        { return ErrOver.Error() + ": " + e.Reason.Error() }
func (e *OverError) Is(target error) bool { return target == ErrOver }
func (e *OverError) Unwrap() error        { return e.Reason }

// canceledBy makes the outcome for a cause, and never wraps one in another.
func canceledBy(cause error) error {
	if cause == nil {
		cause = context.Canceled
	}
	if isCanceled(cause) {
		return cause
	}
	return &future.CanceledError{Cause: cause}
}

func isCanceled(err error) bool {
	_, ok := err.(*future.CanceledError)
	return ok
}

// causeOf is what a context is canceled with for a reason.
func causeOf(reason error) error {
	if c, ok := reason.(*future.CanceledError); ok {
		return c.Cause
	}
	return reason
}

func mustContext(name string, ctx context.Context) {
	if ctx == nil {
		panic("errgroup: " + name + " needs a context, got nil: pass context.Background() if there is none")
	}
}

func mustFunc(name string, missing bool) {
	if missing {
		panic("errgroup: " + name + " needs a function, got nil")
	}
}
