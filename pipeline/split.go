package pipeline

import (
	"fmt"
	"strconv"
)

// Split sends each item through one of two stages: yes if cond reports true
// for it, else no. What they make goes on as it comes.
//
// The step has no goroutine and holds nothing back: it, and the steps that are
// fused with a branch's input, run on the goroutine that its items come from.
// A branch that is slow holds the other back when the queue before it is full.
// A branch that has had enough, by a Take for example, does not stop the other:
// its further items are dropped. When both have, what is upstream stops. At the
// end of the flow both get their end.
//
// A stage must run its input once: if not at all, the items are dropped, and
// twice fails the flow. A run of the input outside of what the stage makes fails
// by itself.
func Split[A, B any](f Flow[A], cond func(A) bool, yes, no Stage[A, B]) Flow[B] {
	mustFlow("Split", f)
	mustFunc("Split", "function", cond == nil)
	mustFunc("Split", "stage for yes", yes == nil)
	mustFunc("Split", "stage for no", no == nil)
	label := func(i int) string { return [...]string{".yes", ".no"}[i] }
	return branches(f, "split", label, unknown, []Stage[A, B]{yes, no}, func(outs []int, f *fan[A]) outlet[A] {
		s := &splitting[A]{fan: f, cond: cond}
		for i, nth := range outs {
			s.ways[nth] = f.to[i]
		}
		return s
	})
}

type splitting[A any] struct {
	*fan[A]
	cond func(A) bool
	ways [2]outlet[A] // yes, no; nil: it does not run its input
}

func (s *splitting[A]) Put(_ uint64, v A) bool {
	s.enter()
	nth := 0
	if !s.cond(v) {
		nth = 1
	}
	if out := s.ways[nth]; out != nil && !out.Put(0, v) && !s.isStopped() {
		s.ways[nth] = nil
	}
	return s.goesOn()
}

// Broadcast sends every item through every stage. What they make goes on as it
// comes. The stages share what an item points to.
//
// The step has no goroutine and holds nothing back: it, and the steps that are
// fused with a branch's input, run on the goroutine that its items come from.
// A branch that is slow holds the others back when the queue before it is full.
// A branch that has had enough, by a Take for example, does not stop the others.
// When all have, what is upstream stops. At the end of the flow all get their
// end.
//
// A stage must run its input once: if not at all, it is left out, and twice
// fails the flow. A run of the input outside of what the stage makes fails by
// itself.
func Broadcast[A, B any](f Flow[A], stages ...Stage[A, B]) Flow[B] {
	mustFlow("Broadcast", f)
	if len(stages) == 0 {
		panic("pipeline: Broadcast needs at least one stage, got none")
	}
	for i, s := range stages {
		mustFunc("Broadcast", "stage "+strconv.Itoa(i), s == nil)
	}
	label := func(i int) string { return "." + strconv.Itoa(i) }
	return branches(f, "broadcast", label, f.total, stages, func(_ []int, f *fan[A]) outlet[A] {
		return &broadcasting[A]{fan: f, over: make([]bool, len(f.to))}
	})
}

type broadcasting[A any] struct {
	*fan[A]
	over []bool
}

func (b *broadcasting[A]) Put(_ uint64, v A) bool {
	b.enter()
	for i, out := range b.to {
		if !b.over[i] && !putOneOf(b.seg, out, 0, v) && !b.isStopped() {
			b.over[i] = true
		}
	}
	return b.goesOn()
}

// branches sends f through stages and brings their results together. link gets
// the places of those stages that run their input.
func branches[A, B any](f Flow[A], kind string, label func(i int) string, each int64, stages []Stage[A, B], link func(open []int, f *fan[A]) outlet[A]) Flow[B] {
	name := f.label(kind, "")
	inlets := make([]*inlet[A], len(stages))
	flows := make([]Flow[B], len(stages))
	first := f.behind(name)
	for i, s := range stages {
		var in Flow[A]
		inlets[i], in = newInlet[A](first, label(i), each)
		if flows[i] = s(in); flows[i].open == nil {
			panic(fmt.Sprintf("pipeline: stage %d of %s returned the zero Flow: return what it makes of its input", i, name))
		}
	}
	return flowOver(name+" joined", f.in, flows, totalOf(flows), func(p *part, to dest[B]) {
		d := fanning[A]{p: p, up: p.child(), name: name}
		j := join(p, name, len(flows), to)
		var open []int
		for i, g := range flows {
			branch := p.child()
			e := inlets[i].enters(branch)
			d.entries = append(d.entries, e)
			if g.open(branch, j); e.to != nil {
				open = append(open, i)
			}
		}
		d.link = func(f *fan[A]) outlet[A] { return link(open, f) }
		defer d.up.standAt(first)()
		f.open(d.up, d)
	})
}
