package pool

import "context"

// sub is a bound of its own on some of a pool's tasks. The pool's sched.mu
// guards it.
//
// While it has room and nodes wait, one that was passed over is ready again: it
// will take the room, or find out that another bound is in its way.
type sub struct {
	parent   *sub
	limit    int
	running  int
	waiting  nodeHeap // passed over because it was full
	resuming waiters  // tasks that were parked: they go first
}

// full returns the bound that is in the way, nil if there is none.
func (s *sub) full() *sub {
	for ; s != nil; s = s.parent {
		if s.running >= s.limit {
			return s
		}
	}
	return nil
}

// passOverLocked puts a node aside until there is room. Where it does not take
// the room that it came back for, the next one gets it.
func (s *sub) passOverLocked(n *node) {
	s.waiting.push(n)
	q := &n.scope.pool.sched
	if q.blocked == nil {
		q.blocked = make(map[*sub]struct{})
	}
	q.blocked[s] = struct{}{}
	for b := n.scope.sub; b != nil; b = b.parent {
		if b != s && b.running < b.limit {
			q.backLocked(b)
		}
	}
}

// backLocked makes the first node that waits for b ready again.
func (q *sched) backLocked(b *sub) bool {
	if len(b.waiting) == 0 {
		return false
	}
	n := b.waiting.pop()
	if len(b.waiting) == 0 {
		delete(q.blocked, b)
	}
	q.readyLocked(n, false)
	return true
}

// leave gives back a place in s and in all that s is part of.
func (q *sched) leave(s *sub) { q.leaveUpTo(s, nil) }

// leaveUpTo is leave for those below end.
func (q *sched) leaveUpTo(s, end *sub) {
	if s == end {
		return
	}
	q.mu.Lock()
	more := q.leaveLocked(s, end)
	q.mu.Unlock()
	q.freed(more)
}

func (q *sched) leaveLocked(s, end *sub) (more bool) {
	for ; s != end; s = s.parent {
		if w := s.resuming.head; w != nil {
			s.resuming.serve(w)
			continue
		}
		s.running--
		more = q.backLocked(s) || more
	}
	return more
}

// comeBack takes the places again for a task that goes on, before it asks for a
// slot. On cancel of ctx it reports false, and has none.
func (p *Pool) comeBack(ctx context.Context, s *sub) bool {
	for b := s; b != nil; b = b.parent {
		if !p.comeBackTo(ctx, b) {
			p.sched.leaveUpTo(s, b)
			return false
		}
	}
	return true
}

func (p *Pool) comeBackTo(ctx context.Context, s *sub) bool {
	q := &p.sched
	q.mu.Lock()
	if s.running < s.limit {
		s.running++
		q.mu.Unlock()
		return true
	}
	w := new(waiter)
	s.resuming.push(w)
	q.mu.Unlock()
	select {
	case <-w.ready:
		return true
	case <-ctx.Done():
		q.mu.Lock()
		defer q.mu.Unlock()
		return !s.resuming.remove(w)
	}
}
