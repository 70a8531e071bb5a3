package pipeline

import (
	"context"
	"math"

	"github.com/thence-go/thence/future"
)

// segment is what runs in one goroutine: a source or a worker, and the steps
// that are fused behind it.
type segment struct {
	part   *part
	flows  *part           // what its last outlet belongs to: as long as this runs, what is held back is handed on
	ctx    context.Context // what its functions are given
	at     *mark           // the step whose function runs now: it is blamed
	at0    *mark           // its own step
	finish func()          // closes the ways out
	tally
}

func (p *part) segment(name string) *segment {
	m := &mark{name: name, head: true}
	s := &segment{part: p, flows: p, ctx: &p.ctx, at: m, at0: m}
	s.left = math.MaxInt64
	if p.at != nil {
		m.stage = p.at
		s.count(m)
	}
	return s
}

func (p *part) segments(n int, name string) []*segment {
	segs := make([]*segment, n)
	for i := range segs {
		segs[i] = p.segment(name)
	}
	return segs
}

// reach says that an outlet of s belongs to p. What counts is the outermost of
// those parts.
func (s *segment) reach(p *part) {
	for q := s.flows; q != nil; q = q.outer {
		if q == p {
			s.flows = p
			return
		}
	}
}

// main runs body, if the run has not stopped before, and settles however it
// ends.
func (s *segment) main(body func()) {
	s.call(func() {
		s.clock.turn(works)
		if !s.part.stopped.Load() {
			body()
		}
	})
}

// call is main also for a run that has stopped.
func (s *segment) call(body func()) {
	returned := false
	defer func() {
		if !returned {
			s.fail(future.Recovered(recover()))
		}
		s.finish()
	}()
	body()
	returned = true
}

// flush hands on what the fused steps have held back, unless nobody wants it.
func flush[T any](s *segment, out outlet[T]) {
	if !s.flows.stopped.Load() {
		s.apart(out.Flush)
	}
}

// fail ends the run because of the step that is being run.
func (s *segment) fail(err error) {
	at := s.at
	if at.ask != nil {
		at.item = int64(at.ask())
	}
	if s.part.failed(s.ctx, &Error{Stage: at.name, Item: at.item, Err: err}) && at.stage != nil {
		at.stage.failed.Add(1)
	}
}
