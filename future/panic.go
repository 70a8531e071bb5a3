package future

import (
	"fmt"
	"log/slog"
	"runtime/debug"
)

// PanicError is the outcome of a function that panicked. It was handed to the
// panic hook when it happened, so it is never lost, whoever waits.
type PanicError struct {
	Value any    // what panic was called with
	Stack []byte // of the goroutine that panicked
}

func (e *PanicError) Error() string { return fmt.Sprintf("future: panic: %v", e.Value) }

// Unwrap returns the value when it is an error. If that tells of a cancellation,
// what is returned does not match ErrCanceled: the panic is a failure.
func (e *PanicError) Unwrap() error {
	if err, ok := e.Value.(error); ok {
		return inner(err)
	}
	return nil
}

// Recovered makes an error of the abnormal end of a function: v is what
// recover returned, called by the function that was deferred. nil means that
// the goroutine is exiting, and gives ErrGoexit; everything else is a panic,
// and gives a *PanicError that the panic hook has seen.
//
// It is for code that runs functions on behalf of others.
func Recovered(v any) error {
	if v == nil {
		return ErrGoexit
	}
	err := &PanicError{Value: v, Stack: debug.Stack()}
	report := logPanic
	if h := hooks.Load(); h != nil && h.Panic != nil {
		report = h.Panic
	}
	told := make(chan struct{})
	go func() {
		defer close(told)
		report(err)
	}()
	<-told
	return err
}

func logPanic(err *PanicError) {
	slog.Error(err.Error(), "stack", string(err.Stack))
}
