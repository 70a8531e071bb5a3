package errgroup

import "context"

// queued are the calls that an executor has and has not begun, those included
// that it or the limiter has not accepted yet. They are settled by the end of the scope: what
// keeps the executor busy may be other people's work.
type queued struct {
	first, last *job
}

func (q *queued) push(j *job) {
	if j.prev = q.last; j.prev != nil {
		j.prev.next = j
	} else {
		q.first = j
	}
	q.last = j
}

// remove takes j out; it must be in.
func (q *queued) remove(j *job) {
	if j.prev != nil {
		j.prev.next = j.next
	} else {
		q.first = j.next
	}
	if j.next != nil {
		j.next.prev = j.prev
	} else {
		q.last = j.prev
	}
	j.next, j.prev = nil, nil
}

// settleQueued cancels what has not begun; the scope's context has ended.
func (c *core) settleQueued() {
	for {
		c.mu.Lock()
		j := c.queued.first
		switch {
		case j == nil:
			c.mu.Unlock()
			return
		case j.phase == entered:
			c.withdrawLocked(j, c.lossLocked(c.ctx))
			c.mu.Unlock()
		default:
			why := c.overByLocked()
			c.claimLocked(j)
			j.err = why // the executor may ask before the call has settled
			c.mu.Unlock()
			j.self.fail(why)
		}
	}
}

// claim decides who settles a call that an executor has. Whoever comes too late
// gets the error that says so; whoever comes after the end of the scope, the
// outcome.
func (c *core) claim(j *job) (mine bool, over error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.claimLocked(j) {
		return false, canceledBy(j.err)
	}
	return true, c.overByLocked()
}

func (c *core) claimLocked(j *job) bool {
	if j.phase != entered && j.phase != accepted {
		return false
	}
	c.acceptLocked(j)
	j.phase = claimed
	c.queued.remove(j)
	return true
}

// overByLocked returns the outcome of a call that has not begun when the scope
// has ended, or nil.
func (c *core) overByLocked() error {
	switch {
	case c.ctx.Err() != nil:
		return canceledBy(context.Cause(c.ctx))
	case c.reason != nil:
		return canceledBy(causeOf(c.reason))
	}
	return nil
}

// lossLocked returns why a call that has a place is not to be accepted any
// more, or nil. If that is the end of the scope's context it does not matter
// that the scope has been closed since.
func (c *core) lossLocked(ctx context.Context) error {
	if c.reason == nil && c.ctx.Err() != nil {
		return &OverError{Reason: canceledBy(context.Cause(c.ctx))}
	}
	return c.refusalLocked(ctx)
}
