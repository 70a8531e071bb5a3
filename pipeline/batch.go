package pipeline

import (
	"fmt"
	"time"

	"github.com/thence-go/thence/pipeline/internal/lane"
)

// Batch gathers items into slices of n. One with fewer goes on when maxWait
// has passed since its first item came, and at the end of the flow; with a
// maxWait of 0, only then. The slices are the receiver's to keep.
//
// With a maxWait the step has a goroutine of its own; without, it is fused
// with its neighbor.
func Batch[A any](f Flow[A], n int, maxWait time.Duration) Flow[[]A] {
	return batch[A, []A](f, n, maxWait)
}

func mustWait(name string, d time.Duration) {
	if d < 0 {
		panic(fmt.Sprintf("pipeline: %s needs a maxWait of 0 (none) or more, got %v", name, d))
	}
}

// batch is Batch as a method can call it too: a method of Flow[T] must not
// name Flow[[]T], or the type would need itself without end.
func batch[T any, B []T](f Flow[T], n int, maxWait time.Duration) Flow[B] {
	mustFlow("Batch", f)
	if n < 1 {
		panic(fmt.Sprintf("pipeline: Batch needs a size of at least 1, got %d", n))
	}
	mustWait("Batch", maxWait)
	return batches[T, B](f, f.label("batch", ""), int64(n), nil, maxWait)
}

// batches is a step that puts items together up to a weight; without a
// function, each weighs 1.
func batches[T any, B []T](f Flow[T], name string, most int64, weigh func(T) int64, maxWait time.Duration) Flow[B] {
	return next(f, name, unknown, func(p *part, to dest[B]) {
		if maxWait == 0 {
			f.open(p, fused[T, B]{to: to, name: name, link: func(l *link[B]) outlet[T] {
				return &batching[T, B]{link: *l, most: most, weigh: weigh}
			}})
			return
		}
		seg := p.segment(name)
		w := &timedBatch[T, B]{wait: maxWait}
		w.most, w.weigh, w.next = most, weigh, to.attach(p, []*segment{seg}, order{})[0]
		w.seg, w.here = seg, seg.at
		f.open(p, holding[T]{held: w.Leftover, toEdge: toEdge[T]{consumers: 1, begin: func(e *lane.Edge[T]) {
			w.in = reads(seg, e, 0)
			p.spawn(seg, w.Close, w.main)
		}}})
	})
}

type batching[T any, B []T] struct {
	link[B]
	most   int64
	weigh  func(T) int64 // nil: each item weighs 1
	held   B
	weight int64 // of held
	last   int   // length of the batch before
}

func (b *batching[T, B]) Put(_ uint64, v T) bool {
	b.enter()
	weight := int64(1)
	if b.weigh != nil {
		weight = max(1, b.weigh(v))
	}
	full := b.held
	if full != nil && weight > b.most-b.weight {
		b.held, b.last = nil, len(full)
	} else {
		full = nil
	}
	if b.held == nil {
		b.held, b.weight = make(B, 0, min(b.most, int64(max(64, b.last)))), 0
	}
	b.held = append(b.held, v) // before anything goes on: it must not be lost
	b.weight += weight
	if full != nil && !b.next.Put(0, full) {
		return false
	}
	return b.weight < b.most || b.emit()
}

// Leftover gives what is in no batch yet.
func (b *batching[T, B]) Leftover(fn func(T)) {
	for _, v := range b.held {
		fn(v)
	}
}

func (b *batching[T, B]) Skip(uint64) bool { return true }

func (b *batching[T, B]) Flush() bool {
	ok := b.emit()
	return b.next.Flush() && ok
}

func (b *batching[T, B]) emit() bool {
	out := b.held
	if out == nil {
		return true
	}
	b.held, b.last = nil, len(out)
	return b.next.Put(0, out)
}

// timedBatch is a batch that does not wait for its items for ever.
type timedBatch[T any, B []T] struct {
	batching[T, B]
	in    *lane.Consumer[T]
	wait  time.Duration
	first time.Time // when the held batch began
	timer *time.Timer
}

func (b *timedBatch[T, B]) main() {
	for {
		ok, late := b.in.TakeUntil(b.alarm())
		switch {
		case ok:
			if !b.gather() {
				return
			}
		case late:
			if !b.seg.apart(b.emit) {
				return
			}
		default:
			if b.timer != nil {
				b.timer.Stop()
			}
			flush(b.seg, b)
			return
		}
	}
}

// gather goes through what was taken.
func (b *timedBatch[T, B]) gather() bool {
	for {
		held := len(b.held)
		if !b.Put(0, b.in.Item()) {
			return false
		}
		if len(b.held) <= held || held == 0 { // another batch has begun
			b.first = time.Now()
		}
		if !b.in.Next() {
			break
		}
	}
	return b.held == nil || time.Since(b.first) < b.wait || b.emit()
}

// alarm is when the held batch must go on; nil while there is none.
func (b *timedBatch[T, B]) alarm() <-chan time.Time {
	if b.held == nil {
		return nil
	}
	left := b.wait - time.Since(b.first)
	if b.timer == nil {
		b.timer = time.NewTimer(left)
	} else {
		b.timer.Reset(left)
	}
	return b.timer.C
}
