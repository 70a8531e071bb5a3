package pipeline

import (
	"sync/atomic"

	"github.com/thence-go/thence/pipeline/internal/lane"
)

// Buffer lets what is upstream go on while what is behind is busy: up to n
// items wait here, and o says what happens to one that comes when n do.
//
// Right before a step with a goroutine of its own or a terminal that reads
// items, it has no goroutine. Before a fused step it has one, which runs that
// step: with DropOldest and DropNewest, two more items are then on their way,
// which are not dropped any more. Behind a step with Workers it has one that
// gathers. At the end of the flow all that waits goes on.
func (f Flow[T]) Buffer(n int, o Overflow) Flow[T] {
	mustFlow("Buffer", f)
	mustBuffer("Buffer", n, o)
	name := f.label("buffer", "")
	total := f.total
	if o != Block {
		total = unknown
	}
	return next(f, name, total, func(p *part, to dest[T]) {
		f.open(p, buffered[T]{to: to, name: name, room: n, full: o.full()})
	})
}

// buffered is a dest behind a box.
type buffered[T any] struct {
	to      dest[T]
	name    string
	room    int
	full    lane.Full
	dropped *atomic.Int64                                       // or nil
	source  func(l *leftovers[T])                               // adds what a source holds whose own the box is; or nil
	through func(p *part, s *segment, b *lane.Box[T]) outlet[T] // what stands before the box; nil: nothing
}

func (d buffered[T]) attach(p *part, from []*segment, o order) []outlet[T] {
	return d.watch(p, from, o, nil)
}

// watch knows what waits in the box, and what follows knows of the items that
// have left it.
func (d buffered[T]) watch(p *part, from []*segment, o order, l *leftovers[T]) []outlet[T] {
	if len(from) > 1 {
		return gather(p, d.name, d, l).watch(p, from, o, l)
	}
	var e *lane.Edge[T]
	behind, at, ok := edgeOf(p, d.to, l)
	if !ok {
		seg := d.runner(p, at)
		after := order{ahead: 1} // what waits there cannot be dropped any more
		if d.full == lane.Wait {
			after = order{}
		}
		out := attach(d.to, p, []*segment{seg}, after, l)[0]
		if point, ok := out.(*watched[T]); ok && d.source != nil { // what is before it is the source's own
			d.source(point.left)
			point.left.add(func(fn func(T)) { e.Leftover(fn) })
		}
		behind = toEdge[T]{consumers: 1, begin: func(e *lane.Edge[T]) { pump(p, seg, e, out) }}
	}
	e = lane.New[T](lane.Config{Consumers: behind.consumers, Ahead: d.room})
	b := e.Box(d.room, d.full, d.dropped)
	p.addEdge(e)
	l.add(e.Leftover)
	boxes(p, e, behind.consumers, at, from[0], b)
	behind.begin(e)
	if d.through == nil {
		return []outlet[T]{b}
	}
	return []outlet[T]{d.through(p, from[0], b)}
}

// runner is the segment that runs what is fused behind: it is that stage's, if
// it is one.
func (d buffered[T]) runner(p *part, at *stage) *segment {
	if at != nil {
		defer p.stand(at)()
		return p.segment(at.step.name)
	}
	s := p.segment(d.name)
	s.uncounted()
	return s
}

// pump moves items from an edge to out, on a goroutine that runs what is fused
// behind.
func pump[T any](p *part, seg *segment, e *lane.Edge[T], out outlet[T]) {
	in := reads(seg, e, 0)
	p.spawn(seg, out.Close, func() {
		in.Each(func(v T) bool { return out.Put(0, v) })
		flush(seg, out)
	})
}
