package errgroup

import (
	"sync"

	"github.com/thence-go/thence/future"
)

// workers run the functions of a Group with a limit. A goroutine that has
// finished one takes the next, so that a long row of short functions needs few
// goroutines; one that finds nothing ends, so that a group at rest holds none.
//
// Nobody spins and nothing is lost: whatever is ready has a worker on its way
// to it, because every worker that takes a function and leaves another behind
// starts the next worker, unless one is starting already.
type workers struct {
	limit int

	// mu is held for a few instructions and never while anything blocks.
	mu       sync.Mutex
	active   int  // accepted and not returned, at most limit; together one for g.wg
	starting bool // a worker was started and has not looked for work yet
	ready    ring // accepted and not begun, at most active
	blocked  line // callers of Go at the limit, in order
}

// start accepts fn if there is room. Otherwise it blocks until some worker
// has taken it, or reports false.
func (w *workers) start(g *Group, fn func() error, wait bool) bool {
	w.mu.Lock()
	if w.active >= w.limit {
		if !wait {
			w.mu.Unlock()
			return false
		}
		c := &caller{fn: fn}
		c.taken.Add(1)
		w.blocked.push(c)
		w.mu.Unlock()
		c.taken.Wait()
		return true
	}
	if w.active++; w.active == 1 {
		g.wg.Add(1)
	}
	w.ready.push(fn)
	spawn := w.needWorkerLocked()
	w.mu.Unlock()
	if spawn {
		go w.work(g)
	}
	return true
}

// needWorkerLocked reports whether the caller must start a worker.
func (w *workers) needWorkerLocked() bool {
	if w.starting || w.ready.n == 0 {
		return false
	}
	w.starting = true
	return true
}

// work is a worker's goroutine.
func (w *workers) work(g *Group) {
	exited := true // as long as a function may end the goroutine
	defer func() {
		if exited {
			w.replace(g)
		}
	}()
	w.mu.Lock()
	w.starting = false
	for w.ready.n > 0 {
		fn := w.ready.pop()
		spawn := w.needWorkerLocked()
		w.mu.Unlock()
		if spawn {
			go w.work(g)
		}
		if err := protect(fn); err != nil {
			g.fail(err)
		}
		w.finish(g)
	}
	w.mu.Unlock()
	exited = false
}

// finish notes that a function has returned, and comes back with mu held. If
// somebody is blocked, its function gets the room directly.
func (w *workers) finish(g *Group) {
	w.mu.Lock()
	c := w.blocked.pop()
	if c != nil {
		w.ready.push(c.fn)
		c.fn = nil
		c.taken.Done()
		return
	}
	if w.active--; w.active == 0 {
		g.wg.Done()
	}
}

// replace is the end of a worker whose function called runtime.Goexit.
func (w *workers) replace(g *Group) {
	g.fail(future.ErrGoexit)
	w.finish(g)
	spawn := w.needWorkerLocked()
	w.mu.Unlock()
	if spawn {
		go w.work(g)
	}
}

func (w *workers) running() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.active
}

// protect turns a panic of fn into an error. It does not return if fn ends the
// goroutine.
func protect(fn func() error) (err error) {
	returned := false
	defer func() {
		if !returned {
			// A panic may have no value (GODEBUG=panicnil=1), and the goroutine
			// goes on then.
			err = future.Recovered(recover())
		}
	}()
	err = fn()
	returned = true
	return err
}

// caller is a call of Go that is blocked.
type caller struct {
	fn    func() error
	taken sync.WaitGroup
	next  *caller
}

// line is a queue of blocked callers.
type line struct {
	first, last *caller
}

func (l *line) push(c *caller) {
	if l.first == nil {
		l.first = c
	} else {
		l.last.next = c
	}
	l.last = c
}

func (l *line) pop() *caller {
	c := l.first
	if c != nil {
		l.first, c.next = c.next, nil
	}
	return c
}

// ring is a queue of functions that grows as needed: a limit may be huge.
type ring struct {
	fns     []func() error // length 0 or a power of two
	head, n int
}

func (r *ring) push(fn func() error) {
	if r.n == len(r.fns) {
		grown := make([]func() error, max(4, 2*r.n))
		for i := range r.n {
			grown[i] = r.fns[(r.head+i)&(len(r.fns)-1)]
		}
		r.fns, r.head = grown, 0
	}
	r.fns[(r.head+r.n)&(len(r.fns)-1)] = fn
	r.n++
}

func (r *ring) pop() func() error {
	fn := r.fns[r.head]
	r.fns[r.head] = nil
	r.head = (r.head + 1) & (len(r.fns) - 1)
	r.n--
	return fn
}
