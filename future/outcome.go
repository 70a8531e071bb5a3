package future

import (
	"context"
	"errors"
	"reflect"
)

// Outcome says what the work of a task came to, given the context that the
// task had and the error that its function returned. When ctx had ended and
// err is only the echo of that end, the work was canceled, with the cause of
// ctx. Any other error is a failure, and is returned as it is; but if it tells
// of other work that was canceled, or of a wait that was given up inside, it
// does not match ErrCanceled and ErrStoppedWaiting any more: they would speak
// of this work.
//
// It is for code that runs functions on behalf of others.
func Outcome(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		if cause := context.Cause(ctx); isEcho(err, cause) {
			return canceled(cause)
		}
	}
	return inner(err)
}

// failure is the outcome for an error that a producer gives: a cancellation
// goes on as one, and everything else is a failure of this work.
func failure(err error) error {
	if err == nil || isCanceled(err) {
		return err
	}
	return inner(err)
}

// inner hides in err what speaks of other work.
func inner(err error) error {
	if errors.Is(err, ErrCanceled) || errors.Is(err, ErrStoppedWaiting) {
		return &innerError{err}
	}
	return err
}

// isEcho reports whether err says nothing but that the context has ended. What
// was joined to that, by a deferred Close for example, must not be lost.
func isEcho(err, cause error) bool {
	if isSame(err, cause) {
		return true
	}
	switch err.(type) {
	case *CanceledError:
		return true
	case *PanicError:
		return false // whatever it was called with
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		errs := joined.Unwrap()
		for _, one := range errs {
			if !isEcho(one, cause) {
				return false
			}
		}
		return len(errs) > 0
	}
	if inner := errors.Unwrap(err); inner != nil {
		return isEcho(inner, cause)
	}
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrCanceled)
}

// isSame is ==, for causes of any type: slices of errors are not comparable, nor
// is all that a struct may hold.
func isSame(err, cause error) bool {
	if reflect.ValueOf(cause).Comparable() {
		return err == cause
	}
	return reflect.DeepEqual(err, cause)
}

// innerError is the failure of work because of other work.
type innerError struct{ err error }

func (e *innerError) Error() string { return e.err.Error() }

func (e *innerError) Is(target error) bool {
	return target != ErrCanceled && target != ErrStoppedWaiting && errors.Is(e.err, target)
}

func (e *innerError) As(target any) bool {
	switch target.(type) {
	case **CanceledError, **WaitError:
		return false
	}
	return errors.As(e.err, target)
}
