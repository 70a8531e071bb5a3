package errgroup

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/thence-go/thence/future"
)

// verdict is what a scope has come to so far.
type verdict struct {
	succeeded int // calls with a result
	first     error
	failures  []future.IndexedError // kept only if Wait returns them
	canceled  error                 // the first call that was canceled
	decided   bool                  // by First, Quorum or Until
	trouble   error                 // with the sink or the predicate
}

func (v *verdict) cancel(err error) {
	if v.canceled == nil {
		v.canceled = err
	}
}

// judgeLocked takes note of an outcome, and returns why the scope ends by it,
// or nil.
func (c *core) judgeLocked(j *job, err error, said opinion) (reason error) {
	v := &c.verdict
	if j.begun {
		c.stats.Done++
	} else {
		c.stats.NotStarted++
	}
	switch {
	case err == nil:
		if !j.void {
			v.succeeded++
			said.enough = said.enough || v.succeeded == c.quorum
		}
	case isCanceled(err):
		v.cancel(err)
		if c.sink == nil && c.joiner == "" {
			reason = err
		}
	default:
		c.stats.Failed++
		if v.first == nil {
			v.first = err
		}
		if c.all || c.joiner != "" {
			v.failures = append(v.failures, future.IndexedError{Index: j.seq, Err: err})
		}
		if c.sink == nil && c.joiner == "" {
			reason = err
		}
	}
	if said.enough && !v.decided {
		v.decided, reason = true, ErrDecided
	}
	if said.trouble != nil && v.trouble == nil {
		v.trouble, reason = said.trouble, said.trouble
	}
	if reason == nil && c.closed && c.hopelessLocked(c.admitted-1) {
		reason = ErrQuorum
	}
	return reason
}

// hopelessLocked reports that the quorum cannot be reached by as many calls
// as are left.
func (c *core) hopelessLocked(left int) bool {
	return c.quorum > c.verdict.succeeded+left
}

// errLocked is what Wait returns.
func (c *core) errLocked() error {
	v := &c.verdict
	switch {
	case v.trouble != nil:
		return v.trouble
	case c.joiner != "":
		return c.undecidedLocked()
	case len(v.failures) > 0:
		return v.joined()
	case v.first != nil && c.sink == nil:
		return v.first
	case isCanceled(c.reason):
		return c.reason
	}
	return v.canceled
}

// undecidedLocked is what Wait returns if First, Quorum or Until decides.
func (c *core) undecidedLocked() error {
	v := &c.verdict
	why := ErrUndecided
	if c.quorum > 0 {
		why = fmt.Errorf("%w: %d of %d", ErrQuorum, v.succeeded, c.quorum)
	}
	switch {
	case v.decided:
		return nil
	case len(v.failures) > 0:
		return fmt.Errorf("%w: %w", why, v.joined())
	case isCanceled(c.reason):
		return c.reason
	case v.canceled != nil && c.reason == nil:
		return v.canceled
	}
	return why
}

// joined has the failures in the order of the calls.
func (v *verdict) joined() error {
	slices.SortFunc(v.failures, func(a, b future.IndexedError) int { return cmp.Compare(a.Index, b.Index) })
	return &future.JoinError{Errs: v.failures}
}

// decisiveLocked returns the values of the calls that had succeeded when the
// scope was decided, or of all that have, if it was not.
func (s *Scope[T]) decisiveLocked() []T {
	decisive := s.finished
	if s.verdict.decided {
		decisive = decisive[:s.deciding]
	}
	decisive = slices.DeleteFunc(slices.Clone(decisive), func(f finished[T]) bool { return f.result.Err != nil })
	slices.SortFunc(decisive, func(a, b finished[T]) int { return cmp.Compare(a.index, b.index) })
	values := make([]T, len(decisive))
	for i, f := range decisive {
		values[i] = f.result.Value
	}
	return values
}
