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
	trouble   error                 // with the sink
}

func (v *verdict) cancel(err error) {
	if v.canceled == nil {
		v.canceled = err
	}
}

// judgeLocked takes note of an outcome, and returns why the scope ends by it,
// or nil.
func (c *core) judgeLocked(j *job, err, trouble error) (reason error) {
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
		}
		if c.quorum > 0 && v.succeeded == c.quorum {
			reason = ErrDecided
		}
	case isCanceled(err):
		v.cancel(err)
		if c.sink == nil && c.quorum == 0 {
			reason = err
		}
	default:
		c.stats.Failed++
		if v.first == nil {
			v.first = err
		}
		if c.all || c.quorum > 0 {
			v.failures = append(v.failures, future.IndexedError{Index: j.seq, Err: err})
		}
		if c.sink == nil && c.quorum == 0 {
			reason = err
		}
	}
	if trouble != nil && v.trouble == nil {
		v.trouble, reason = trouble, trouble
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
	case c.quorum > 0:
		return c.quorumErrLocked()
	case len(v.failures) > 0:
		return v.joined()
	case v.first != nil && c.sink == nil:
		return v.first
	case isCanceled(c.reason):
		return c.reason
	}
	return v.canceled
}

func (c *core) quorumErrLocked() error {
	v := &c.verdict
	switch {
	case v.succeeded >= c.quorum:
		return nil
	case len(v.failures) > 0:
		return fmt.Errorf("%w: %d of %d: %w", ErrQuorum, v.succeeded, c.quorum, v.joined())
	case isCanceled(c.reason):
		return c.reason
	case v.canceled != nil && c.reason == nil:
		return v.canceled
	}
	return fmt.Errorf("%w: %d of %d", ErrQuorum, v.succeeded, c.quorum)
}

// joined has the failures in the order of the calls.
func (v *verdict) joined() error {
	slices.SortFunc(v.failures, func(a, b future.IndexedError) int { return cmp.Compare(a.Index, b.Index) })
	return &future.JoinError{Errs: v.failures}
}

// decisiveLocked returns the values that made the quorum.
func (s *Scope[T]) decisiveLocked() []T {
	decisive := make([]finished[T], 0, s.quorum)
	for _, f := range s.finished {
		if f.result.Err == nil && len(decisive) < s.quorum {
			decisive = append(decisive, f)
		}
	}
	slices.SortFunc(decisive, func(a, b finished[T]) int { return cmp.Compare(a.index, b.index) })
	values := make([]T, len(decisive))
	for i, f := range decisive {
		values[i] = f.result.Value
	}
	return values
}
