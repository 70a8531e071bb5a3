package pipeline

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/task"
)

// crew is the workers of one step that run as tasks of an executor. The flow
// does not wait for those that the executor has not begun when the work is
// done: they are dismissed, and find nothing to do if they are begun later.
type crew struct {
	part *part
	name string
	on   future.Executor
	jobs []*job
}

// job is one worker as a task.
//
//	waiting --Run--> taken --> done
//	   \-----dismiss, Refuse--> taken, never run
type job struct {
	crew   *crew
	seg    *segment
	runsIn func(context.Context)
	body   func()
	taken  atomic.Bool
	ctx    context.Context // given to Execute
	cancel context.CancelFunc
}

func (c *crew) add(s *segment, closing func(), runsIn func(context.Context), body func()) {
	j := &job{crew: c, seg: s, runsIn: runsIn, body: body}
	j.ctx, j.cancel = context.WithCancel(&c.part.ctx)
	s.finish = func() {
		s.settle()
		closing()
		c.part.leave()
	}
	c.jobs = append(c.jobs, j)
	c.part.due++
}

// launch hands the jobs over, from a goroutine of its own since Execute may
// block.
func (p *part) launch(c *crew) {
	s := p.segment(c.name)
	p.spawn(s, func() {}, func() {
		for _, j := range c.jobs {
			if j.taken.Load() {
				continue
			}
			if err := c.on.Execute(j.ctx, j); err != nil {
				j.Refuse(err)
			}
		}
	})
}

func (j *job) take() bool { return j.taken.CompareAndSwap(false, true) }

// Run is the worker's life. The executor may end its context for reasons of
// its own: that fails the flow.
func (j *job) Run(ctx context.Context) error {
	if !j.take() {
		return nil
	}
	defer j.cancel()
	defer j.crew.dismiss() // one that has come to its end leaves nothing for the others to begin
	j.runsIn(ctx)
	release := watch(ctx, func() {
		j.crew.part.failed(ctx, &Error{Stage: j.crew.name, Err: context.Cause(ctx)})
	})
	defer release()
	j.seg.main(j.body)
	return nil
}

// Refuse fails the flow.
func (j *job) Refuse(err error) {
	if j.take() {
		defer j.cancel()
		j.crew.part.failed(j.ctx, &Error{Stage: j.crew.name, Err: err})
		j.seg.finish()
	}
}

// dismiss ends the jobs that were not begun.
func (c *crew) dismiss() {
	for _, j := range c.jobs {
		if j.take() {
			j.cancel()
			j.seg.finish()
		}
	}
}

// turnTime is how long a worker keeps its place while it is busy.
const turnTime = 10 * time.Millisecond

// turn makes a worker that lives as long as its flow a good neighbor of tasks
// that are short: now and then it gives its place up and stands in the
// executor's queue again, behind all that wait there.
type turn struct {
	on    future.Executor
	ctx   context.Context
	slot  task.Slot
	since time.Time
}

func newTurn(on future.Executor, ctx context.Context) *turn {
	slot := task.SlotOf(ctx)
	if slot == nil {
		return nil
	}
	return &turn{on: on, ctx: ctx, slot: slot, since: time.Now()}
}

func (t *turn) give() {
	if time.Since(t.since) < turnTime {
		return
	}
	t.slot.Park()
	// Who resumes goes before the queue, so it must wait for its turn first.
	mine := make(place)
	if t.on.Execute(t.ctx, mine) == nil {
		select {
		case <-mine:
		case <-t.ctx.Done():
		}
	}
	t.slot.Unpark(t.ctx)
	t.since = time.Now()
}

// place is a place in a queue: a task that does nothing but come up.
type place chan struct{}

// Run is called when the place has come up.
func (p place) Run(context.Context) error {
	close(p)
	return nil
}

// Refuse is called when it never will.
func (p place) Refuse(error) { close(p) }
