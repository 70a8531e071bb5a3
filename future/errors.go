package future

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// The sentinels that errors.Is asks for.
var (
	// ErrCanceled: the work was canceled. The error unwraps to the cause.
	ErrCanceled = errors.New("future: canceled")

	// ErrStoppedWaiting: the caller's own context ended while it waited. The
	// work goes on. The error unwraps to the cause of that context.
	ErrStoppedWaiting = errors.New("future: stopped waiting")

	// ErrGoexit: the function ended its goroutine by runtime.Goexit, as
	// t.FailNow does.
	ErrGoexit = errors.New("future: the function called runtime.Goexit")

	// ErrTimeout: the time given to Timeout ran out. It matches
	// context.DeadlineExceeded too.
	ErrTimeout = errors.New("future: timed out")

	// ErrNotNeeded: the cause of a cancellation by what was decided without this
	// work: by Any's winner, or by another attempt of a hedged call.
	ErrNotNeeded error = notNeeded{}

	// ErrNoInput: the combination can never be decided by the inputs that it was
	// given, Any of none for example.
	ErrNoInput = errors.New("future: not enough inputs to ever decide this: pass more futures")

	// ErrAbandoned: the promise was dropped before anybody settled it. Only a
	// hook can ask for that, see Hooks.
	ErrAbandoned = errors.New("future: the promise was dropped unsettled")

	// ErrMissingKey: a Loader's function has returned no value for the key.
	ErrMissingKey = errors.New("future: no value was loaded for the key")

	// ErrPending: the future has not settled yet.
	ErrPending = errors.New("future: not settled yet")

	// ErrDeadlock: the call would have waited for itself.
	ErrDeadlock = errors.New("future: deadlock: this would wait for itself")
)

// CanceledError is the outcome of work that was canceled. It matches
// ErrCanceled, and context.Canceled, context.DeadlineExceeded or whatever else
// was the cause.
type CanceledError struct {
	Cause error // what Cancel was given, or the cause of the context that ended
}

func (e *CanceledError) Error() string        { return "future: canceled" + because(e.Cause) }
func (e *CanceledError) Is(target error) bool { return target == ErrCanceled }

// Unwrap returns the cause. If that is a wait that was given up, what is returned
// does not match ErrStoppedWaiting: nobody stopped waiting for this work.
func (e *CanceledError) Unwrap() error {
	if errors.Is(e.Cause, ErrStoppedWaiting) {
		return &innerError{e.Cause}
	}
	return e.Cause
}

// canceled makes the outcome for a cause, and never wraps one in another.
func canceled(cause error) error {
	if cause == nil {
		cause = context.Canceled
	}
	if already, ok := cause.(*CanceledError); ok {
		return already
	}
	return &CanceledError{Cause: cause}
}

func isCanceled(err error) bool {
	_, ok := err.(*CanceledError)
	return ok
}

// WaitError is what a waiter gets whose own context ended first. It matches
// ErrStoppedWaiting, the error of that context and its cause, and it never
// matches ErrCanceled: nobody canceled the work.
type WaitError struct {
	Cause error // context.Cause of the waiter's context
	err   error // its Err
}

// StoppedWaiting makes the error of a waiter whose ctx has ended. It is for code
// that waits on behalf of others.
func StoppedWaiting(ctx context.Context) error {
	return &WaitError{Cause: context.Cause(ctx), err: ctx.Err()}
}

func (e *WaitError) Error() string { return "future: stopped waiting" + because(e.Cause) }

func because(cause error) string {
	if cause == nil {
		return ""
	}
	return ": " + cause.Error()
}

// Is answers for the causes too: a waiter's context that ended because other
// work was canceled does not make this wait a cancellation.
func (e *WaitError) Is(target error) bool {
	switch target {
	case ErrStoppedWaiting:
		return true
	case ErrCanceled:
		return false
	}
	return errors.Is(e.err, target) || errors.Is(e.Cause, target)
}

// As finds a typed cause.
func (e *WaitError) As(target any) bool {
	if _, ok := target.(**CanceledError); ok {
		return false
	}
	return errors.As(e.Cause, target)
}

// TimeoutError is what Timeout settles with when the time has run out. It
// matches ErrTimeout and context.DeadlineExceeded, and never ErrCanceled: the
// work may still run.
type TimeoutError struct {
	After time.Duration
}

func (e *TimeoutError) Error() string { return fmt.Sprintf("future: timed out after %v", e.After) }

func (e *TimeoutError) Is(target error) bool {
	return target == ErrTimeout || target == context.DeadlineExceeded
}

// Timeout makes it a timeout for code that asks as package net does.
func (e *TimeoutError) Timeout() bool { return true }

type notNeeded struct{}

func (notNeeded) Error() string        { return "future: no longer needed" }
func (notNeeded) Is(target error) bool { return target == context.Canceled }

// IndexedError is the failure of one of several: the one at Index of the
// input.
type IndexedError struct {
	Index int
	Err   error
}

func (e IndexedError) Error() string { return fmt.Sprintf("%d: %v", e.Index, e.Err) }
func (e IndexedError) Unwrap() error { return e.Err }
