package errgroup

import (
	"github.com/thence-go/thence/future"
)

// opinion is what the user's code said about an outcome.
type opinion struct {
	enough  bool
	trouble error // it panicked, or ended the goroutine
}

// settle ends a call. What code of the user's wants to know of the outcome is
// asked first.
func (t *call[T]) settle(v T, err error) (next *job) {
	failed := err != nil && !isCanceled(err)
	tell := failed && t.core.sink != nil
	ask := t.scope.enough != nil && t.index >= 0 && (err == nil || failed)
	if !tell && !ask {
		return t.complete(v, err, opinion{})
	}
	return t.consult(v, err, tell, ask)
}

// consult asks. The call has given its place back before, for good: a sink may
// start the work anew.
func (t *call[T]) consult(v T, err error, tell, ask bool) (next *job) {
	var said opinion
	returned, turn := false, false
	defer func() {
		if !returned {
			said = opinion{trouble: future.Recovered(recover())}
			next = t.complete(v, err, said)
		}
		if turn { // not before the call is complete: the next one sees what it came to
			t.core.passTurn()
		}
		next = t.core.handOn(said.trouble, next)
	}()
	t.Park()
	if tell {
		t.greet(err)
		t.core.sink(t.seq, err)
	}
	if ask {
		open := t.core.takeTurn()
		turn = true
		said.enough = open && t.scope.enough(t.index, future.Result[T]{Value: v, Err: err})
	}
	returned = true
	return t.complete(v, err, said)
}

// complete does the bookkeeping.
func (t *call[T]) complete(v T, err error, said opinion) (next *job) {
	c, s := t.core, t.scope
	t.fn = nil // what it holds on to may be large
	if t.ctx.Base() != nil {
		t.ctx.Release()
	}
	c.mu.Lock()
	t.err = err
	if t.index >= 0 {
		s.finished = append(s.finished, finished[T]{t.index, future.Result[T]{Value: v, Err: err}})
		if s.taken {
			c.changeLocked()
		}
	}
	reason := c.judgeLocked(&t.job, err, said)
	if reason == ErrDecided {
		s.deciding = len(s.finished)
	}
	end := reason != nil && c.endLocked(reason)
	c.leaveLocked(&t.job)
	next = c.ready.pop()
	spawn := c.needWorkerLocked()
	release := t.asked != nil && !t.offered
	c.mu.Unlock()
	if spawn {
		go c.work()
	}
	if release {
		t.asked.Release()
	}
	if end {
		c.stop(reason)
	}
	t.greet(err)
	return next
}
