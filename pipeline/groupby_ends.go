package pipeline

import "github.com/thence-go/thence/pipeline/internal/lane"

// mostOnTheWay is more than a lane and its reader hold.
const mostOnTheWay = 1 << 13

// ends is the way out of branches that end in one goroutine and have a point at
// their end. It remembers, in order, which of them the last items came from:
// what is left of them are the last ones.
type ends[T any] struct {
	way outlet[T]
	of  lane.FIFO[*leftovers[T]]
}

// endWay is the end of one of them.
type endWay[T any] struct {
	outlet[T]
	all *ends[T]
	l   *leftovers[T]
}

func (e endWay[T]) Put(n uint64, v T) bool {
	if e.all.of.Len() == mostOnTheWay {
		e.all.of.Pop()
	}
	e.all.of.Push(e.l)
	return e.outlet.Put(n, v)
}

// adding is a dest that is one more way into an edge.
type adding[T any] struct {
	p    *part // the edge's
	name string
	edge *lane.Edge[T]
	seg  *segment // has a way already
	own  outlet[T]
	ends **ends[T]

	traced func()
}

func (d adding[T]) attach(p *part, from []*segment, o order) []outlet[T] {
	return d.ways(p, from, o, nil)
}

// watch has a lane of its own for what it must know again.
func (d adding[T]) watch(p *part, from []*segment, o order, l *leftovers[T]) []outlet[T] {
	return d.ways(p, from, o, l)
}

func (d adding[T]) ways(p *part, from []*segment, o order, l *leftovers[T]) []outlet[T] {
	if o.ahead > 0 || len(from) > 1 && !o.unordered {
		return gather(p, d.name, d, l).watch(p, from, o, l)
	}
	outs := make([]outlet[T], len(from))
	for i, s := range from {
		s.reach(d.p)
		switch {
		case s != d.seg:
			outs[i] = d.lane(l)
		case l == nil:
			outs[i] = &kept[T]{outlet: d.own}
		default:
			outs[i] = &kept[T]{outlet: d.end(l)}
		}
		s.writes(outs[i], nowhere())
	}
	return outs
}

// end is a way for a branch that ends in this goroutine: all of them have one
// lane, whose bound holds for all.
func (d adding[T]) end(l *leftovers[T]) outlet[T] {
	e := *d.ends
	if e == nil {
		e = &ends[T]{}
		*d.ends = e
		e.way = d.laneOf(e)
	}
	return endWay[T]{outlet: e.way, all: e, l: l}
}

func (d adding[T]) lane(l *leftovers[T]) outlet[T] {
	if l == nil {
		return d.laneOf(nil)
	}
	return d.laneOf(l)
}

func (d adding[T]) laneOf(of any) outlet[T] {
	way := d.edge.Lane()
	if of != nil {
		d.traced()
		way.Trace(of)
	}
	if note := noteOf(d.edge); len(note.gates) > 0 {
		return announcing[T]{way, note}
	}
	return way
}

// kept is a way that stays open when one of its users is done with it.
type kept[T any] struct {
	outlet[T]
	sent uint32
}

func (k *kept[T]) Put(n uint64, v T) bool {
	k.sent++
	return k.outlet.Put(n, v)
}

func (k *kept[T]) PutAll(vs []T) int {
	n := putAll(k.outlet, vs)
	k.sent += uint32(n)
	return n
}

// Sent is how many items of its user have gone this way.
func (k *kept[T]) Sent() uint32 { return k.sent }

func (*kept[T]) Flush() bool { return true }
func (*kept[T]) Close()      {}
