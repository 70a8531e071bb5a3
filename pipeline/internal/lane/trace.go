package lane

// Trace keeps note with every item of the lane until it is begun. It costs the
// edge one word for each item that consumers hold.
func (l *Lane[T]) Trace(note any) {
	l.e.mu.Lock()
	defer l.e.mu.Unlock()
	l.note, l.e.traced = note, true
}

// LeftoverFrom is Leftover of the edge for the lanes that are traced, with their
// notes.
func (l *Lane[T]) LeftoverFrom(fn func(note any, v T)) { l.e.leftoverFrom(fn) }

func (e *Edge[T]) leftoverFrom(fn func(note any, v T)) {
	for _, c := range e.consumers {
		at := c.unbegun()
		for ; at < c.mine && int(at) < len(c.from); at++ {
			if l := c.from[at]; l.note != nil {
				fn(l.note, c.buf[at])
			}
		}
	}
	for _, l := range e.in.(*lanes[T]).all {
		if l.note != nil {
			l.leftover(func(v T) { fn(l.note, v) })
		}
	}
}

// traceLocked makes the next move say where its items have come from. Only lanes
// are traced.
func (c *Consumer[T]) traceLocked(most int) {
	if cap(c.from) < most {
		c.from = make([]*Lane[T], len(c.buf))
	}
	c.from = c.from[:most]
	c.e.in.(*lanes[T]).from = c.from
}
