package lane

// Watcher is told what the owner of a Consumer, a Lane or a Port does, by the
// owner itself. Nobody is told anything unless Watch was called, and nothing
// is told for single items.
type Watcher interface {
	Takes()          // a batch is done and the next one is asked for
	Took()           // it has come, and its first item is begun
	Parks(room bool) // for room, or else for items
	Wakes()
}

// Watch names who is told. Call it before anything runs.
func (c *Consumer[T]) Watch(w Watcher) { c.watcher = w }

// Watch names who is told. Call it before anything runs.
func (l *Lane[T]) Watch(w Watcher) { l.watcher, l.forRoom = w, true }

// Watch names who is told. Call it before anything runs.
func (p *Port[T]) Watch(w Watcher) { p.watcher, p.forRoom = w, true }

// Watch names who is told. Call it before anything runs.
func (b *Box[T]) Watch(w Watcher) { b.watcher, b.forRoom = w, true }

// Counts returns how many items the owner has begun, and has done with. Only
// the owner may ask.
func (c *Consumer[T]) Counts() (begun, done uint64) {
	done = c.before + uint64(c.i)
	if c.over || c.n == 0 {
		return done, done
	}
	return done + 1, done
}

// Sent returns how many items were put, modulo 2^32. Only the owner may ask.
func (l *Lane[T]) Sent() uint32 { return l.cur.tail }

// Sent returns how many items were put, modulo 2^32. Only the owner may ask.
func (p *Port[T]) Sent() uint32 { return p.sent }

// Sent returns how many items were put, modulo 2^32. Only the owner may ask.
func (b *Box[T]) Sent() uint32 { return uint32(b.came) }

// Lost returns how many of them were dropped or taken back, modulo 2^32. Only the
// owner may ask.
func (b *Box[T]) Lost() uint32 { return uint32(b.lost) }

// Counts returns how many items were put, how many of them were dropped or taken
// back, and how many wait. The others were taken.
func (b *Box[T]) Counts() (came, lost, waiting uint64) {
	b.e.mu.Lock()
	defer b.e.mu.Unlock()
	return b.came, b.lost, uint64(b.items.Len())
}

// mostCounted bounds a look at a ring, whose items are counted one by one.
const mostCounted = 1 << 12

// Arrived returns how many items have come in, whether they were taken or not.
// Of a long ring it may miss those far from its head.
func (e *Edge[T]) Arrived() uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.taken + uint64(e.in.queued(mostCounted))
}
