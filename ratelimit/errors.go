package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrLimit is matched by every refusal of a limiter: see [LimitError].
var ErrLimit = errors.New("ratelimit: over the limit")

// Reason says why a limiter refused.
type Reason uint8

const (
	// OverBurst: more tokens were asked for than the bucket ever holds, or
	// fewer than none. Trying again does not help.
	OverBurst Reason = iota + 1

	// TooLate: the context's deadline comes before the tokens do.
	TooLate

	// TooFar: the tokens would come after a year or more.
	TooFar
)

func (r Reason) String() string {
	switch r {
	case OverBurst:
		return "over the burst"
	case TooLate:
		return "past the deadline"
	case TooFar:
		return "too far in the future"
	}
	return fmt.Sprintf("Reason(%d)", uint8(r))
}

// LimitError is a refusal: nothing was taken, and nobody waited. It matches
// [ErrLimit], and context.DeadlineExceeded if the Reason is TooLate.
type LimitError struct {
	Reason Reason
	N      int // tokens asked for

	// RetryAfter is when they would have come, if nobody else had asked:
	// InfDuration for never.
	RetryAfter time.Duration

	text string
}

func (e *LimitError) Error() string { return "ratelimit: " + e.text }

func (e *LimitError) Is(target error) bool {
	return target == ErrLimit || e.Reason == TooLate && target == context.DeadlineExceeded
}

func overBurst(n, burst int) error {
	text := fmt.Sprintf("WaitN(%d) is more than the burst of %d: ask for less, or set a greater burst", n, burst)
	if n < 0 {
		text = fmt.Sprintf("WaitN(%d) asks for fewer than no tokens: pass 0 or more", n)
	}
	return &LimitError{Reason: OverBurst, N: n, RetryAfter: InfDuration, text: text}
}

func tooLate(n int, delay, left time.Duration) error {
	text := fmt.Sprintf("WaitN(%d) would take %v, and the context ends in %v: try again later, or give it more time", n, delay, left)
	if delay == InfDuration {
		text = fmt.Sprintf("WaitN(%d) would never end at this limit, and the context ends in %v: set a limit above 0", n, left)
	}
	return &LimitError{Reason: TooLate, N: n, RetryAfter: delay, text: text}
}

func tooFar(n int, delay time.Duration) error {
	return &LimitError{Reason: TooFar, N: n, RetryAfter: delay,
		text: fmt.Sprintf("WaitN(%d) would take a year or more: too much is reserved already", n)}
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
