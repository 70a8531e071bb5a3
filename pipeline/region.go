package pipeline

import (
	"math"
	"slices"

	"github.com/thence-go/thence/pipeline/internal/lane"
)

// follow makes g count what is in the edges that outs, and what is read from
// there, lead to: those of which all that is put there has passed the gate.
// passes tells that of what s puts. Nothing of them has begun to run.
func (g *gate) follow(s *segment, outs []writing, passes func(past []*gate) bool) {
	reach := map[*between]bool{}
	var visit func(by *segment, outs []writing)
	visit = func(by *segment, outs []writing) {
		for _, w := range outs {
			b := w.to
			switch {
			case by == s && !passes(w.past), reach[b], slices.Contains(b.gates, g):
			case b.opener != nil && b.opener != by: // it may be running
			case len(b.readers) != b.consumers && !b.elsewhere:
			default:
				reach[b] = true
				for _, r := range b.readers {
					visit(r, r.outs)
				}
			}
		}
	}
	visit(s, outs)
	behind := func(r *segment) bool {
		return len(r.ins) > 0 && !slices.ContainsFunc(r.ins, func(in reading) bool { return !reach[in.from] })
	}
	for changed := true; changed; {
		changed = false
		for b := range reach {
			for _, w := range b.writers {
				if !(w.seg == s && passes(w.past)) && !behind(w.seg) {
					delete(reach, b)
					changed = true
				}
			}
		}
	}
	for b := range reach {
		b.gates = append(b.gates, g)
		b.limit(1) // what was taken and not begun would be counted, and go nowhere
		for _, r := range b.readers {
			r.watch()
			if behind(r) && !slices.Contains(r.gates, g) {
				r.gates = append(r.gates, g)
			}
		}
	}
	s.watch()
}

// common is the gates that are in both.
func common(a, b []*gate) []*gate {
	return slices.DeleteFunc(slices.Clone(a), func(g *gate) bool { return !slices.Contains(b, g) })
}

// deserted is far below what is ever inside: nobody reads there any more.
const deserted = math.MinInt64 / 2

// enter says that n items are here. A gate counts them before they can be gone.
func (b *between) enter(n int64) {
	if len(b.gates) == 0 {
		return
	}
	for _, g := range b.gates {
		g.inside.Add(n)
	}
	if b.inside.Add(n) < deserted/2 {
		b.leaveAll(n)
	}
}

func (b *between) leave(n int64) {
	if len(b.gates) > 0 && b.inside.Add(-n) > deserted/2 {
		b.leaveAll(n)
	}
}

func (b *between) leaveAll(n int64) {
	for _, g := range b.gates {
		g.leave(n)
	}
}

// readerEnded is what each of its readers says when it returns.
func (b *between) readerEnded() {
	if int(b.ended.Add(1)) == b.consumers {
		b.desert()
	}
}

// desert says that what is here goes nowhere: it does not count any more.
func (b *between) desert() {
	if len(b.gates) == 0 {
		return
	}
	if left := b.inside.Swap(deserted); left > deserted/2 {
		b.leaveAll(left)
	}
}

// apart is for what a segment puts while no item that it is at counts for it.
func (s *segment) apart(put func() bool) bool {
	if len(s.gates) == 0 {
		return put()
	}
	s.hold(1)
	defer s.hold(-1)
	ok := put()
	s.tell()
	return ok
}

// putOneOf is Put for one of several that one item is made into: what it was
// made from counts for one of them only.
func putOneOf[T any](s *segment, out outlet[T], n uint64, v T) bool {
	if len(s.gates) == 0 {
		return out.Put(n, v)
	}
	s.hold(1)
	defer s.hold(-1)
	ok := out.Put(n, v)
	s.tell()
	return ok
}

func (s *segment) hold(n int64) {
	for _, g := range s.gates {
		if n > 0 {
			g.inside.Add(n)
		} else {
			g.leave(-n)
		}
	}
}

// announcing is a lane that counts by itself, for a segment of which nobody
// knows where its items come from.
type announcing[T any] struct {
	*lane.Lane[T]
	to *between
}

func (a announcing[T]) Put(n uint64, v T) bool {
	a.to.enter(1)
	if !a.Lane.Put(n, v) {
		a.to.leave(1)
		return false
	}
	return true
}

func (a announcing[T]) PutAll(vs []T) int {
	a.to.enter(int64(len(vs)))
	n := a.Lane.PutAll(vs)
	a.to.leave(int64(len(vs) - n))
	return n
}
