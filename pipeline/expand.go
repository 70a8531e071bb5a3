package pipeline

import (
	"context"
	"iter"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline/internal/lane"
)

// Expand puts the items of a sequence in the place of each item, as FlatMap
// does, but fn and its sequences may block and fail: such as the pages of a
// listing. An error in a sequence fails the flow, except ErrSkip, which drops
// that pair. When the flow stops, yield reports false and the context ends.
//
// It runs on a goroutine of its own, or on several with Workers. Results keep
// the order of the items: a worker whose turn has not come goes on until the
// small buffer that an item has is full, and then waits. Ahead bounds how many
// results wait in all those buffers, 1024 by default, and one more goroutine
// brings them together. Unordered, results go on as they come.
func Expand[A, B any](f Flow[A], fn func(context.Context, A) iter.Seq2[B, error], opts ...Option) Flow[B] {
	mustFlow("Expand", f)
	mustFunc("Expand", "function", fn == nil)
	c := configure(opts)
	return expand(f, f.label("expand", c.name), c, fn)
}

func expand[A, B any](f Flow[A], name string, c config, fn func(context.Context, A) iter.Seq2[B, error]) Flow[B] {
	return next(f, name, unknown, func(p *part, to dest[B]) {
		if c.workers > 1 && !c.unordered {
			expandInOrder(f, name, c, fn, p, to)
			return
		}
		segs := p.segments(c.workers, name)
		outs := to.attach(p, segs, order{unordered: true, ahead: c.ahead})
		f.open(p, toEdge[A]{consumers: c.workers, begin: func(e *lane.Edge[A]) {
			xs := make([]*expander[A, B], c.workers)
			for i := range xs {
				xs[i] = &expander[A, B]{in: reads(segs[i], e, i), seg: segs[i], here: segs[i].at, fn: fn, out: outs[i]}
			}
			employ(p, c, xs)
		}})
	})
}

// expander is one of the goroutines of an Expand. Its ways out are two: an
// outlet, or in order a port for the burst of each item.
type expander[A, B any] struct {
	in     *lane.Consumer[A]
	seg    *segment
	here   *mark
	fn     func(context.Context, A) iter.Seq2[B, error]
	out    outlet[B]
	bursts *bursts[B]
	port   outlet[*burst[B]] // in order, instead of out
	on     future.Executor   // or nil
	turn   *turn             // on an executor
	parker *parker           // in order
}

func (x *expander[A, B]) main() {
	for x.in.Take() && x.batch() {
		if x.turn != nil {
			x.turn.give()
		}
	}
	if x.port == nil {
		flush(x.seg, x.out)
	}
}

func (x *expander[A, B]) batch() bool {
	for more := true; more; more = x.in.Next() {
		if !x.one(x.in.Item()) {
			return false
		}
	}
	return true
}

func (x *expander[A, B]) one(a A) bool {
	x.seg.at = x.here
	seq := x.fn(x.seg.ctx, a)
	if seq == nil {
		panic("pipeline: the function of Expand must return a sequence, got nil: one without items yields nothing")
	}
	if x.port == nil {
		return x.each(seq, func(b B) bool {
			ok := putOneOf(x.seg, x.out, 0, b)
			x.seg.at = x.here // the sequence goes on
			return ok
		})
	}
	own := x.bursts.open()
	if !x.port.Put(x.in.Number(), own) {
		return false
	}
	if !x.each(seq, func(b B) bool { return x.bursts.put(own, b, x.parker) }) {
		return false
	}
	x.bursts.close(own)
	return true
}

// each reports whether the flow goes on.
func (x *expander[A, B]) each(seq iter.Seq2[B, error], put func(B) bool) bool {
	for b, err := range seq {
		switch {
		case err == nil:
			// What follows may drop everything and never say that the run is over.
			if !put(b) || x.seg.flows.stopped.Load() {
				return false
			}
		case !isSkip(err):
			x.seg.fail(err)
			return false
		default:
			x.here.skip(err)
			if x.seg.flows.stopped.Load() {
				return false
			}
		}
	}
	return true
}

func (x *expander[A, B]) close() {
	if x.port != nil {
		x.port.Close()
		return
	}
	x.out.Close()
}

func (x *expander[A, B]) runsIn(ctx context.Context) {
	x.seg.runsAs(ctx)
	x.in.RunsIn(ctx)
	if x.port != nil {
		x.port.RunsIn(ctx)
		x.parker.ctx = ctx
	} else {
		x.out.RunsIn(ctx)
	}
	x.turn = newTurn(x.on, ctx)
}

// employ is hire for expanders.
func employ[A, B any](p *part, c config, xs []*expander[A, B]) {
	var on *crew
	if c.on != nil {
		on = &crew{part: p, name: xs[0].here.name, on: c.on}
	}
	for _, x := range xs {
		x.here.ask = x.in.Number
		if on == nil {
			p.spawn(x.seg, x.close, x.main)
		} else {
			x.on = c.on
			on.add(x.seg, x.close, x.runsIn, x.main)
		}
	}
	if on != nil {
		p.crews = append(p.crews, on)
		p.launch(on)
	}
}
