package pool

import "github.com/thence-go/thence/internal/ring"

// order is what a submitter wants: a task, and the view that it came through,
// nil for none.
type order struct {
	entry
	scope *scope
	key   any
}

// chains reports whether the task depends on others than by its place.
func (o *order) chains() bool { return o.key != nil || o.scope != nil && o.scope.sub != nil }

// push puts a task where its kind of tasks waits, if there is room.
func (p *Pool) push(o *order) ring.Status {
	for {
		if r := p.queue.Load(); r != nil {
			if s := p.pushTo(r, o); s != ring.Closed {
				if s == ring.Pushed && p.stopped.Load() {
					p.sweep()
				}
				return s
			}
		}
		if !p.open() {
			return ring.Closed
		}
	}
}

func (p *Pool) pushTo(r *ring.Ring[entry], o *order) ring.Status {
	if o.scope == nil {
		return r.Push(o.entry)
	}
	return p.sched.push(r, o)
}

// open sees to it that there is a queue; false if the pool was shut down.
func (p *Pool) open() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.openLocked() != nil
}

func (p *Pool) openLocked() *ring.Ring[entry] {
	if p.state != Open {
		return nil
	}
	r := p.queue.Load()
	if r == nil {
		r = ring.New[entry](p.capacity)
		p.queue.Store(r)
	}
	return r
}

// restLocked lets go of what a pool without workers does not need until there
// is work again.
func (p *Pool) restLocked() {
	if len(p.workers) > 0 || p.waiting.Load() > 0 {
		return
	}
	if r := p.queue.Load(); r != nil {
		if !r.CloseEmpty() {
			return
		}
		pushed, _ := r.Counts()
		p.past += pushed
		p.queue.Store(nil)
	}
	p.idle, p.workers, p.tick = nil, nil, nil
	p.scopes.Store(nil)
	p.sched.rest()
}

// next takes the task whose turn it is.
func (p *Pool) next() (j job, ok bool) {
	if p.sched.ready.Load() > 0 {
		return p.sched.next()
	}
	if r := p.queue.Load(); r != nil {
		j.entry, ok = r.Pop()
	}
	return j, ok
}

// nextAfter is next for a worker whose last task held something.
func (p *Pool) nextAfter(h holding) (j job, ok bool) {
	if h.isNothing() {
		return p.next()
	}
	if j, ok = p.sched.finishAndNext(h); ok {
		return j, ok
	}
	return p.next()
}

// hasWork reports whether there is something for a worker. What comes into a
// stopped pool is for the submitter to refuse.
func (p *Pool) hasWork() bool {
	if p.stopped.Load() {
		return false
	}
	if p.sched.ready.Load() > 0 {
		return true
	}
	r := p.queue.Load()
	return r != nil && r.Ready()
}

// queuedLocked returns how many tasks have not begun.
func (p *Pool) queuedLocked() int {
	n := p.sched.count()
	if r := p.queue.Load(); r != nil {
		n += r.Len()
	}
	return n
}
