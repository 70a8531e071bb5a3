package pipeline

import (
	"context"
	"errors"
	"iter"
	"time"
)

// From makes a flow of a sequence. It is run once for each terminal operation.
func From[T any](seq iter.Seq[T]) Flow[T] {
	mustFunc("From", "sequence", seq == nil)
	return source(unknown, func(s *sourcing[T]) error {
		seq(s.put)
		return nil
	})
}

// FromSlice makes a flow of the items of a slice, which must not change while
// a run lasts.
func FromSlice[T any](items []T) Flow[T] {
	return source(int64(len(items)), func(s *sourcing[T]) error {
		s.putAll(items)
		return nil
	})
}

// FromSeq2 makes a flow of a sequence that can fail. The first error ends the
// flow.
func FromSeq2[T any](seq iter.Seq2[T, error]) Flow[T] {
	mustFunc("FromSeq2", "sequence", seq == nil)
	return source(unknown, func(s *sourcing[T]) (failed error) {
		seq(func(v T, err error) bool {
			if err != nil {
				failed = err
				return false
			}
			return s.put(v)
		})
		return failed
	})
}

// Generate makes a flow of what fn yields. yield reports false once the flow
// has stopped: fn should return then. The context ends at that moment too, for
// a function that waits for something else. An error of fn fails the flow.
//
// yield blocks while there is no room. It must not be called from several
// goroutines at once, nor after fn has returned.
func Generate[T any](fn func(ctx context.Context, yield func(T) bool) error) Flow[T] {
	mustFunc("Generate", "function", fn == nil)
	return source(unknown, func(s *sourcing[T]) error { return fn(s.seg.ctx, s.put) })
}

// source is a flow whose items come from produce, on a goroutine of its own.
func source[T any](total int64, produce func(*sourcing[T]) error) Flow[T] {
	return flowOf(&step{name: "source"}, total, func(p *part, to dest[T]) { openSource(p, to, produce) })
}

func openSource[T any](p *part, to dest[T], produce func(*sourcing[T]) error) *sourcing[T] {
	seg := p.source("source")
	s := &sourcing[T]{seg: seg, here: seg.at}
	s.out = to.attach(p, []*segment{seg}, order{})[0]
	seg.part.spawn(seg, s.out.Close, func() { s.main(produce) })
	return s
}

// sourcing is a source in one run.
type sourcing[T any] struct {
	seg  *segment
	here *mark
	out  outlet[T]
}

func (s *sourcing[T]) put(v T) bool {
	return !s.seg.part.stopped.Load() && s.deliver(v)
}

// deliver is put for an item that is gone from where it came from: it is
// handed on, or left where OnUndelivered finds it, also when the flow has
// stopped meanwhile.
func (s *sourcing[T]) deliver(v T) bool {
	if s.seg.at != s.here { // a step has panicked, and the source did not let that pass
		s.seg.fail(errSwallowed)
		return false
	}
	ok := s.out.Put(0, v)
	s.here.item++
	s.seg.at = s.here
	s.seg.passed(1)
	return ok
}

// goesOn reports whether a source should take another item.
func (s *sourcing[T]) goesOn() bool {
	return !s.seg.part.stopped.Load() && s.seg.ctx.Err() == nil
}

// putAll is put for items that are at hand. They go on in chunks as long as
// the fused steps are as quick as they should be.
func (s *sourcing[T]) putAll(vs []T) {
	chunk, begun := 1, time.Now()
	for len(vs) > 0 && !s.seg.part.stopped.Load() {
		n := min(chunk, len(vs))
		done := putAll(s.out, vs[:n])
		s.here.item += int64(done)
		s.seg.at = s.here
		s.seg.passed(n)
		if done < n {
			return
		}
		ended := time.Now()
		if ended.Sub(begun) > time.Duration(n)*quickStep {
			chunk = 1
		} else {
			chunk = min(2*chunk, mostAtHand)
		}
		begun = ended
		vs = vs[n:]
	}
}

var errSwallowed = errors.New("pipeline: the source recovered from the panic of a step that it called: let panics pass")

func (s *sourcing[T]) main(produce func(*sourcing[T]) error) {
	err := produce(s)
	switch {
	case s.seg.at != s.here: // put did not return: a step has panicked
		s.seg.fail(errSwallowed)
	case err != nil && !s.seg.drains(err):
		s.seg.fail(err)
	case !s.goesOn() && !s.seg.part.stopped.Load():
		// Its context has ended and nobody has stopped the flow yet: this is
		// not known to be the end of the items.
		s.seg.fail(s.seg.ctx.Err())
	default:
		flush(s.seg, s.out)
	}
}
