package future

import (
	"fmt"
	"strings"
	"time"
)

// RetryError is the failure of a function made by Retry. errors.Is and
// errors.As reach the failures of the attempts, the last one first, and
// ErrBudget or context.DeadlineExceeded if that is why there was no further
// attempt.
type RetryError struct {
	Attempts int           // how often the function was called
	Elapsed  time.Duration // from the first call to the return of the last one

	// Errs are the failures, in order, at most eight of them: the first one,
	// which often is the reason for all others, and the last seven.
	Errs []error

	why error // there was no further attempt, if not for their number
}

const keptErrs = 8

func (r *retrying) note(err error) {
	if len(r.errs) == keptErrs {
		r.errs = append(r.errs[:1], r.errs[2:]...)
	}
	r.errs = append(r.errs, err)
}

func (e *RetryError) Error() string {
	s := "s"
	if e.Attempts == 1 {
		s = ""
	}
	text := fmt.Sprintf("future: gave up after %d attempt%s in %v", e.Attempts, s, e.Elapsed)
	if e.why != nil {
		text += ", " + strings.TrimPrefix(e.why.Error(), "future: ")
	}
	if n := len(e.Errs); n > 0 {
		text += ": " + e.Errs[n-1].Error()
	}
	return text
}

// Unwrap returns the last failure first, so that errors.As finds what is most
// recent.
func (e *RetryError) Unwrap() []error {
	errs := make([]error, 0, len(e.Errs)+1)
	for i := len(e.Errs) - 1; i >= 0; i-- {
		errs = append(errs, e.Errs[i])
	}
	if e.why != nil {
		errs = append(errs, e.why)
	}
	return errs
}
