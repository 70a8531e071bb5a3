// Package ring is the bounded queue under a pool.
package ring

import "sync/atomic"

// Ring is a bounded first-in first-out queue for any number of producers and
// consumers. It never blocks and takes no lock. It can be closed: every push
// that has not succeeded by then fails, so nothing slips in behind. Places of
// its limit can be held for values that are kept elsewhere.
//
// The algorithm is Dmitry Vyukov's bounded multi-producer multi-consumer
// queue: each cell carries the number of the turn that may use it next, and a
// producer or a consumer owns the cell whose number it has won by one
// compare-and-swap.
type Ring[T any] struct {
	_ [64]byte
	// tail is where producers are. Every change of it makes the others look
	// again: so a place that is held (holds) and one that is used (pushes) are
	// never the same. head is the number of pops. Each has a cache line to
	// itself: producers write the one and consumers the other.
	//
	//	 63      62       48 47        0
	//	+--------+----------+-----------+
	//	| closed |  holds   |  pushes   |
	//	+--------+----------+-----------+
	tail atomic.Uint64
	_    [56]byte
	head atomic.Uint64
	_    [56]byte

	cells []cell[T]
	mask  uint64
	limit uint64
	held  atomic.Int64
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

// Positions wrap at posMask: 2^48 pushes are years.
const (
	closedBit = 1 << 63
	posMask   = 1<<48 - 1
	oneHold   = 1 << 48
	holdMask  = 1<<62 - 1 // what is left of a count of holds; a push that wraps may carry one more
)

// New makes a ring for limit values, which must be at least 1.
func New[T any](limit int) *Ring[T] { return newAt[T](limit, 0) }

func newAt[T any](limit int, pos uint64) *Ring[T] {
	if limit < 1 {
		panic("ring: the limit must be at least 1")
	}
	size := 2 // with one cell, the turn of a push and of the next pop are the same
	for size < limit {
		size *= 2
	}
	r := &Ring[T]{cells: make([]cell[T], size), mask: uint64(size - 1), limit: uint64(limit)}
	r.tail.Store(pos)
	r.head.Store(pos)
	for i := range uint64(size) {
		at := (pos + i) & posMask
		r.cells[at&r.mask].turn.Store(at)
	}
	return r
}

// Push adds v at the end.
func (r *Ring[T]) Push(v T) Status {
	for {
		w := r.tail.Load()
		if w&closedBit != 0 {
			return Closed
		}
		pos := w & posMask
		c := &r.cells[pos&r.mask]
		if c.turn.Load() == pos && r.hasRoom(pos) {
			if r.tail.CompareAndSwap(w, w+1) {
				c.value = v
				c.turn.Store((pos + 1) & posMask)
				return Pushed
			}
		} else if r.tail.Load() == w {
			return Full
		}
	}
}

// hasRoom is quick where a free cell is room enough.
func (r *Ring[T]) hasRoom(pos uint64) bool {
	held := uint64(r.held.Load())
	return held == 0 && r.limit > r.mask || r.used(pos)+held < r.limit
}

func (r *Ring[T]) used(pos uint64) uint64 { return (pos - r.head.Load()) & posMask }

// Hold takes a place of the limit without a value, until Release. It is for one
// goroutine at a time.
func (r *Ring[T]) Hold() Status {
	for {
		w := r.tail.Load()
		if w&closedBit != 0 {
			return Closed
		}
		if r.used(w&posMask)+uint64(r.held.Load()) >= r.limit {
			if r.tail.Load() == w {
				return Full
			}
			continue
		}
		// First the count, then the tail: whoever has seen the old tail fails,
		// and whoever sees the new one sees the count too.
		r.held.Add(1)
		if r.tail.CompareAndSwap(w, w&posMask|(w&holdMask+oneHold)&holdMask&^posMask) {
			return Pushed
		}
		r.held.Add(-1)
	}
}

// HoldOver is Hold beyond the limit.
func (r *Ring[T]) HoldOver() { r.held.Add(1) }

// Release gives a held place back.
func (r *Ring[T]) Release() { r.held.Add(-1) }

// Pop takes the value at the front. A push that is still under way counts as
// not there yet.
func (r *Ring[T]) Pop() (v T, ok bool) {
	for {
		pos := r.head.Load()
		c := &r.cells[pos&r.mask]
		next := (pos + 1) & posMask
		if c.turn.Load() == next {
			if r.head.CompareAndSwap(pos, next) {
				v = c.value
				var zero T
				c.value = zero
				c.turn.Store((pos + r.mask + 1) & posMask)
				return v, true
			}
		} else if r.head.Load() == pos {
			return v, false
		}
	}
}

// Ready reports whether a Pop would find something. A push that is under way
// does not count: its producer looks for a consumer when it is through.
func (r *Ring[T]) Ready() bool {
	for {
		pos := r.head.Load()
		ready := r.cells[pos&r.mask].turn.Load() == (pos+1)&posMask
		if ready || r.head.Load() == pos {
			return ready
		}
	}
}

// Close makes every later push and hold fail.
func (r *Ring[T]) Close() { r.tail.Or(closedBit) }

// CloseEmpty closes the ring if there is nothing in it and nothing held.
func (r *Ring[T]) CloseEmpty() bool {
	w := r.tail.Load()
	empty := w&closedBit == 0 && r.used(w&posMask) == 0 && r.held.Load() == 0
	return empty && r.tail.CompareAndSwap(w, w|closedBit)
}

// IsClosed reports whether the ring is closed.
func (r *Ring[T]) IsClosed() bool { return r.tail.Load()&closedBit != 0 }

// Counts returns how many values have been pushed and popped so far.
func (r *Ring[T]) Counts() (pushed, popped uint64) {
	popped = r.head.Load() // first, so that popped <= pushed
	return r.tail.Load() & posMask, popped
}

// Len returns how many values are in the ring; pushes under way count.
func (r *Ring[T]) Len() int {
	pushed, popped := r.Counts()
	return int((pushed - popped) & posMask)
}
