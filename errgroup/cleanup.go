package errgroup

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/thence-go/thence/future"
)

// Cleanup has fn called by Wait, when every call has settled and nothing can be
// started any more. The last one that was given is the first to be called, one
// at a time, each on a goroutine of its own, and all of them are called, however
// the scope has ended and whatever became of the others. A cleanup may give
// another one, which is next.
//
// The context of fn has the values of the one that Collect was given, and is
// shielded from its end and from that of the scope. It lasts until fn returns,
// or for shield from the call of fn on; then it ends with
// context.DeadlineExceeded. Wait waits for fn all the same, so fn should obey.
//
// An error of fn, a panic or Goexit is a failure that Wait returns, as a
// *CleanupError; it does not go to the sink of Supervise. fn must not call Wait.
//
// Cleanup panics if shield is not positive, and if Wait has returned, since
// nobody would call fn then.
func (s *Scope[T]) Cleanup(shield time.Duration, fn func(ctx context.Context) error) {
	if shield <= 0 {
		panic(fmt.Sprintf("errgroup: Cleanup needs a positive shield, got %v: say how long it may take", shield))
	}
	mustFunc("Cleanup", fn == nil)
	s.mustMade()
	s.mu.Lock()
	late := s.waited
	if !late {
		s.cleanups = append(s.cleanups, cleanup{shield, fn})
	}
	s.mu.Unlock()
	if late {
		panic("errgroup: Cleanup after Wait: nobody would call it, give it before Wait returns")
	}
}

type cleanup struct {
	shield time.Duration
	fn     func(context.Context) error
}

// CleanupError is what Wait returns if a cleanup has failed. It matches whatever
// its errors match.
type CleanupError struct {
	Failure error   // of the scope, if there was one besides
	Errs    []error // of the cleanups, in the order in which they were called
}

func (e *CleanupError) Error() string {
	var text strings.Builder
	if e.Failure != nil {
		text.WriteString(e.Failure.Error() + "\n")
	}
	for i, err := range e.Errs {
		if i > 0 {
			text.WriteByte('\n')
		}
		text.WriteString("errgroup: cleanup: " + err.Error())
	}
	return text.String()
}

func (e *CleanupError) Unwrap() []error {
	if e.Failure == nil {
		return e.Errs
	}
	return append([]error{e.Failure}, e.Errs...)
}

// cleanLocked calls the cleanups, with mu unlocked meanwhile, and returns what
// became of err. That the scope was canceled is no failure, so it is not told
// beside one.
func (c *core) cleanLocked(err error) error {
	var errs []error
	for n := len(c.cleanups); n > 0; n = len(c.cleanups) {
		last := c.cleanups[n-1]
		c.cleanups[n-1] = cleanup{}
		c.cleanups = c.cleanups[:n-1]
		c.mu.Unlock()
		if err := last.run(c.parent); err != nil {
			errs = append(errs, err)
		}
		c.mu.Lock()
	}
	switch {
	case errs == nil:
		return err
	case isCanceled(err):
		err = nil
	}
	return &CleanupError{Failure: err, Errs: errs}
}

// run calls fn on another goroutine: fn may end the one that it is on.
func (c cleanup) run(parent context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(parent), c.shield)
	defer cancel()
	ended := make(chan error)
	go func() {
		returned := false
		defer func() {
			if !returned {
				ended <- future.Recovered(recover())
			}
		}()
		err := c.fn(ctx)
		returned = true
		// What it says of other work is not the outcome of this scope.
		ended <- future.Outcome(context.Background(), err)
	}()
	return <-ended
}
