package lane

import (
	"slices"
	"sync/atomic"
	"time"
	"unsafe"
)

const (
	laneStart = 64                   // slots of a new lane
	laneMost  = 4096                 // slots that a lane may grow to
	laneBytes = 256 << 10            // and their size
	quickItem = 2 * time.Microsecond // a lane that is read this fast, an item, grows
)

// Lane is one producer's way into an edge: a ring that only it writes. Reading
// is under the edge's mutex.
type Lane[T any] struct {
	e     *Edge[T]
	in    *lanes[T]
	buf   []T
	cur   *cursor // its tail is where the owner writes; published once the item is there
	room  uint32  // the owner may write up to here: head + limit as last seen
	limit uint32
	fixed bool // the limit was asked for: no growing

	marked time.Time // when it was full and head was at mark
	mark   uint32

	_    [64]byte
	head atomic.Uint32 // read up to here; written under mu

	waiting bool // the owner is parked for room; guarded by mu
	closed  bool // guarded by mu
	held    []T  // what the owner could not put before Stop
	note    any  // of Trace; guarded by mu
	parker
}

// Lanes gives each of n producers a lane of its own.
func (e *Edge[T]) Lanes(n int) []*Lane[T] {
	in := &lanes[T]{e: e, all: make([]*Lane[T], n)}
	for i := range in.all {
		in.all[i] = e.newLane(n)
		in.all[i].in = in
	}
	e.in = in
	e.open = n
	return slices.Clone(in.all)
}

// Lane gives one more producer a lane of its own, also while the edge is in
// use. The edge must have lanes of which one is not closed yet: who hands lanes
// out holds one. A lane that is closed and has been read is forgotten.
func (e *Edge[T]) Lane() *Lane[T] {
	l := e.newLane(1)
	e.mu.Lock()
	defer e.mu.Unlock()
	l.in = e.in.(*lanes[T])
	l.in.all = append(l.in.all, l)
	e.open++
	return l
}

// newLane has one of n parts of the edge's bound.
func (e *Edge[T]) newLane(n int) *Lane[T] {
	l := &Lane[T]{e: e, cur: new(cursor), limit: laneStart, parker: newParker()}
	if e.ahead > 0 {
		l.limit, l.fixed = uint32(max(1, min(e.ahead/n, laneMost))), true
	}
	l.buf = make([]T, powerOfTwo(int(l.limit)))
	l.room = l.limit
	return l
}

// Put waits for room and adds v; the number is the Ring's affair. It reports
// false when the edge stopped.
func (l *Lane[T]) Put(_ uint64, v T) bool {
	c := l.cur
	if c.tail == l.room && !l.makeRoom() {
		l.held = append(l.held, v)
		return false
	}
	l.buf[c.tail&uint32(len(l.buf)-1)] = v
	c.tail++
	c.said = c.next
	c.word.Store(uint64(c.next)<<32 | uint64(c.tail)) // publish, inlined by hand
	return l.e.signal.Load() == 0 || l.e.notice()
}

// PutAll is Put for several items that are at hand: they are published
// together, as far as there is room for them at once. It returns how many
// were put; fewer than all means that the edge stopped.
func (l *Lane[T]) PutAll(vs []T) int {
	c := l.cur
	put := 0
	for put < len(vs) {
		if c.tail == l.room && !l.makeRoom() {
			return put
		}
		at := int(c.tail) & (len(l.buf) - 1)
		n := copy(l.buf[at:], vs[put:min(len(vs), put+int(l.room-c.tail))])
		put += n
		c.tail += uint32(n)
		c.publish()
		if l.e.signal.Load() != 0 && !l.e.notice() {
			return put
		}
	}
	return put
}

// Skip says that there is no item for a number.
func (l *Lane[T]) Skip(uint64) bool { return !l.e.isStopped() }

// Flush does nothing: nothing is ever held back.
func (l *Lane[T]) Flush() bool { return true }

// Leftover is that of the edge.
func (l *Lane[T]) Leftover(fn func(T)) { l.e.Leftover(fn) }

// Close says that this producer puts no more. Further calls do nothing.
func (l *Lane[T]) Close() {
	e := l.e
	e.mu.Lock()
	defer e.mu.Unlock()
	if !l.closed {
		l.closed = true
		l.in.closed++
		e.closeOneLocked()
	}
}

func (l *Lane[T]) cursor() *cursor { return l.cur }

// published is the tail as readers may see it.
func (l *Lane[T]) published() uint32 { return uint32(l.cur.word.Load()) }

