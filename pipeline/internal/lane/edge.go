package lane

import (
	"sync"
	"sync/atomic"
)

// The bits of an edge's signal. A producer reads the word after each item and
// goes its way if it is zero.
const (
	hungry  = 1 << iota // somebody is idle and nobody has been woken for it
	stopped             // for good
)

// Config says how an edge is laid out.
type Config struct {
	Consumers int
	Ahead     int // most items that wait here; lanes have equal parts of it, of at least 1; 0: the default
}

// Edge joins producers to consumers. Make one with New, then give it one way
// in: Lanes or Ring.
type Edge[T any] struct {
	signal atomic.Uint32
	_      [60]byte

	// mu is held for a take, a steal, and to park or wake somebody. No user
	// code runs under it and nothing blocks under it.
	mu        sync.Mutex
	in        intake[T]
	consumers []*Consumer[T]
	idle      []*Consumer[T] // parked, the last one is woken first
	waking    bool           // a woken consumer has not looked yet: it wakes the next
	open      int            // producers that have not closed
	taken     uint64         // items handed out: the next item's number
	most      int            // items in one take
	traced    bool           // consumers know which lane an item came from
	ahead     int

	Note any // what the owner of the edge wants to find with it
}

// intake is where an edge's items wait. All methods need mu.
type intake[T any] interface {
	queued(most int) int // how many move could give now, counted up to most
	move(dst []T) int    // gives up to len(dst), in order
	arm()                // makes the next Put of something movable call notice
	disarm()             // back to the quick path
	release()            // wakes all parked producers
	leftover(fn func(T)) // gives what nobody took
}

// New makes an edge for a number of consumers.
func New[T any](c Config) *Edge[T] {
	e := &Edge[T]{most: mostTaken, ahead: c.Ahead}
	if c.Ahead > 0 {
		// What a consumer holds beside the item in its hand counts as ahead
		// too, so a part of the bound is the consumers'.
		e.most = max(1, min(mostTaken, c.Ahead/4))
		e.ahead = c.Ahead - (e.most - 1)
	}
	e.consumers = make([]*Consumer[T], c.Consumers)
	for i := range e.consumers {
		e.consumers[i] = &Consumer[T]{e: e, quiet: c.Consumers == 1, cur: new(cursor), most: 1, parker: newParker()}
	}
	e.idle = make([]*Consumer[T], 0, c.Consumers)
	return e
}

// Consumer returns the i-th consumer.
func (e *Edge[T]) Consumer(i int) *Consumer[T] { return e.consumers[i] }

// Limit bounds how many items a consumer takes at once.
func (e *Edge[T]) Limit(most int) { e.most = max(1, min(e.most, most)) }

// Stop ends the edge: Put and Take report false from now on, and whoever is
// parked wakes. What was not begun stays behind.
func (e *Edge[T]) Stop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.signal.Load()&stopped != 0 {
		return
	}
	e.signal.Or(stopped)
	for _, c := range e.consumers {
		c.stopLocked()
	}
	e.wakeAllLocked()
	e.in.arm()
	e.in.release()
}

func (e *Edge[T]) isStopped() bool { return e.signal.Load()&stopped != 0 }

// closeOneLocked is the end of one producer.
func (e *Edge[T]) closeOneLocked() {
	if e.open--; e.open == 0 {
		e.wakeAllLocked()
	}
}

// notice is the slow path of Put. It reports whether the edge still runs.
func (e *Edge[T]) notice() bool {
	if e.isStopped() {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case len(e.idle) == 0:
		e.in.disarm()
	case !e.waking:
		e.wakeLocked()
	}
	return !e.isStopped()
}

func (e *Edge[T]) wakeLocked() {
	last := len(e.idle) - 1
	c := e.idle[last]
	e.idle = e.idle[:last]
	e.waking = true
	e.in.disarm()
	c.wake()
}

func (e *Edge[T]) wakeAllLocked() {
	for _, c := range e.idle {
		c.wake()
	}
	e.idle = e.idle[:0]
}

// passOnLocked follows every take and steal: what is left must not wait while
// somebody is idle.
func (e *Edge[T]) passOnLocked() {
	if len(e.idle) == 0 {
		e.in.disarm()
		return
	}
	if e.waking {
		return // that one does it
	}
	if e.in.queued(1) == 0 && e.richestLocked(nil) == nil {
		e.in.arm()
		if e.in.queued(1) == 0 { // a Put before arm did not see it
			return
		}
	}
	e.wakeLocked()
}

// forgetLocked takes c out of the idle ones and reports whether it was there.
func (e *Edge[T]) forgetLocked(c *Consumer[T]) bool {
	for i, other := range e.idle {
		if other == c {
			e.idle = append(e.idle[:i], e.idle[i+1:]...)
			return true
		}
	}
	return false
}

// Leftover gives fn every item that was put and that no consumer began. It is
// for after Stop, when all producers and consumers have returned.
func (e *Edge[T]) Leftover(fn func(T)) {
	for _, c := range e.consumers {
		c.leftover(fn)
	}
	e.in.leftover(fn)
}
