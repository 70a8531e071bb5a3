package errgroup

import "github.com/thence-go/thence/future"

// ready is the calls that have a place and no goroutine yet. A goroutine that
// has finished one goes on with the next, so that many short calls need few
// goroutines; see workers for why nothing is left lying.
type ready struct {
	first, last *job
	starting    bool // a goroutine was started and has not looked yet
}

func (r *ready) push(j *job) {
	if r.first == nil {
		r.first = j
	} else {
		r.last.next = j
	}
	r.last = j
}

func (r *ready) pop() *job {
	j := r.first
	if j != nil {
		r.first, j.next = j.next, nil
	}
	return j
}

// needWorkerLocked reports whether the caller must start work.
func (c *core) needWorkerLocked() bool {
	if c.ready.starting || c.ready.first == nil {
		return false
	}
	c.ready.starting = true
	return true
}

// work is a goroutine that calls what is ready.
func (c *core) work() {
	c.mu.Lock()
	c.ready.starting = false
	j := c.ready.pop()
	spawn := c.needWorkerLocked()
	c.mu.Unlock()
	if spawn {
		go c.work()
	}
	c.goOn(j)
}

func (c *core) goOn(j *job) {
	for j != nil {
		j = j.self.perform()
	}
}

// handOn gives next to another goroutine if this one ends. It may not: a panic
// without a value (GODEBUG=panicnil=1) looks like Goexit. So nothing is left to
// go on with here.
func (c *core) handOn(err error, next *job) (left *job) {
	if err != future.ErrGoexit || next == nil {
		return next
	}
	go c.goOn(next)
	return nil
}
