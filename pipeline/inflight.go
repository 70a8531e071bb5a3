package pipeline

import (
	"context"
	"fmt"
	"slices"
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
// go on; the slice that it becomes counts as one item. What one item was made
// into, by FlatMap, Expand or Broadcast, counts as many items as are queued of
// it, and as one more while it is being made; it is let in alone or not, so
// those may be more than n together.
//
// Where a flow is joined with others, by Merge, Concat or Zip, its items are at
// their end too. So they are where a branch ends, if the point is in the branch,
// where a sink of Tee has taken them, and in the hands of a step that lets them
// go and finishes them later.
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
		f.open(p, gated[T]{to: to, name: name, gate: g})
	})
}

// gate counts what is in the edges behind it. It is its owner's, except for
// leave, wake and Stop.
type gate struct {
	p       *part
	most    int64
	inside  atomic.Int64
	waiting atomic.Bool
	halted  atomic.Bool
	bell    chan struct{} // rung at most once for each time that waiting was set
	ctx     context.Context
}

// full may be too cautious for a moment, when an item is counted where it was
// and where it is.
func (g *gate) full() bool { return g.inside.Load() >= g.most }

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

// leave says that n items are not here any more.
func (g *gate) leave(n int64) {
	if g.inside.Add(-n) < g.most {
		g.wake()
	}
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

// gated is a dest behind a gate, which learns there what it has to count.
type gated[T any] struct {
	to   dest[T]
	name string
	gate *gate
}

func (d gated[T]) attach(p *part, from []*segment, o order) []outlet[T] {
	return d.watch(p, from, o, nil)
}

// watch knows what follows, and the item that waits at the gate: it begins
// nothing.
func (d gated[T]) watch(p *part, from []*segment, o order, l *leftovers[T]) []outlet[T] {
	if len(from) > 1 {
		return gather(p, d.name, d, l).watch(p, from, o, l)
	}
	s := from[0]
	link := &gating[T]{link: link[T]{seg: s, here: p.mark(s, d.name)}, gate: d.gate}
	l.add(link.leftover)
	before, past := len(s.toFill().outs), s.past
	s.past = append(slices.Clip(past), d.gate)
	link.next = attach(d.to, p, from, o, l)[0]
	s.past = past
	d.gate.follow(s, s.toFill().outs[before:], func(past []*gate) bool { return slices.Contains(past, d.gate) })
	return []outlet[T]{link}
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

func (l *gating[T]) leftover(fn func(T)) {
	for _, v := range l.held {
		fn(v)
	}
}
