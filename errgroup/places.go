package errgroup

import "context"

// places are what a Limit bounds: a call holds one while it runs, and gives it
// back while it waits for others.
type places struct {
	held     int   // at most the limit
	resuming queue // calls that want their place back: they go first
	blocked  queue // calls that have not entered
}

// waiter is somebody who waits for a place.
type waiter struct {
	job        *job
	woken      chan struct{}
	granted    bool // to a call that has not entered
	next, prev *waiter
	in         *queue
}

func (c *core) roomLocked() bool { return c.limit == 0 || c.places.held < c.limit }

func (c *core) takeLocked(j *job) {
	if c.limit > 0 {
		c.places.held++
		j.held = true
	}
}

func (c *core) giveLocked(j *job) {
	if j.held {
		j.held = false
		c.places.held--
	}
}

// grantLocked gives the free places to those who wait, in order. Calls get
// ready by that, so the caller must see to a worker.
func (c *core) grantLocked() {
	for c.roomLocked() {
		w := c.places.resuming.pop()
		if w != nil {
			w.job.resume = nil
			if w.job.phase != left {
				c.takeLocked(w.job)
			}
			close(w.woken)
			continue
		}
		if c.places.blocked.first == nil || c.overLocked() {
			break
		}
		w = c.places.blocked.pop()
		c.enterLocked(w.job)
		w.granted = true
		close(w.woken)
	}
}

// Park gives the place of a call back: it is about to wait for others.
func (j *job) Park() {
	c := j.core
	c.mu.Lock()
	j.parked++
	if j.held {
		c.giveLocked(j)
		c.grantLocked()
	}
	spawn := c.needWorkerLocked()
	c.mu.Unlock()
	if spawn {
		go c.work()
	}
	if j.outer != nil {
		j.outer.Park()
	}
}

// Unpark takes a place again. Only a call whose own context has ended goes on
// without: a wait that was given less time than its call must not make the
// limit void.
//
// The scope's place comes before the executor's: whoever holds a worker never
// waits for a place that a call in the executor's queue may hold.
func (j *job) Unpark(context.Context) {
	c := j.core
	c.mu.Lock()
	j.parked--
	switch {
	case j.parked > 0 || j.held || c.limit == 0 || j.phase == left:
		c.mu.Unlock()
	case c.roomLocked():
		c.takeLocked(j)
		c.mu.Unlock()
	case j.ctx.Err() != nil:
		c.mu.Unlock()
	default:
		w := j.resume
		if w == nil {
			w = &waiter{job: j, woken: make(chan struct{})}
			j.resume = w
			c.places.resuming.push(w)
		}
		c.mu.Unlock()
		select {
		case <-w.woken:
		case <-j.ctx.Done():
			c.stopResuming(w)
		}
	}
	if j.outer != nil {
		j.outer.Unpark(&j.ctx)
	}
}

// stopResuming is the end of a wait without a place. If several goroutines of a
// call want its one place back, all of them come here.
func (c *core) stopResuming(w *waiter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if w.in != nil {
		c.places.resuming.remove(w)
		w.job.resume = nil
	}
}

// queue is a list of waiters. One that gives up leaves at once.
type queue struct {
	first, last *waiter
}

func (q *queue) push(w *waiter) {
	w.in, w.prev = q, q.last
	if q.last != nil {
		q.last.next = w
	} else {
		q.first = w
	}
	q.last = w
}

func (q *queue) pop() *waiter {
	w := q.first
	if w != nil {
		q.remove(w)
	}
	return w
}

// remove does nothing if w has been popped or removed before.
func (q *queue) remove(w *waiter) {
	if w.in != q {
		return
	}
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		q.first = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	} else {
		q.last = w.prev
	}
	w.in, w.next, w.prev = nil, nil, nil
}
