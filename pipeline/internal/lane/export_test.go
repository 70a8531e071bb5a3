package lane

// TakesUpTo sets the size of the next take, as if items had been quick.
func (c *Consumer[T]) TakesUpTo(n int) { c.most = n }

// StartAt makes a lane's indexes begin at n, to see them wrap around.
func (l *Lane[T]) StartAt(n uint32) {
	l.cur.tail = n
	l.cur.publish()
	l.head.Store(n)
	l.room = n + l.limit
}

// Slots is how many slots the lane has now.
func (l *Lane[T]) Slots() int { return len(l.buf) }

// BeforeArm calls fn when a consumer has found nothing and has not yet said
// that somebody is idle: where a Put is easily missed. Call it after Lanes or
// Ring.
func (e *Edge[T]) BeforeArm(fn func()) { e.in = spy[T]{e.in, fn} }

type spy[T any] struct {
	intake[T]
	before func()
}

func (s spy[T]) arm() {
	armed := false
	switch in := s.intake.(type) {
	case *lanes[T]:
		armed = in.e.signal.Load() != 0
	case *ring[T]:
		armed = in.armed.Load() != nobody
	}
	if !armed { // else the Put would call notice, which needs mu
		s.before()
	}
	s.intake.arm()
}

// LanesHeld is how many lanes the edge remembers.
func (e *Edge[T]) LanesHeld() int { return len(e.in.(*lanes[T]).all) }
