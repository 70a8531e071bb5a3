package pipeline

import (
	"fmt"
	"time"

	"github.com/thence-go/thence/pipeline/internal/lane"
)

// Debounce lets an item go on when none has come for d since; each one that
// comes before takes its place, and the time starts again. At the end of the
// flow the last one goes on at once. Items that come while what is behind is
// busy count from when the step sees them.
//
// It has a goroutine of its own and holds one item back.
func (f Flow[T]) Debounce(d time.Duration) Flow[T] {
	mustFlow("Debounce", f)
	if d <= 0 {
		panic(fmt.Sprintf("pipeline: Debounce needs a duration above 0, got %v", d))
	}
	name := f.label("debounce", "")
	return next(f, name, unknown, func(p *part, to dest[T]) {
		seg := p.segment(name)
		w := &debouncing[T]{seg: seg, out: to.attach(p, []*segment{seg}, order{})[0], quiet: d}
		f.open(p, holding[T]{held: w.leftover, toEdge: toEdge[T]{consumers: 1, begin: func(e *lane.Edge[T]) {
			w.in = reads(seg, e, 0)
			p.spawn(seg, w.out.Close, w.main)
		}}})
	})
}

type debouncing[T any] struct {
	seg   *segment
	in    *lane.Consumer[T]
	out   outlet[T]
	quiet time.Duration
	held  T
	holds bool
	timer *time.Timer // runs while an item is held
}

func (d *debouncing[T]) main() {
	for {
		ok, late := d.in.TakeUntil(d.alarm())
		switch {
		case ok:
			for more := true; more; more = d.in.Next() {
				d.held, d.holds = d.in.Item(), true
			}
			d.rewind()
		case late:
			if !d.seg.apart(d.emit) {
				return
			}
		default:
			d.end()
			return
		}
	}
}

// rewind starts the time of quiet again.
func (d *debouncing[T]) rewind() {
	if d.timer == nil {
		d.timer = time.NewTimer(d.quiet)
	} else {
		d.timer.Reset(d.quiet)
	}
}

func (d *debouncing[T]) alarm() <-chan time.Time {
	if !d.holds {
		return nil
	}
	return d.timer.C
}

func (d *debouncing[T]) emit() bool {
	v := d.held
	d.held, d.holds = *new(T), false
	return d.out.Put(0, v)
}

func (d *debouncing[T]) end() {
	if d.timer != nil {
		d.timer.Stop()
	}
	if d.seg.flows.stopped.Load() {
		return
	}
	if !d.holds || d.seg.apart(d.emit) {
		flush(d.seg, d.out)
	}
}

func (d *debouncing[T]) leftover(fn func(T)) {
	if d.holds {
		fn(d.held)
	}
}
