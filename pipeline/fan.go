package pipeline

import (
	"context"
	"sync/atomic"
)

// fanning is a dest for a step that hands its items to branches. Their fused
// steps, and whatever is fused behind them, run in the goroutine of the one
// segment that makes the items.
type fanning[A any] struct {
	p       *part // what the branches belong to
	up      *part // what is upstream
	name    string
	entries []*entry[A]
	link    func(f *fan[A]) outlet[A]
}

func (d fanning[A]) attach(p *part, from []*segment, o order) []outlet[A] {
	return d.watch(p, from, o, nil)
}

// watch begins all that comes to the one segment.
func (d fanning[A]) watch(p *part, from []*segment, o order, l *leftovers[A]) []outlet[A] {
	if len(from) > 1 {
		return gather(p, d.name, d, l).watch(p, from, o, l)
	}
	seg := from[0]
	f := &fan[A]{seg: seg, here: p.mark(seg, d.name), up: d.up}
	seg.reach(d.p)
	last := seg.last
	for _, e := range d.entries {
		seg.last = last
		if e.attach(seg); e.out != nil {
			f.to = append(f.to, e.out)
			f.wanted.Add(1)
		}
	}
	if len(f.to) == 0 {
		d.up.enough()
	}
	for _, e := range d.entries {
		if e.out != nil {
			e.whenHalted(f.oneHalted())
		}
	}
	return []outlet[A]{d.link(f)}
}

// fan is the outlet of a segment that hands its items to branches.
type fan[A any] struct {
	seg    *segment
	here   *mark
	to     []outlet[A]
	up     *part
	wanted atomic.Int32 // branches that have not had enough
}

// oneHalted is what one branch calls when it has had enough: after the last
// one, what is upstream ends, even if it has nothing to put.
func (f *fan[A]) oneHalted() func() {
	var once atomic.Bool
	return func() {
		if once.CompareAndSwap(false, true) && f.wanted.Add(-1) == 0 {
			f.up.enough()
		}
	}
}

func (f *fan[A]) enter() {
	f.here.item++
	f.seg.at = f.here
}

// goesOn reports whether some branch may want the next item.
func (f *fan[A]) goesOn() bool { return !f.up.stopped.Load() }

// isStopped reports whether a branch that takes nothing has not just had enough:
// then its points must still see what comes.
func (f *fan[A]) isStopped() bool { return f.seg.flows.stopped.Load() }

func (f *fan[A]) Skip(uint64) bool { return true }

func (f *fan[A]) Flush() bool {
	ok := true
	for _, out := range f.to {
		ok = out.Flush() && ok
	}
	return ok
}

func (f *fan[A]) Close() {
	for _, out := range f.to {
		out.Close()
	}
}

func (f *fan[A]) RunsIn(ctx context.Context) {
	for _, out := range f.to {
		out.RunsIn(ctx)
	}
}
