package pipeline

import (
	"context"
	"iter"
)

// FlatMap puts the items of a sequence in the place of each item. fn and its
// sequences should be quick and cannot fail; for those that may block or fail
// there is Expand.
//
// Without Workers it is fused with its neighbor: it has no goroutine and holds
// nothing back, so a sequence may be endless. With Workers it is run as Expand
// is. When the flow stops, yield reports false.
func FlatMap[A, B any](f Flow[A], fn func(A) iter.Seq[B], opts ...Option) Flow[B] {
	mustFlow("FlatMap", f)
	mustFunc("FlatMap", "function", fn == nil)
	c := configure(opts)
	name := f.label("flatmap", c.name)
	if c.workers > 1 || c.on != nil {
		return expand(f, name, c, func(_ context.Context, a A) iter.Seq2[B, error] {
			return func(yield func(B, error) bool) {
				for b := range mustSeq(fn(a)) {
					if !yield(b, nil) {
						return
					}
				}
			}
		})
	}
	return next(f, name, unknown, func(p *part, to dest[B]) {
		f.open(p, fused[A, B]{to: to, name: name, link: func(l *link[B]) outlet[A] {
			return &flattening[A, B]{link: *l, fn: fn}
		}})
	})
}

type flattening[A, B any] struct {
	link[B]
	fn func(A) iter.Seq[B]
}

func (f *flattening[A, B]) Put(n uint64, a A) bool {
	f.enter()
	for b := range mustSeq(f.fn(a)) {
		ok := putOneOf(f.seg, f.next, n, b)
		f.seg.at = f.here // the sequence goes on
		// What follows may drop everything and never say that the run is over.
		if !ok || f.seg.flows.stopped.Load() {
			return false
		}
	}
	return true
}

func mustSeq[T any](seq iter.Seq[T]) iter.Seq[T] {
	if seq == nil {
		panic("pipeline: the function of FlatMap must return a sequence, got nil: one without items is func(func(T) bool) {}")
	}
	return seq
}
