package pipeline

import (
	"context"

	"github.com/thence-go/thence/pipeline/internal/lane"
)

// fused is a dest for a step that is cheap and runs one item at a time: it
// becomes a link between the goroutine that makes its items and to. If several
// goroutines make them, they are brought together first.
type fused[A, B any] struct {
	to   dest[B]
	name string
	link func(l *link[B]) outlet[A]
}

// link is what every fused step needs.
type link[B any] struct {
	seg  *segment
	here *mark
	next outlet[B]
}

// enter is called before the step's function.
func (l *link[B]) enter() {
	l.here.item++
	l.seg.at = l.here
}

func (l *link[B]) Skip(n uint64) bool         { return l.next.Skip(n) }
func (l *link[B]) Flush() bool                { return l.next.Flush() }
func (l *link[B]) Close()                     { l.next.Close() }
func (l *link[B]) RunsIn(ctx context.Context) { l.next.RunsIn(ctx) }

func (d fused[A, B]) attach(p *part, from []*segment, o order) []outlet[A] {
	if len(from) > 1 {
		return gather(p, d.name, d, nil).attach(p, from, o)
	}
	l := &link[B]{seg: from[0], here: p.mark(from[0], d.name)}
	l.next = d.to.attach(p, from, o)[0]
	return []outlet[A]{d.link(l)}
}

// gather is a dest that brings several goroutines together: one more reads
// what they have made, and puts it in to. What to knows of it is added to l.
func gather[T any](p *part, name string, to dest[T], l *leftovers[T]) toEdge[T] {
	return toEdge[T]{consumers: 1, begin: func(e *lane.Edge[T]) {
		seg := p.segment(name)
		out := attach(to, p, []*segment{seg}, order{}, l)[0]
		if point, ok := out.(*watched[T]); ok { // what waits right before it has come to it
			point.left.add(e.Leftover)
		}
		pump(p, seg, e, out)
	}}
}
