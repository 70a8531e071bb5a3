package pipeline

import (
	"context"
	"strconv"
)

// Flow describes where items of type T come from and what happens to them.
// Nothing runs until a terminal operation: ForEach, Collect, Reduce, Count,
// Drain, All, First, SendTo, Tee or Start.
//
// A Flow is made by a source, such as FromSlice; the zero value is not usable.
// It is a small value: copy it, keep it, use it from any goroutine. Each
// terminal operation is a run of its own, which starts the sources again.
type Flow[T any] struct {
	open  func(p *part, to dest[T]) // puts a run together, from its end to its sources
	step  *step                     // the last one
	total int64                     // items, if they are known and none is dropped; else unknown
	in    string                    // the branch that it is in; or empty
}

// step is what a flow knows of one of its steps.
type step struct {
	name   string
	branch string  // that it is in; or empty
	nth    int     // place in the flow: how many steps come before it
	from   []*step // nil for a source
	miss   func()  // tells a source that its run came to nothing; nil: it need not know
}

func (s *step) forgo(seen map[*step]bool) {
	if seen[s] {
		return
	}
	seen[s] = true
	if s.miss != nil {
		s.miss()
	}
	for _, from := range s.from {
		from.forgo(seen)
	}
}

const unknown = -1

// Stage is a reusable part of a flow. Stages compose as the functions that
// they are.
type Stage[A, B any] func(Flow[A]) Flow[B]

// Via sends a flow through a stage.
func Via[A, B any](f Flow[A], s Stage[A, B]) Flow[B] {
	mustFlow("Via", f)
	mustFunc("Via", "stage", s == nil)
	return s(f)
}

// next is the flow behind a step of f.
func next[A, B any](f Flow[A], name string, total int64, open func(p *part, to dest[B])) Flow[B] {
	return flowOf(f.behind(name), total, open)
}

// flowOf is the flow whose last step is s.
func flowOf[T any](s *step, total int64, open func(p *part, to dest[T])) Flow[T] {
	return Flow[T]{open: drawn(s, open), step: s, total: total, in: s.branch}
}

// behind makes the step behind f.
func (f Flow[T]) behind(name string) *step {
	return &step{name: name, branch: f.in, nth: f.step.nth + 1, from: []*step{f.step}}
}

// label is the name of a step in errors.
func (f Flow[T]) label(kind, name string) string {
	if name != "" {
		return name
	}
	return kind + "#" + strconv.Itoa(f.step.nth+1)
}

func mustFlow[T any](name string, f Flow[T]) {
	if f.open == nil {
		panic("pipeline: " + name + " needs a flow, got the zero Flow: start one with From, FromSlice, FromSeq2 or Generate")
	}
}

func mustFunc(name, what string, missing bool) {
	if missing {
		panic("pipeline: " + name + " needs a " + what + ", got nil")
	}
}

func mustContext(name string, ctx context.Context) {
	if ctx == nil {
		panic("pipeline: " + name + " needs a context, got nil: pass context.Background() if there is none")
	}
}
