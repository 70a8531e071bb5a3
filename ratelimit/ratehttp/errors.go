package ratehttp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/thence-go/thence/ratelimit"
)

// PausedError is why [Transport] did not send a request: its server wants to be
// left alone for longer than the request's context lasts. If the context's
// deadline would have come before the end of the pause, it matches
// [ratelimit.ErrLimit] and context.DeadlineExceeded. If the context has ended
// during the pause, it matches its error and its cause.
type PausedError struct {
	Host string        // of the request's URL
	Wait time.Duration // how much longer the host is paused

	err, cause error
}

// RetryAfter returns Wait. So future.Retry waits for as long.
func (e *PausedError) RetryAfter() time.Duration { return e.Wait }

func (e *PausedError) Error() string {
	if e.cause != nil {
		return fmt.Sprintf("ratehttp: %s asked to be left alone for %v more, and the wait was stopped: %v", e.Host, e.Wait, e.cause)
	}
	return fmt.Sprintf("ratehttp: %s asked to be left alone for %v more, and the context ends before: try again later, or give it more time", e.Host, e.Wait)
}

// Timeout reports whether a deadline is the reason, as package net asks.
func (e *PausedError) Timeout() bool { return errors.Is(e.err, context.DeadlineExceeded) }

func (e *PausedError) Is(target error) bool {
	return target == ratelimit.ErrLimit && e.cause == nil || errors.Is(e.err, target)
}

func (e *PausedError) Unwrap() error { return e.cause }
