package pipeline

import "github.com/thence-go/thence/pipeline/internal/lane"

// Concat sends on the items of one flow after those of the other: each flow is
// started only when the one before has ended. The first failure ends all. Of no
// flows it is an empty one.
//
// The step has a goroutine of its own, with a queue before it for each flow,
// and holds nothing back.
func Concat[T any](fs ...Flow[T]) Flow[T] {
	mustFlows("Concat", fs)
	if len(fs) == 0 {
		return FromSlice[T](nil)
	}
	fs = append([]Flow[T](nil), fs...)
	name := labelOf(fs, "concat")
	return flowOver(name, branchOf(fs), fs, totalOf(fs), func(p *part, to dest[T]) {
		seg := p.segment(name)
		c := &concat[T]{seg: seg, out: to.attach(p, []*segment{seg}, order{})[0], ins: make([]*lane.Consumer[T], len(fs))}
		for i, f := range fs {
			turn := p.later()
			c.turns = append(c.turns, turn)
			f.open(turn, toEdge[T]{consumers: 1, begin: func(e *lane.Edge[T]) { c.ins[i] = reads(seg, e, 0) }})
		}
		p.spawn(seg, c.out.Close, c.main)
	})
}

type concat[T any] struct {
	seg   *segment
	turns []*part
	ins   []*lane.Consumer[T]
	out   outlet[T]
}

func (c *concat[T]) main() {
	for i, turn := range c.turns {
		turn.start()
		if !c.ins[i].Each(func(v T) bool { return c.out.Put(0, v) }) || c.seg.part.stopped.Load() {
			break
		}
	}
	flush(c.seg, c.out)
}
