// Package ring is the bounded queue under a pool.
package ring

import "sync/atomic"

// Ring is a bounded first-in first-out queue for any number of producers and
// consumers. It never blocks and takes no lock. It can be closed: every push
// that has not succeeded by then fails, so nothing slips in behind.
//
// The algorithm is Dmitry Vyukov's bounded multi-producer multi-consumer
// queue: each cell carries the number of the turn that may use it next, and a
// producer or a consumer owns the cell whose number it has won by one
// compare-and-swap.
type Ring[T any] struct {
	// tail is the number of pushes so far, with the highest bit set once the
	// ring is closed; head is the number of pops. Each has a cache line to
	// itself: producers write the one and consumers the other.
	_     [64]byte
	tail  atomic.Uint64
	_     [56]byte
	head  atomic.Uint64
	_     [56]byte
	cells []cell[T]
	mask  uint64
	limit uint64
}

type cell[T any] struct {
	turn  atomic.Uint64 // push i waits for i, pop i for i + 1
	value T
}

// Status is what a push came to.
type Status uint8

// The three ends of a push.
const (
	Pushed Status = iota
	Full
	Closed
)

const closedBit = 1 << 63

// New makes a ring for limit values, which must be at least 1.
func New[T any](limit int) *Ring[T] {
	if limit < 1 {
		panic("ring: the limit must be at least 1")
	}
	size := 2 // with one cell, the turn of a push and of the next pop are the same
	for size < limit {
		size *= 2
	}
	r := &Ring[T]{cells: make([]cell[T], size), mask: uint64(size - 1), limit: uint64(limit)}
	for i := range r.cells {
		r.cells[i].turn.Store(uint64(i))
	}
	return r
}

// Push adds v at the end.
func (r *Ring[T]) Push(v T) Status {
	for {
		pos := r.tail.Load()
		if pos&closedBit != 0 {
			return Closed
		}
		c := &r.cells[pos&r.mask]
		turn := c.turn.Load()
		if turn == pos && (r.limit > r.mask || pos-r.head.Load() < r.limit) {
			if r.tail.CompareAndSwap(pos, pos+1) {
				c.value = v
				c.turn.Store(pos + 1)
				return Pushed
			}
		} else if turn <= pos && r.tail.Load() == pos {
			return Full
		}
	}
}

// Pop takes the value at the front. A push that is still under way counts as
// not there yet.
func (r *Ring[T]) Pop() (v T, ok bool) {
	for {
		pos := r.head.Load()
		c := &r.cells[pos&r.mask]
		turn := c.turn.Load()
		switch {
		case turn == pos+1:
			if r.head.CompareAndSwap(pos, pos+1) {
				v = c.value
				var zero T
				c.value = zero
				c.turn.Store(pos + r.mask + 1)
				return v, true
			}
		case turn <= pos && r.head.Load() == pos:
			return v, false
		}
	}
}

// Ready reports whether a Pop would find something. A push that is under way
// does not count: its producer looks for a consumer when it is through.
func (r *Ring[T]) Ready() bool {
	for {
		pos := r.head.Load()
		ready := r.cells[pos&r.mask].turn.Load() == pos+1
		if ready || r.head.Load() == pos {
			return ready
		}
	}
}

// Close makes every later push fail.
func (r *Ring[T]) Close() { r.tail.Or(closedBit) }

// IsClosed reports whether Close has been called.
func (r *Ring[T]) IsClosed() bool { return r.tail.Load()&closedBit != 0 }

// Counts returns how many values have been pushed and popped so far.
func (r *Ring[T]) Counts() (pushed, popped uint64) {
	popped = r.head.Load() // first, so that popped <= pushed
	return r.tail.Load() &^ closedBit, popped
}

// Len returns how many values are in the ring; pushes under way count.
func (r *Ring[T]) Len() int {
	pushed, popped := r.Counts()
	return int(pushed - popped)
}
