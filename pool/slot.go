package pool

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/thence-go/thence/internal/task"
)

// slot is a worker's place as its task's ctx knows it. It survives the task if
// goroutines of the task are still parked in it when the task returns.
type slot struct {
	pool    *Pool
	touched atomic.Bool // somebody has parked in it

	mu     sync.Mutex
	parks  int           // goroutines that are parked in it
	held   bool          // it counts as taken
	over   bool          // its task has returned: no more bookkeeping
	coming chan struct{} // somebody waits to resume; closed when that is over
	chain  *chain        // of the key that its task holds; parked or not
	sub    *sub          // that its task is part of
	inSub  bool          // and has a place in: not while it is parked
}

var _ task.Slot = (*slot)(nil)

// Park gives the slot back, if this is the first goroutine of the task to
// block.
func (s *slot) Park() {
	s.touched.Store(true)
	s.mu.Lock()
	s.parks++
	give := s.parks == 1 && s.held && !s.over
	var sub *sub
	if give {
		s.held = false
		s.pool.slots.parks.Add(parkOne)
		sub = s.outOfSubLocked()
	}
	s.mu.Unlock()
	if give {
		s.pool.sched.leave(sub)
		s.pool.giveBack()
	}
}

// Unpark takes a slot again, if this was the last one. It gives up only if the
// task's own ctx has ended: a wait that was given less time than its task must
// not make the limit void. Goroutines of one task that come back at once wait
// for the same slot: it may be that one of them holds it while it waits for the
// others.
func (s *slot) Unpark(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parks--
	if own := task.From(ctx); own != nil {
		ctx = own
	}
	for s.parks == 0 && !s.held && !s.over {
		if coming := s.coming; coming != nil {
			s.mu.Unlock()
			select {
			case <-coming:
			case <-ctx.Done():
			}
			s.mu.Lock()
			if ctx.Err() != nil {
				return
			}
			continue
		}
		s.resumeLocked(ctx)
		return
	}
}

func (s *slot) resumeLocked(ctx context.Context) {
	s.coming = make(chan struct{})
	sub := s.sub
	if s.inSub {
		sub = nil
	}
	s.mu.Unlock()
	got := s.pool.comeBack(ctx, sub)
	if got && !s.pool.resume(ctx) {
		got = false
		s.pool.sched.leave(sub)
	}
	s.mu.Lock()
	close(s.coming)
	s.coming = nil
	if !got {
		return
	}
	late := s.parks > 0 || s.held || s.over
	if !late {
		s.held = true
		s.pool.slots.parks.Add(unparkOne)
		if sub == s.sub {
			s.inSub = sub != nil
			return
		}
	}
	s.mu.Unlock()
	s.pool.sched.leave(sub)
	if late {
		s.pool.giveBack()
	}
	s.mu.Lock()
}

// enter notes what the task of a view holds beside the slot.
func (s *slot) enter(c *chain, sub *sub) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chain, s.sub, s.inSub = c, sub, sub != nil
}

// exit is called when the task has returned, and returns the sub that it still
// has a place in.
func (s *slot) exit() *sub {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := s.outOfSubLocked()
	s.chain, s.sub = nil, nil
	return sub
}

func (s *slot) outOfSubLocked() *sub {
	if !s.inSub {
		return nil
	}
	s.inSub = false
	return s.sub
}

func (s *slot) holding() *chain {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.chain
}

// isIn reports whether its task is one of sub's; every task is one of none.
func (s *slot) isIn(sub *sub) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for b := s.sub; b != sub; b = b.parent {
		if b == nil {
			return false
		}
	}
	return true
}

// close is called when the worker has no task and gives its place up.
func (s *slot) close() {
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
}

// open is called when it has a place again; false if goroutines of a former
// task are still parked in this one.
func (s *slot) open() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.parks > 0 {
		return false
	}
	s.over, s.held = false, true
	return true
}

// end is called when the task has returned. It reports whether the worker still
// holds a slot, and whether it may go on with this one.
func (s *slot) end() (held, reuse bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held && s.parks == 0 {
		s.touched.Store(false)
		return true, true
	}
	s.over = true
	if !s.held {
		s.pool.slots.parks.Add(unparkOne)
	}
	return s.held, false
}
