package lane

import "sync/atomic"

const (
	ringSlots = 1024 // slots of a ring whose bound nobody asked for
	nobody    = 0    // armed: no consumer is idle
	everybody = ^uint64(0)
)

// ring is the intake that keeps order: the item with number s stands in slot s
// modulo the size, whoever puts it and whenever. The reader goes on from head
// as far as the slots are done.
type ring[T any] struct {
	e     *Edge[T]
	slots []slot[T]
	limit uint64 // numbers from head + limit on must wait
	ports []*Port[T]

	_     [64]byte
	head  atomic.Uint64 // the number to read next; written under mu
	_     [56]byte
	armed atomic.Uint64 // number + 1 that an idle consumer waits for; or nobody, everybody
}

// slot holds the item of one number in each lap. done is number*2+2, and one
// more if there is no item for it.
type slot[T any] struct {
	done atomic.Uint64
	v    T
}

// Port is one producer's way into a ring.
type Port[T any] struct {
	r       *ring[T]
	waiting bool   // parked until number is in the window; guarded by mu
	number  uint64 // guarded by mu
	closed  bool
	held    []T // what could not be put before Stop
	sent    uint32
	parker
}

// Ring gives each of n producers a way into one ring. Each number from 0 must
// be put or skipped by one of them.
func (e *Edge[T]) Ring(n int) []*Port[T] {
	limit := ringSlots
	if e.ahead > 0 {
		limit = e.ahead
	}
	r := &ring[T]{e: e, slots: make([]slot[T], powerOfTwo(limit)), limit: uint64(limit)}
	r.ports = make([]*Port[T], n)
	for i := range r.ports {
		r.ports[i] = &Port[T]{r: r, parker: newParker()}
	}
	e.in = r
	e.open = n
	return r.ports
}

// Share is how many numbers a producer should take at once, so that none holds
// all that may be finished and unread while its siblings wait.
func (p *Port[T]) Share() int { return max(1, int(p.r.limit)/(2*len(p.r.ports))) }

// Put waits until the number is in the window and adds v. It reports false
// when the edge stopped.
func (p *Port[T]) Put(number uint64, v T) bool {
	r := p.r
	if number-r.head.Load() >= r.limit && !p.makeRoom(number) {
		p.held = append(p.held, v)
		return false
	}
	s := &r.slots[number&uint64(len(r.slots)-1)]
	s.v = v
	p.sent++
	s.done.Store(number*2 + 2)
	return r.armed.Load() == nobody || r.noticed(number)
}

// Skip says that there is no item for a number.
func (p *Port[T]) Skip(number uint64) bool {
	r := p.r
	if number-r.head.Load() >= r.limit && !p.makeRoom(number) {
		return false
	}
	r.slots[number&uint64(len(r.slots)-1)].done.Store(number*2 + 3)
	return r.armed.Load() == nobody || r.noticed(number)
}

// Flush does nothing: nothing is ever held back.
func (p *Port[T]) Flush() bool { return true }

// Leftover is that of the edge.
func (p *Port[T]) Leftover(fn func(T)) { p.r.e.Leftover(fn) }

// Close says that this producer puts no more. Further calls do nothing.
func (p *Port[T]) Close() {
	e := p.r.e
	e.mu.Lock()
	defer e.mu.Unlock()
	if !p.closed {
		p.closed = true
		e.closeOneLocked()
	}
}

func (p *Port[T]) makeRoom(number uint64) bool {
	e := p.r.e
	e.mu.Lock()
	defer e.mu.Unlock()
	for !e.isStopped() {
		if number-p.r.head.Load() < p.r.limit {
			return true
		}
		p.waiting, p.number = true, number
		e.mu.Unlock()
		p.wait()
		e.mu.Lock()
	}
	return false
}

// noticed is for a Put while a consumer is idle: it matters only if that one
// waits for this number.
func (r *ring[T]) noticed(number uint64) bool {
	if a := r.armed.Load(); a == number+1 || a == everybody {
		return r.e.notice()
	}
	return true
}

// isDone is for numbers from head to head + limit.
func (r *ring[T]) isDone(number uint64) (done, skipped bool) {
	d := r.slots[number&uint64(len(r.slots)-1)].done.Load()
	return d>>1 == number+1, d&1 == 1
}

// Done reports whether a number has been put or skipped, for all numbers: the
// slot may have gone on to a later lap.
func (p *Port[T]) Done(number uint64) bool {
	r := p.r
	return r.slots[number&uint64(len(r.slots)-1)].done.Load()>>1 > number
}

func (r *ring[T]) queued(most int) int {
	head := r.head.Load()
	n := 0
	for n < most && uint64(n) < r.limit {
		if done, _ := r.isDone(head + uint64(n)); !done {
			break
		}
		n++
	}
	return n
}

func (r *ring[T]) move(dst []T) int {
	head := r.head.Load()
	n := 0
	for n < len(dst) {
		done, skipped := r.isDone(head)
		if !done {
			break
		}
		s := &r.slots[head&uint64(len(r.slots)-1)]
		if !skipped {
			dst[n] = s.v
			s.v = *new(T)
			n++
		}
		head++
	}
	r.head.Store(head)
	for _, p := range r.ports {
		if p.waiting && p.number-head < r.limit {
			p.waiting = false
			p.wake()
		}
	}
	return n
}

func (r *ring[T]) arm() {
	if r.e.isStopped() {
		r.armed.Store(everybody)
		return
	}
	r.armed.Store(r.head.Load() + 1)
}

func (r *ring[T]) disarm() {
	if !r.e.isStopped() {
		r.armed.Store(nobody)
	}
}

func (r *ring[T]) release() {
	for _, p := range r.ports {
		if p.waiting {
			p.waiting = false
			p.wake()
		}
	}
}

func (r *ring[T]) leftover(fn func(T)) {
	head := r.head.Load()
	for number := head; number < head+uint64(len(r.slots)); number++ {
		if done, skipped := r.isDone(number); done && !skipped {
			fn(r.slots[number&uint64(len(r.slots)-1)].v)
		}
	}
	for _, p := range r.ports {
		for _, v := range p.held {
			fn(v)
		}
	}
}
