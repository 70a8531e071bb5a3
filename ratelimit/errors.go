package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrLimit is matched by every refusal of a limiter: see [LimitError].
var ErrLimit = errors.New("ratelimit: over the limit")

// LimitError is a refusal: nothing was taken, and nobody waited. It matches
// [ErrLimit], and context.DeadlineExceeded if the Reason is TooLate.
type LimitError struct {
	Decision     // never OK
	N        int // tokens asked for

	text string
}

// RetryAfter returns when the tokens would have come, if nobody else had asked:
// InfDuration for never. So future.Retry waits for as long.
func (e *LimitError) RetryAfter() time.Duration { return e.Decision.RetryAfter }

func (e *LimitError) Error() string { return "ratelimit: " + e.text }

func (e *LimitError) Is(target error) bool {
	return target == ErrLimit || e.Reason == TooLate && target == context.DeadlineExceeded
}

// refusal makes the error of a refused Wait.
func refusal(d Decision, n int, left time.Duration) error {
	e := &LimitError{Decision: d, N: n}
	switch {
	case n < 0:
		e.text = fmt.Sprintf("WaitN(%d) asks for fewer than no tokens: pass 0 or more", n)
	case d.Reason == OverBurst:
		e.text = fmt.Sprintf("WaitN(%d) is more than the burst of %d: ask for less, or set a greater burst", n, d.Limit)
	case d.Reason == TooFar:
		e.text = fmt.Sprintf("WaitN(%d) would take a year or more: too much is reserved already", n)
	case d.RetryAfter == InfDuration:
		e.text = fmt.Sprintf("WaitN(%d) would never end at this limit, and the context ends in %v: set a limit above 0", n, left)
	default:
		e.text = fmt.Sprintf("WaitN(%d) would take %v, and the context ends in %v: try again later, or give it more time", n, d.RetryAfter, left)
	}
	return e
}

// WaitError is what Wait returns if its context ended first: nothing was
// taken. It matches the error of the context and its cause, but not
// future.ErrStoppedWaiting: this package imports no other one.
type WaitError struct {
	Cause error // context.Cause of the context
	err   error // its Err
}

func stoppedWaiting(ctx context.Context) error {
	return &WaitError{Cause: context.Cause(ctx), err: ctx.Err()}
}

func (e *WaitError) Error() string        { return "ratelimit: stopped waiting: " + e.Cause.Error() }
func (e *WaitError) Is(target error) bool { return errors.Is(e.err, target) }
func (e *WaitError) Unwrap() error        { return e.Cause }
