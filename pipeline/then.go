package pipeline

import (
	"context"

	"github.com/thence-go/thence/future"

	"github.com/thence-go/thence/pipeline/internal/lane"
)

// Then applies a function that may block or fail. It runs on a goroutine of
// its own, or on several with Workers; the results keep the order of the items
// unless Unordered. An error fails the flow, except ErrSkip, which drops the
// item.
func Then[A, B any](f Flow[A], fn func(context.Context, A) (B, error), opts ...Option) Flow[B] {
	mustFlow("Then", f)
	mustFunc("Then", "function", fn == nil)
	c := configure(opts)
	return parallel(f, f.label("then", c.name), c, fn)
}

// parallel is a step with goroutines of its own.
func parallel[A, B any](f Flow[A], name string, c config, fn func(context.Context, A) (B, error)) Flow[B] {
	return next(f, name, f.total, func(p *part, to dest[B]) { f.open(p, toWorkers(p, to, name, c, fn)) })
}

// toWorkers is a dest that workers read.
func toWorkers[A, B any](p *part, to dest[B], name string, c config, fn func(context.Context, A) (B, error)) toEdge[A] {
	segs := p.segments(c.workers, name)
	outs := to.attach(p, segs, order{unordered: c.unordered, ahead: c.ahead})
	return toEdge[A]{consumers: c.workers, begin: func(e *lane.Edge[A]) {
		if port, ok := outs[0].(interface{ Share() int }); ok {
			e.Limit(port.Share())
		}
		ws := make([]*worker[A, B], c.workers)
		for i := range ws {
			ws[i] = &worker[A, B]{seg: segs[i], here: segs[i].at, in: reads(segs[i], e, i), out: outs[i], fn: fn}
			segs[i].at.ask = ws[i].in.Number
			switch out := outs[i].(type) {
			case *lane.Lane[B]:
				ws[i].in.Share(out)
			case *lane.Port[B]:
				ws[i].in.Follow(out.Done)
			}
		}
		hire(p, c, ws)
	}}
}

// worker is one of the goroutines of a step.
type worker[A, B any] struct {
	seg  *segment
	here *mark
	in   *lane.Consumer[A]
	out  outlet[B]
	fn   func(context.Context, A) (B, error)
	on   future.Executor // or nil
	turn *turn           // on an executor
}

func (w *worker[A, B]) main() {
	for w.in.Take() {
		if !w.batch() {
			break
		}
		if w.turn != nil {
			w.turn.give()
		}
	}
	flush(w.seg, w.out)
}

func (w *worker[A, B]) batch() bool {
	in, out, fn, seg := w.in, w.out, w.fn, w.seg
	for {
		if seg.at != w.here { // a fused step was the last
			seg.at = w.here
		}
		b, err := fn(seg.ctx, in.Item())
		if err == nil {
			if !out.Put(in.Number(), b) {
				return false
			}
		} else if !w.skips(err) {
			return false
		}
		if !in.Next() {
			return true
		}
	}
}

// skips reports whether the flow goes on after an error.
func (w *worker[A, B]) skips(err error) bool {
	if isSkip(err) {
		w.here.skip(err)
		return w.out.Skip(w.in.Number())
	}
	w.seg.fail(err)
	return false
}

func (w *worker[A, B]) runsIn(ctx context.Context) {
	w.seg.runsAs(ctx)
	w.in.RunsIn(ctx)
	w.out.RunsIn(ctx)
	w.turn = newTurn(w.on, ctx)
}

// hire gives each worker a goroutine, or makes it a task of an executor.
func hire[A, B any](p *part, c config, ws []*worker[A, B]) {
	if c.on == nil {
		for _, w := range ws {
			p.spawn(w.seg, w.out.Close, w.main)
		}
		return
	}
	crew := &crew{part: p, name: ws[0].here.name, on: c.on}
	for _, w := range ws {
		w.on = c.on
		crew.add(w.seg, w.out.Close, w.runsIn, w.main)
	}
	p.crews = append(p.crews, crew)
	p.launch(crew)
}