func (l *Lane[T]) makeRoom() bool {
	if l.e.isStopped() {
		return false
	}
	if room := l.head.Load() + l.limit; room != l.room {
		l.room = room
		return true
	}
	l.e.mu.Lock()
	defer l.e.mu.Unlock()
	l.growLocked()
	for l.cur.tail == l.head.Load()+l.limit {
		if l.e.isStopped() {
			return false
		}
		l.waiting = true
		l.e.mu.Unlock()
		l.wait()
		l.e.mu.Lock()
	}
	l.room = l.head.Load() + l.limit
	return !l.e.isStopped()
}

// growLocked doubles a full lane that is being read quickly: for items that
// take nanoseconds, parking every 64 of them is what costs. What its consumers
// may have taken at once and not begun says nothing about their speed.
func (l *Lane[T]) growLocked() {
	if l.fixed || len(l.buf) >= laneMost || len(l.buf)*2*int(max(1, unsafe.Sizeof(*new(T)))) > laneBytes {
		return
	}
	head := l.head.Load()
	read := head - l.mark
	if l.marked.IsZero() {
		l.marked, l.mark = time.Now(), head
		return
	}
	if read < 2*l.limit+uint32(len(l.e.consumers))*leastShare {
		return
	}
	now := time.Now()
	quick := now.Sub(l.marked) < time.Duration(read)*quickItem
	l.marked, l.mark = now, head
	if !quick {
		return
	}
	buf := make([]T, 2*len(l.buf))
	for at := l.head.Load(); at != l.cur.tail; at++ {
		buf[at&uint32(len(buf)-1)] = l.buf[at&uint32(len(l.buf)-1)]
	}
	l.buf, l.limit = buf, uint32(len(buf))
}

// lanes is the intake made of them.
type lanes[T any] struct {
	e      *Edge[T]
	all    []*Lane[T]
	turn   int        // the lane to read first
	closed int        // of all
	from   []*Lane[T] // set for one move: gets the lanes that its items came from; or nil
}

func (s *lanes[T]) queued(int) int {
	n := 0
	for _, l := range s.all {
		n += int(l.published() - l.head.Load())
	}
	return n
}

func (s *lanes[T]) move(dst []T) int {
	n := 0
	for range s.all {
		l := s.all[s.turn]
		if s.turn++; s.turn == len(s.all) {
			s.turn %= max(1, len(s.all))
		}
		k := l.moveLocked(dst[n:])
		if s.from != nil {
			for i := range k {
				s.from[n+i] = l
			}
		}
		if n += k; n == len(dst) {
			break
		}
	}
	s.from = nil
	if s.closed > len(s.all)/2 {
		s.dropLocked()
	}
	return n
}

// dropLocked forgets the lanes that have come to their end, so that an edge
// does not grow with the producers that it has had.
func (s *lanes[T]) dropLocked() {
	over := func(l *Lane[T]) bool { return l.closed && l.head.Load() == l.published() && len(l.held) == 0 }
	before := len(s.all)
	s.all = slices.DeleteFunc(s.all, over)
	s.closed -= before - len(s.all)
	s.turn = 0
}

func (l *Lane[T]) moveLocked(dst []T) int {
	head, tail := l.head.Load(), l.published()
	n := min(int(tail-head), len(dst))
	if n == 0 {
		return 0
	}
	at := int(head) & (len(l.buf) - 1)
	k := copy(dst[:n], l.buf[at:])
	clear(l.buf[at : at+k])
	copy(dst[k:n], l.buf)
	clear(l.buf[:n-k])
	l.head.Store(head + uint32(n))
	if l.waiting {
		l.waiting = false
		l.wake()
	}
	return n
}

func (s *lanes[T]) arm()    { s.e.signal.Or(hungry) }
func (s *lanes[T]) disarm() { s.e.signal.And(^uint32(hungry)) }

func (s *lanes[T]) release() {
	for _, l := range s.all {
		if l.waiting {
			l.waiting = false
			l.wake()
		}
	}
}

func (s *lanes[T]) leftover(fn func(T)) {
	for _, l := range s.all {
		l.leftover(fn)
	}
}

func (l *Lane[T]) leftover(fn func(T)) {
	for at := l.head.Load(); at != l.published(); at++ {
		fn(l.buf[at&uint32(len(l.buf)-1)])
	}
	for _, v := range l.held {
		fn(v)
	}
}

func powerOfTwo(n int) int {
	p := 1
	for p < n {
		p *= 2
	}
	return p
}
