package pipeline

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/thence-go/thence/internal/task"
)

// InFlight bounds how many items are between this point and the end of the
// flow: while there are n, the next one waits here, and with it all that is
// upstream. It bounds memory where items are big, whatever queues are behind.
//
// An item has come to its end when it was given to the terminal's function and
// that has returned, when it was dropped, or when a step has gathered it, such
// as Batch: what is held back does not count, since it may need more items to
// go on; the slice that it becomes counts as one item. An item that was made
// into several counts as long as any of them is left; it is let in alone or
// not, so those may be more than n together. Where a flow is joined with
// others, by Merge, Concat or Zip, its items are at their end too, and so they
// are in the hands of a step that lets them go and finishes them later.
//
// The bound does not yet hold where Partition or GroupBy is behind: there an item
// is at its end when it has come to that step. Before a Buffer a few more may be
// let in.
//
// Only this point waits, so the bound cannot bring a flow to a standstill. A
// function that waits for items to come behind its own needs n to be large
// enough for them. Steps behind this point take their items one by one, which
// costs quick ones about a tenth of a microsecond each.
//
// The step has no goroutine, and holds nothing back. Each run has a bound of
// its own.
func (f Flow[T]) InFlight(n int) Flow[T] {
	mustFlow("InFlight", f)
	if n < 1 {
		panic(fmt.Sprintf("pipeline: InFlight needs at least 1, got %d", n))
	}
	name := f.label("inflight", "")
	return next(f, name, f.total, func(p *part, to dest[T]) {
		g := &gate{p: p, most: int64(n), bell: make(chan struct{}, 1)}
		p.addEdge(g)
		f.open(p, fused[T, T]{to: behind[T]{to: to, gate: g}, name: name, link: func(l *link[T]) outlet[T] {
			return &gating[T]{link: *l, gate: g}
		}})
	})
}

// gate counts what is in the edges behind it. It is its owner's, except for
// wake and Stop.
type gate struct {
	p       *part
	most    int64
	edges   []*between // in the order of the flow
	waiting atomic.Bool
	halted  atomic.Bool
	bell    chan struct{} // rung at most once for each time that waiting was set
	ctx     context.Context
}

// full may be too cautious for a moment, when an item is counted where it was
// and where it is: the edges are read in the order in which items go.
func (g *gate) full() bool {
	var n int64
	for _, b := range g.edges {
		n += b.count()
	}
	return n >= g.most
}

// admit waits until one more may go on. It reports false when the part has
// stopped.
func (g *gate) admit(s *segment) bool {
	for !g.halted.Load() {
		if !g.full() {
			return !g.p.isOver() // asked last: what is stopped is not full any more
		}
		g.waiting.Store(true)
		if (g.halted.Load() || !g.full()) && g.waiting.CompareAndSwap(true, false) {
			continue
		}
		g.park(s)
	}
	return false
}

func (g *gate) park(s *segment) {
	s.Parks(true)
	defer s.Wakes()
	defer task.Parked(g.ctx)()
	<-g.bell
}

func (g *gate) wake() {
	if g.waiting.Load() && g.waiting.CompareAndSwap(true, false) {
		g.bell <- struct{}{}
	}
}

// Stop ends the waiting for good.
func (g *gate) Stop() {
	g.halted.Store(true)
	g.wake()
}

// behind is the dest after a gate, which learns there what it has to watch.
type behind[T any] struct {
	to   dest[T]
	gate *gate
}

func (d behind[T]) attach(p *part, from []*segment, o order) []outlet[T] {
	s := from[0]
	before := len(s.toFill().outs)
	outs := d.to.attach(p, from, o)
	seen := map[*between]bool{}
	for _, w := range s.toFill().outs[before:] {
		d.gate.follow(w.to, seen)
	}
	s.watch()
	for i, j := 0, len(d.gate.edges)-1; i < j; i, j = i+1, j-1 {
		d.gate.edges[i], d.gate.edges[j] = d.gate.edges[j], d.gate.edges[i]
	}
	return outs
}

// follow goes on to where the items of an edge go, and adds the edge last.
// Nothing of this has begun to run.
func (g *gate) follow(b *between, seen map[*between]bool) {
	if seen[b] || b.box != nil || len(b.readers) != b.consumers {
		return
	}
	seen[b] = true
	b.limit(1) // what was taken and not begun would be counted, and go nowhere
	b.gates = append(b.gates, g)
	for _, s := range b.readers {
		s.watch()
		if len(s.ins) > 1 {
			continue // a join
		}
		for _, w := range s.outs {
			g.follow(w.to, seen)
		}
	}
	g.edges = append(g.edges, b)
}

type gating[T any] struct {
	link[T]
	gate *gate
	held []T // could not go on
}

func (l *gating[T]) Put(n uint64, v T) bool {
	if !l.gate.admit(l.seg) {
		l.held = append(l.held, v)
		return false
	}
	l.enter()
	ok := l.next.Put(n, v)
	l.seg.tell()
	return ok
}

func (l *gating[T]) RunsIn(ctx context.Context) {
	l.gate.ctx = ctx
	l.link.RunsIn(ctx)
}

// Leftover is that of what is behind, and what waits here.
func (l *gating[T]) Leftover(fn func(T)) {
	for _, v := range l.held {
		fn(v)
	}
	if edge, ok := l.next.(interface{ Leftover(func(T)) }); ok {
		edge.Leftover(fn)
	}
}
