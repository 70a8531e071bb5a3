package lane

import (
	"sync/atomic"
	"time"
)

// Consumer is one reader of an edge. Its owner calls Take for a batch, then
// Item and Next until Next reports false.
//
// The batch is buf[:n]. The owner is at item i and has claimed it; the items
// from limit on belong to a thief:
//
//	0 ... i = claim ... limit ... n
//	done  running  owner's   stolen
//
// The owner publishes its claim and then loads limit; a thief, under mu, stores
// limit and then looks at the claim. So one of them sees the other, and the
// thief gives way.
type Consumer[T any] struct {
	e      *Edge[T]
	quiet  bool // claims are not published: nobody steals, or done tells
	over   bool // the batch has ended: item i was not begun
	i      uint32
	n      uint32
	first  uint64 // number of item 0
	before uint64 // items of earlier batches that were done
	buf    []T
	from   []*Lane[T] // that the items came from; empty: unknown
	cur    *cursor

	_     [64]byte
	limit atomic.Uint32
	_     [60]byte

	most  int       // items in the next take: one at first, and as long as items are slow
	begun time.Time // when the batch began

	mine uint32                   // limit when Stop came; guarded by mu
	seen uint32                   // claim as far as done has told; guarded by mu
	done func(number uint64) bool // asks the ring behind; nil: cur tells
	parker
}

// cursor says how far one goroutine has come on both of its sides, in one
// word: publishing an item claims the next one in the same store. Only the
// owner writes it.
//
//	claim in the batch that it reads << 32 | tail of the lane that it writes
type cursor struct {
	word atomic.Uint64
	_    [56]byte
	next uint32 // the claim to publish with the next item
	said uint32 // the claim that was published last
	tail uint32
}

func (c *cursor) publish() {
	c.word.Store(uint64(c.next)<<32 | uint64(c.tail))
	c.said = c.next
}

// Share publishes claims together with the items that the owner puts in l.
// Call it before anything runs.
func (c *Consumer[T]) Share(l interface{ cursor() *cursor }) {
	if !c.quiet {
		c.cur = l.cursor()
	}
}

// Follow publishes no claims: an item is claimed as soon as the one before is
// done. Call it before anything runs.
func (c *Consumer[T]) Follow(done func(number uint64) bool) {
	if !c.quiet {
		c.done, c.quiet = done, true
	}
}

// Item returns the current item.
func (c *Consumer[T]) Item() T {
	c.cur.next = c.i + 1
	return c.buf[c.i]
}

// Number returns the current item's position among all that the edge handed
// out, from 0.
func (c *Consumer[T]) Number() uint64 { return c.first + uint64(c.i) }

// Next goes to the next item of the batch. It reports false at its end, when
// the rest was stolen, and when the edge stopped.
func (c *Consumer[T]) Next() bool {
	c.i++
	if !c.quiet && c.cur.said != c.i {
		c.cur.publish()
	}
	return c.i < c.limit.Load() || c.confirm()
}

// confirm settles a doubt: the thief may still be about to give way.
func (c *Consumer[T]) confirm() bool {
	c.over = true
	if c.i >= c.n {
		return false
	}
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	c.over = c.i >= c.limit.Load()
	return !c.over
}

// Each calls fn for every item until it reports false. It is for an only
// consumer, whose items nobody steals. It reports whether it has come to the
// end of the items.
func (c *Consumer[T]) Each(fn func(T) bool) bool {
	for c.Take() {
		for i, v := range c.buf[:c.n] {
			c.i = uint32(i)
			if c.limit.Load() == 0 { // Stop
				c.over = true
				return false
			}
			if !fn(v) {
				return false
			}
		}
		c.i, c.over = c.n, true
	}
	return !c.e.isStopped()
}

func (c *Consumer[T]) beginLocked(first uint64, n int) {
	c.before += uint64(c.i)
	c.i, c.n, c.first, c.over = 0, uint32(n), first, false
	if c.seen = 0; !c.quiet {
		c.cur.next = 0
		c.cur.publish()
	}
	c.limit.Store(uint32(n))
}

// stopLocked makes the owner's next look at limit end its batch.
func (c *Consumer[T]) stopLocked() { c.mine = c.limit.Swap(0) }

// leftover gives what the owner had taken and did not begin.
func (c *Consumer[T]) leftover(fn func(T)) {
	for at := c.unbegun(); at < c.mine; at++ {
		fn(c.buf[at])
	}
}

// unbegun is the first item of the batch that the owner has not begun.
func (c *Consumer[T]) unbegun() uint32 {
	if c.over {
		return c.i
	}
	return c.i + 1
}
