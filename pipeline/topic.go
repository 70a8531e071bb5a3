package pipeline

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
)

// ErrClosed is what Publish returns when the topic is closed.
var ErrClosed = errors.New("pipeline: the topic is closed")

// Topic hands what is published to all who have subscribed by then. Each
// subscriber is a Flow with a buffer of its own.
//
// The zero value is ready. A Topic must not be copied after its first use. All
// methods are safe for concurrent use. What one goroutine publishes comes to
// each subscriber in order; what several publish at once may come to two
// subscribers in two orders.
//
// A flow that reads a topic and publishes to it closes a circle: it waits for
// itself when its own buffer is full. A buffer for all that can be on its way
// keeps that from happening, and so does DropOldest or DropNewest; the end of
// Publish's context ends it.
type Topic[T any] struct {
	mu      sync.Mutex         // held for a few instructions, never while anything blocks
	subs    []*subscription[T] // replaced, never changed
	closed  bool
	dropped atomic.Int64
}

// NewTopic makes a topic that nobody has subscribed to.
func NewTopic[T any]() *Topic[T] { return new(Topic[T]) }

// Publish gives v to every subscriber. If the buffer of one that was made with
// Block is full, it waits for room there; the others have v by then. When there
// are no subscribers, nothing happens. Once the topic is closed, also while it
// waits, it returns ErrClosed.
//
// On cancel of ctx it returns an error that matches future.ErrCanceled and
// unwraps to the cause: those whose buffer was full go without v. It does
// nothing if ctx has ended before.
func (t *Topic[T]) Publish(ctx context.Context, v T) error {
	mustContext("Publish", ctx)
	if err := over(ctx); err != nil {
		return err
	}
	t.mu.Lock()
	subs, closed := t.subs, t.closed
	t.mu.Unlock()
	if closed {
		return ErrClosed
	}
	var late []*letIn[T]
	for _, s := range subs {
		if w := s.offer(v); w != nil {
			late = append(late, w)
		}
	}
	return awaitRoom(ctx, late)
}

// Subscribe returns a flow of what is published from now on. Up to buffer items
// wait for it, from now on too, so nothing is lost before it runs; o says what
// happens to one that comes when the buffer is full. It ends when the topic is
// closed, after what the buffer holds.
//
// The subscription ends with its run, however that ends, and it can be run
// once: a second run fails with ErrUsed. One that is never run keeps its place,
// and with Block it holds up all who publish once its buffer is full.
//
// With Block a run reads ahead as behind every source. With DropOldest and
// DropNewest the buffer is the only place where items wait, but for what Buffer
// says of a fused step.
func (t *Topic[T]) Subscribe(buffer int, o Overflow) Flow[T] {
	mustBuffer("Subscribe", buffer, o)
	s := newSubscription(t, buffer, o)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		s.closed = true
	} else {
		t.subs = append(slices.Clip(t.subs), s)
	}
	return flowOf(&step{name: "source", miss: s.miss}, unknown, s.open)
}

// Close ends the topic: subscribers get what their buffers hold and then end.
// Further calls do nothing.
func (t *Topic[T]) Close() {
	t.mu.Lock()
	subs := t.subs
	t.subs, t.closed = nil, true
	t.mu.Unlock()
	for _, s := range subs {
		s.close()
	}
}

// Dropped returns how many items were dropped because a subscriber's buffer was
// full, all subscribers that there ever were together.
func (t *Topic[T]) Dropped() int64 { return t.dropped.Load() }

func (t *Topic[T]) remove(s *subscription[T]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(t.subs, s); i >= 0 {
		t.subs = slices.Concat(t.subs[:i], t.subs[i+1:])
	}
}
