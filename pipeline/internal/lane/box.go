package lane

import "sync/atomic"

// Full says what a Put into a full Box does.
type Full uint8

// The ways to make do with what room there is.
const (
	Wait Full = iota
	DropOldest
	DropNewest
)

// Box is one producer's way into an edge where what waits may still be dropped
// or changed: it is kept under the edge's mutex, and consumers take it one by
// one. With Wait they take more at once, and the edge's Ahead is the bound.
type Box[T any] struct {
	e       *Edge[T]
	room    int
	full    Full
	dropped *atomic.Int64 // or nil
	items   FIFO[T]       // guarded by mu, as what follows
	came    uint64        // items that were put
	lost    uint64        // of them, what was dropped or taken back
	waiting bool          // the owner is parked for room
	closed  bool
	held    []T // what the owner could not put before Stop
	parker
}

// Box makes the box of an only producer. What it drops is counted in dropped,
// if that is not nil.
func (e *Edge[T]) Box(room int, full Full, dropped *atomic.Int64) *Box[T] {
	b := &Box[T]{e: e, room: room, full: full, dropped: dropped, parker: newParker()}
	if full == Wait {
		b.room = e.ahead
	} else {
		e.Limit(1)
	}
	e.in, e.open = b, 1
	return b
}

// Put adds v. It reports false when the edge stopped.
func (b *Box[T]) Put(_ uint64, v T) bool {
	e := b.e
	e.mu.Lock()
	defer e.mu.Unlock()
	for b.items.Len() >= b.room && !e.isStopped() {
		switch b.full {
		case DropOldest:
			b.items.Pop()
			b.count()
		case DropNewest:
			b.came++
			b.count()
			return true
		default:
			b.waiting = true
			e.mu.Unlock()
			b.wait()
			e.mu.Lock()
		}
	}
	if e.isStopped() {
		b.held = append(b.held, v)
		return false
	}
	b.items.Push(v)
	b.came++
	if len(e.idle) > 0 && !e.waking {
		e.wakeLocked()
	}
	return true
}

func (b *Box[T]) count() {
	b.lost++
	if b.dropped != nil {
		b.dropped.Add(1)
	}
}

// TakeBack takes the first item out again, if it still waits.
func (b *Box[T]) TakeBack() (v T, ok bool) {
	b.e.mu.Lock()
	defer b.e.mu.Unlock()
	if b.items.Len() == 0 || b.e.isStopped() {
		return v, false
	}
	b.lost++
	return b.items.Pop(), true
}

// Skip says that there is no item for a number.
func (b *Box[T]) Skip(uint64) bool { return !b.e.isStopped() }

// Flush does nothing: nothing is held back.
func (b *Box[T]) Flush() bool { return true }

// Leftover is that of the edge.
func (b *Box[T]) Leftover(fn func(T)) { b.e.Leftover(fn) }

// Close says that no more is put. Further calls do nothing.
func (b *Box[T]) Close() {
	b.e.mu.Lock()
	defer b.e.mu.Unlock()
	if !b.closed {
		b.closed = true
		b.e.closeOneLocked()
	}
}

func (b *Box[T]) queued(int) int { return b.items.Len() }

func (b *Box[T]) move(dst []T) int {
	n := min(len(dst), b.items.Len())
	for i := range n {
		dst[i] = b.items.Pop()
	}
	b.release()
	return n
}

// Every Put sees who is idle, since it has the mutex.
func (b *Box[T]) arm()    {}
func (b *Box[T]) disarm() {}

func (b *Box[T]) release() {
	if b.waiting {
		b.waiting = false
		b.wake()
	}
}

func (b *Box[T]) leftover(fn func(T)) {
	for i := range b.items.Len() {
		fn(b.items.At(i))
	}
	for _, v := range b.held {
		fn(v)
	}
}
