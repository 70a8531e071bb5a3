package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline/internal/lane"
)

// Tee runs f once for several sinks. Each is called once, unless the flow has
// failed before, on a goroutine of its own and with a flow of all items of f: it
// runs that once, with a terminal operation, and gives the context that it got
// to it. Tee returns when all have returned. The first failure, of f or a sink,
// ends all and is returned.
//
// A sink that returns early, or whose flow has had enough, does not stop the
// others. When all have had enough, f stops. A sink that is slow holds the
// others back when the queue before it is full. A sink that does not run its
// flow gets no items, and holds the others back until it returns; a second run
// fails.
//
// On cancel of ctx the error matches future.ErrCanceled and unwraps to the
// cause.
func Tee[T any](ctx context.Context, f Flow[T], sinks ...func(context.Context, Flow[T]) error) error {
	mustContext("Tee", ctx)
	mustFlow("Tee", f)
	if len(sinks) == 0 {
		panic("pipeline: Tee needs at least one sink, got none")
	}
	for i, s := range sinks {
		mustFunc("Tee", "sink "+strconv.Itoa(i), s == nil)
	}
	if err := f.over(ctx); err != nil {
		return err
	}
	name := f.label("tee", "")
	r := newRun(ctx)
	d := fanning[T]{p: &r.all, up: r.all.child(), name: name}
	d.link = func(f *fan[T]) outlet[T] {
		return &broadcasting[T]{fan: f, over: make([]bool, len(f.to))}
	}
	for i, s := range sinks {
		t := &tap[T]{name: fmt.Sprintf("%s sink %d", name, i), feed: r.all.child()}
		d.entries = append(d.entries, &entry[T]{p: t.feed, to: toEdge[T]{consumers: 1, begin: func(e *lane.Edge[T]) {
			t.in, t.note = e.Consumer(0), noteOf(e)
			t.note.elsewhere = true
		}}})
		in := Flow[T]{open: t.open, step: f.behind(name), total: f.total}
		seg := r.all.segment(t.name)
		r.all.spawn(seg, t.leave, func() {
			if err := s(seg.ctx, in); err != nil {
				seg.fail(t.heard(err))
			}
		})
	}
	f.open(d.up, d)
	r.start()
	return r.end()
}

// tap is the source of a sink's flow: it reads, in the sink's run, what the run
// of Tee has put.
type tap[T any] struct {
	name string
	feed *part // of Tee's run
	in   *lane.Consumer[T]
	note *between // of the edge that in reads
	used atomic.Bool
	told atomic.Pointer[teeStopped]
}

func (t *tap[T]) open(p *part, to dest[T]) {
	if !t.used.CompareAndSwap(false, true) {
		misused(p, to, t.name, errTwice)
		return
	}
	source(unknown, func(s *sourcing[T]) error {
		t.readBy(s.seg)
		switch {
		case t.in.Each(s.put), p.stopped.Load():
			return nil
		}
		// Tee has stopped. What was its failure is told there.
		cause := context.Cause(&t.feed.ctx)
		if s.seg.ctx.Err() != nil {
			return &future.CanceledError{Cause: cause}
		}
		t.told.Store(&teeStopped{cause})
		return t.told.Load()
	}).open(p, to)
	p.addEdge(feeder{t.feed})
}

// readBy makes s tell of what it takes, if a gate of Tee's run counts that.
func (t *tap[T]) readBy(s *segment) {
	if len(t.note.gates) > 0 {
		s.ins = append(s.ins, reading{in: t.in, from: t.note})
		s.watch()
	}
}

// leave is the end of the sink.
func (t *tap[T]) leave() {
	t.feed.enough()
	t.note.desert()
}

// heard is what a sink's error means: one that only passes on what it was told
// is no failure of its own.
func (t *tap[T]) heard(err error) error {
	for e := err; e != nil; e = errors.Unwrap(e) {
		if told, ok := e.(*teeStopped); ok && told == t.told.Load() {
			return &future.CanceledError{Cause: told.cause}
		}
	}
	return err
}

// teeStopped is the failure of a sink's flow, if it was not given the context
// that has ended, when Tee has stopped. It matches the cause.
type teeStopped struct{ cause error }

func (e *teeStopped) Error() string { return "pipeline: Tee has stopped: " + e.cause.Error() }

// Is does not speak of the cancellation of other work.
func (e *teeStopped) Is(target error) bool {
	return target != future.ErrCanceled && target != future.ErrStoppedWaiting && errors.Is(e.cause, target)
}

// feeder ends what is put for a sink together with the sink's run.
type feeder struct{ feed *part }

func (f feeder) Stop() { f.feed.enough() }
