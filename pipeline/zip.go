package pipeline

import "github.com/thence-go/thence/pipeline/internal/lane"

// Zip makes one item of two, fn of the first ones, fn of the second ones, and
// so on. It ends with the shorter flow and stops the other, as Take does. It
// takes from a first, so that b has ended it sees when a has an item more;
// that item is dropped.
//
// The step has a goroutine of its own. It holds one item back, and a queue
// before it for each flow bounds how far the quicker one reads ahead.
func Zip[A, B, C any](a Flow[A], b Flow[B], fn func(A, B) C) Flow[C] {
	mustFlow("Zip", a)
	mustFlow("Zip", b)
	mustFunc("Zip", "function", fn == nil)
	total := min(a.total, b.total) // unknown is less than all others
	nth := max(a.step.nth, b.step.nth)
	name := (Flow[C]{step: &step{nth: nth}}).label("zip", "")
	in := a.in
	if len(b.in) > len(in) {
		in = b.in
	}
	return flowOf(&step{name: name, branch: in, nth: nth + 1, from: []*step{a.step, b.step}}, total, func(p *part, to dest[C]) {
		z := &zipping[A, B, C]{seg: p.segment(name), fn: fn, a: p.child(), b: p.child()}
		z.here = z.seg.at
		z.out = to.attach(p, []*segment{z.seg}, order{})[0]
		a.open(z.a, holding[A]{held: z.leftover, toEdge: toEdge[A]{consumers: 1, begin: func(e *lane.Edge[A]) { z.as = reads(z.seg, e, 0) }}})
		b.open(z.b, toEdge[B]{consumers: 1, begin: func(e *lane.Edge[B]) { z.bs = reads(z.seg, e, 0) }})
		z.here.ask = func() uint64 { return z.as.Number() } // the edge may come later
		p.spawn(z.seg, z.out.Close, z.main)
	})
}

type zipping[A, B, C any] struct {
	seg  *segment
	here *mark
	a, b *part
	as   *lane.Consumer[A]
	bs   *lane.Consumer[B]
	fn   func(A, B) C
	out  outlet[C]

	alone bool // as is at an item, and bs is not at the one that goes with it
}

func (z *zipping[A, B, C]) main() {
	var as, bs bool // there is one more in the batch
	for {
		if as = as && z.as.Next() || z.as.Take(); !as {
			break
		}
		z.alone = true
		if bs = bs && z.bs.Next() || z.bs.Take(); !bs {
			break
		}
		z.alone = false
		z.seg.at = z.here
		if !z.out.Put(0, z.fn(z.as.Item(), z.bs.Item())) {
			break
		}
	}
	if !z.seg.part.stopped.Load() {
		z.a.enough()
		z.b.enough()
	}
	flush(z.seg, z.out)
}

// leftover gives the item that has found no other.
func (z *zipping[A, B, C]) leftover(fn func(A)) {
	if z.alone {
		fn(z.as.Item())
	}
}
