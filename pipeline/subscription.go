package pipeline

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/thence-go/thence/internal/task"
	"github.com/thence-go/thence/pipeline/internal/lane"
)

// subscription is one buffer of a topic.
//
//	made --run--> read --end of the run--> gone
//	  \--Close----\--Close--> closed: what it holds, then the end
type subscription[T any] struct {
	topic  *Topic[T]
	room   int
	o      Overflow
	used   atomic.Bool
	filled chan struct{} // tells the reader that it need not wait any more

	mu     sync.Mutex // held for a few instructions, never while anything blocks
	items  lane.FIFO[T]
	queue  []*letIn[T] // who waits for room; there is none while anybody does
	closed bool
	gone   bool
	wanted bool         // a point right behind wants to know what the run leaves
	left   lane.FIFO[T] // that
}

// letIn is an item of one Publish that waits for room.
type letIn[T any] struct {
	to   *subscription[T]
	v    T
	done chan struct{} // closed when it waits no more
	err  error         // set before
}

func (w *letIn[T]) settle(err error) {
	w.err = err
	close(w.done)
}

func newSubscription[T any](t *Topic[T], room int, o Overflow) *subscription[T] {
	return &subscription[T]{topic: t, room: room, o: o, filled: make(chan struct{}, 1)}
}

// offer takes v in or drops it; if it must wait, it returns what to wait for.
func (s *subscription[T]) offer(v T) *letIn[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.gone:
		return nil
	case s.closed || s.o == Block && s.items.Len() >= s.room:
		w := &letIn[T]{to: s, v: v, done: make(chan struct{})}
		if s.closed {
			w.settle(ErrClosed)
		} else {
			s.queue = append(s.queue, w)
		}
		return w
	case s.items.Len() >= s.room:
		s.topic.dropped.Add(1)
		if s.o == DropNewest {
			return nil
		}
		s.items.Pop()
	}
	s.items.Push(v)
	s.tell()
	return nil
}

func (s *subscription[T]) tell() {
	select {
	case s.filled <- struct{}{}:
	default:
	}
}

// awaitRoom waits until all are settled. If it gives up, it takes the rest back.
func awaitRoom[T any](ctx context.Context, late []*letIn[T]) error {
	if len(late) == 0 {
		return nil
	}
	defer task.Parked(ctx)()
	for i, w := range late {
		select {
		case <-w.done:
		case <-ctx.Done():
			if withdraw(late[i:]) {
				return over(ctx)
			}
			<-w.done // at the last moment
		}
		if w.err != nil {
			withdraw(late[i+1:])
			return w.err
		}
	}
	return nil
}

// withdraw reports whether any still waited.
func withdraw[T any](late []*letIn[T]) (some bool) {
	for _, w := range late {
		w.to.mu.Lock()
		if i := slices.Index(w.to.queue, w); i >= 0 {
			w.to.queue = slices.Delete(w.to.queue, i, i+1)
			some = true
		}
		w.to.mu.Unlock()
	}
	return some
}

// next gives the first item. Without one it reports whether there will be more.
func (s *subscription[T]) next() (v T, ok, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.items.Len() == 0 {
		return v, false, !s.closed
	}
	v = s.items.Pop()
	if len(s.queue) > 0 {
		w := s.queue[0]
		s.queue = slices.Delete(s.queue, 0, 1)
		s.items.Push(w.v)
		w.settle(nil)
	}
	return v, true, true
}

// close settles who waits: nothing comes in any more.
func (s *subscription[T]) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.releaseLocked(ErrClosed)
	s.tell()
}

// leave ends the subscription.
func (s *subscription[T]) leave() {
	s.topic.remove(s)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wanted && !s.gone {
		s.left = s.items
	}
	s.gone = true
	s.items = lane.FIFO[T]{}
	s.releaseLocked(nil)
}

// seenBy tells a point what the run has left here.
func (s *subscription[T]) seenBy(l *leftovers[T]) {
	s.wanted = true
	l.add(func(fn func(T)) {
		s.mu.Lock()
		left := s.left
		s.left = lane.FIFO[T]{}
		s.mu.Unlock()
		for i := range left.Len() {
			fn(left.At(i))
		}
	})
}

func (s *subscription[T]) releaseLocked(err error) {
	for _, w := range s.queue {
		w.settle(err)
	}
	s.queue = nil
}

// miss is the run that has ended before it began.
func (s *subscription[T]) miss() {
	if !s.used.Swap(true) {
		s.leave()
	}
}

func (s *subscription[T]) open(p *part, to dest[T]) {
	mine := !s.used.Swap(true)
	if mine {
		p.finally(s.leave) // also if its segment never begins
	}
	if s.o != Block {
		box := buffered[T]{to: to, name: "source", room: s.room, full: s.o.full(), dropped: &s.topic.dropped}
		if mine {
			box.source = s.seenBy
		}
		to = box
	}
	src := openSource(p, to, func(src *sourcing[T]) error {
		if !mine {
			return ErrUsed
		}
		defer s.leave()
		return s.read(src)
	})
	if point, ok := src.out.(*watched[T]); ok && mine {
		s.seenBy(point.left)
	}
}

func (s *subscription[T]) read(src *sourcing[T]) error {
	done := src.seg.ctx.Done()
	for src.goesOn() {
		v, ok, more := s.next()
		switch {
		case ok:
			if !src.deliver(v) {
				return nil
			}
		case !more:
			return nil
		default:
			select {
			case <-s.filled:
			case <-done:
			}
		}
	}
	return nil
}
