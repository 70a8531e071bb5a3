package pipeline

import "github.com/thence-go/thence/pipeline/internal/lane"

// Conflate keeps up with items that come faster than they are used: one item
// at most waits here, and while it does, each one that comes is merged into
// it. merge is called for one item at a time, in order, with what waits and
// what has come; it should be quick.
//
// merge runs on the goroutine of what is upstream. Goroutines and what is on
// its way behind it are as for Buffer with DropOldest. At the end of the flow
// the item that waits goes on.
func (f Flow[T]) Conflate(merge func(old, new T) T) Flow[T] {
	mustFlow("Conflate", f)
	mustFunc("Conflate", "function", merge == nil)
	name := f.label("conflate", "")
	return next(f, name, unknown, func(p *part, to dest[T]) {
		f.open(p, buffered[T]{to: to, name: name, room: 1, full: lane.DropOldest,
			through: func(p *part, s *segment, b *lane.Box[T]) outlet[T] {
				return &conflating[T]{Box: b, seg: s, here: &mark{name: name, item: -1, stage: p.at}, merge: merge}
			}})
	})
}

// conflating changes what waits in a box. It is the box's only producer, so
// nothing else can come in while it has the item in its hand.
type conflating[T any] struct {
	*lane.Box[T]
	seg   *segment
	here  *mark
	merge func(old, new T) T
}

func (c *conflating[T]) Put(n uint64, v T) bool {
	c.here.item++
	if old, ok := c.TakeBack(); ok {
		c.seg.at = c.here
		v = c.merge(old, v)
	}
	return c.Box.Put(n, v)
}
