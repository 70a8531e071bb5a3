package pipeline

import (
	"context"

	"github.com/thence-go/thence/future"
)

// segment is what runs in one goroutine: a source or a worker, and the steps
// that are fused behind it.
type segment struct {
	run    *run
	ctx    context.Context // what its functions are given
	at     *mark           // the step whose function runs now: it is blamed
	finish func()          // closes the ways out
}

// mark is one step as one segment sees it.
type mark struct {
	name string
	item int64         // the one that it is at
	ask  func() uint64 // knows better; nil: item it is
}

func (r *run) segment(name string) *segment {
	return &segment{run: r, ctx: &r.ctx, at: &mark{name: name}}
}

func (r *run) segments(n int, name string) []*segment {
	segs := make([]*segment, n)
	for i := range segs {
		segs[i] = r.segment(name)
	}
	return segs
}

// main runs body and settles however it ends.
func (s *segment) main(body func()) {
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

// fail ends the run because of the step that is being run.
func (s *segment) fail(err error) {
	at := s.at
	if at.ask != nil {
		at.item = int64(at.ask())
	}
	s.run.failed(s.ctx, &Error{Stage: at.name, Item: at.item, Err: err})
}
