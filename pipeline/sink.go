package pipeline

import (
	"context"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/task"
	"github.com/thence-go/thence/pipeline/internal/lane"
)

// sink is a run whose items are read by the caller, on its own goroutine.
type sink[T any] struct {
	r   *run
	in  *lane.Consumer[T]
	seg *segment // the caller's function
}

// begin starts a run that hands its items to the caller. The caller must call
// end, whatever happens.
func (f Flow[T]) begin(ctx context.Context, name string) *sink[T] {
	return f.beginAs(newRun(ctx), name)
}

func (f Flow[T]) beginAs(r *run, name string) *sink[T] {
	s, ctx := &sink[T]{r: r}, r.caller
	s.seg = s.r.all.segment(name)
	f.open(&s.r.all, toEdge[T]{consumers: 1, begin: func(e *lane.Edge[T]) { s.in = reads(s.seg, e, 0) }})
	s.seg.at.ask = s.in.Number
	if slot := task.SlotOf(ctx); slot != nil {
		s.in.RunsIn(ctx)
		inside := new(task.Ctx) // the caller's function runs in the caller's slot
		inside.Init(&s.r.all.ctx, slot)
		s.seg.runsAs(inside)
	}
	s.r.start()
	return s
}

// each calls fn for every item until it reports false.
func (s *sink[T]) each(fn func(T) bool) {
	s.seg.clock.turn(works)
	if s.in.Each(fn) {
		s.r.complete()
	}
}

// end stops what still runs, waits for it, and tells how the run went.
func (s *sink[T]) end() error {
	s.seg.settle()
	s.r.all.stop(errStopped)
	return s.r.end()
}

// drive is each and end, where fn is a function of the user's.
func (s *sink[T]) drive(fn func(T) bool) (err error) {
	returned := false
	defer func() {
		if !returned {
			s.seg.fail(future.Recovered(recover()))
		}
		err = s.end()
	}()
	s.each(fn)
	returned = true
	return nil
}

// over is the outcome of a run that is not begun because ctx has ended.
func over(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return future.Outcome(ctx, ctx.Err())
}

// over is that of a run of f, whose sources have then had their run.
func (f Flow[T]) over(ctx context.Context) error {
	err := over(ctx)
	if err != nil {
		f.step.forgo(map[*step]bool{})
	}
	return err
}

// count runs a flow whose items nobody reads.
func (f Flow[T]) count(ctx context.Context) (n int64, err error) {
	if err := f.over(ctx); err != nil {
		return 0, err
	}
	r := newRun(ctx)
	var counts []*counter[T]
	f.open(&r.all, toNowhere[T]{&counts})
	r.start()
	err = r.end()
	for _, c := range counts {
		n += c.n
	}
	return n, err
}
