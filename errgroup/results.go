package errgroup

import (
	"iter"

	"github.com/thence-go/thence/future"
)

// Results yields the result of each call of Go, as they finish, with its place
// among the values. It ends when the scope is closed or over and every call has
// been yielded: so call Close, from wherever the last call is started. Results are not kept, so
// a scope that serves for years stays small as long as they are taken; Wait
// then has no values. Between calls for one consumer the results are shared
// out.
//
// After Wait there is nothing left to yield.
//
// Leaving the loop early cancels the scope; Wait waits for what still runs.
func (s *Scope[T]) Results() iter.Seq2[int, future.Result[T]] {
	s.mustMade()
	return func(yield func(int, future.Result[T]) bool) {
		ended := false
		defer func() {
			if !ended {
				s.Cancel(nil)
			}
		}()
		for {
			f, ok := s.next()
			if !ok {
				ended = true
				return
			}
			if !yield(f.index, f.result) {
				return
			}
		}
	}
}

// next waits for a result; false when there will be none any more.
func (s *Scope[T]) next() (f finished[T], ok bool) {
	s.mu.Lock()
	s.taken = true
	if !s.settledLocked() {
		s.awaitResult()
	}
	defer s.mu.Unlock()
	if len(s.finished) == 0 {
		return f, false
	}
	f, s.finished[0] = s.finished[0], f
	s.finished = s.finished[1:]
	return f, true
}

// settledLocked reports that next need not wait.
func (s *Scope[T]) settledLocked() bool {
	return len(s.finished) > 0 || s.admitted == 0 && s.overLocked()
}

// awaitResult waits with mu unlocked.
func (s *Scope[T]) awaitResult() {
	defer s.parkLocked()()
	over := s.ctx.Done()
	for !s.settledLocked() {
		changed := s.changedLocked()
		s.mu.Unlock()
		select {
		case <-changed:
		case <-over:
			over = nil // what still runs will make a change
		}
		s.mu.Lock()
	}
}
