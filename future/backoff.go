package future

import (
	"errors"
	"math"
	"math/rand/v2"
	"time"
)

// Permanent marks a failure that no further attempt can mend: Retry and Hedge
// end at once. The text stays that of err, and errors.Is and errors.As reach
// err. The mark stays on the error that they return, so that a Retry around them
// ends as well. Permanent of nil is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

func isPermanent(err error) bool {
	var p *permanentError
	return errors.As(err, &p)
}

// RetryAfter adds to a failure how long the next attempt must wait at least, as
// the other side has asked for. Retry waits d and the backoff, so that those
// who were told the same do not come back together. The text stays that of err,
// and errors.Is and errors.As reach err. RetryAfter of nil is nil.
//
// Retry honors every error that errors.As finds to have a method
// RetryAfter() time.Duration, so other packages' errors can ask too.
func RetryAfter(d time.Duration, err error) error {
	if err == nil {
		return nil
	}
	return &retryAfterError{d, err}
}

type retryAfterError struct {
	after time.Duration
	err   error
}

func (e *retryAfterError) Error() string             { return e.err.Error() }
func (e *retryAfterError) Unwrap() error             { return e.err }
func (e *retryAfterError) RetryAfter() time.Duration { return e.after }

// asked returns what a failure asks the next attempt to wait.
func asked(err error) time.Duration {
	var hint interface{ RetryAfter() time.Duration }
	if errors.As(err, &hint) {
		return max(0, hint.RetryAfter())
	}
	return 0
}

// delay is the wait after the nth failure.
func (p *RetryPolicy) delay(n int, err error) time.Duration {
	backoff, hint := max(0, p.Jitter(p.ceiling(n))), asked(err)
	if hint > math.MaxInt64-backoff {
		return math.MaxInt64
	}
	return hint + backoff
}

// ceiling doubles with each failure, up to Max.
func (p *RetryPolicy) ceiling(n int) time.Duration {
	c := p.Base
	for ; n > 1 && c < p.Max; n-- {
		if c > p.Max/2 {
			return p.Max
		}
		c *= 2
	}
	return c
}

func fullJitter(ceiling time.Duration) time.Duration { return rand.N(ceiling) }
