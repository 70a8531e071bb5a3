package pipeline

import (
	"context"
	"errors"

	"github.com/thence-go/thence/internal/task"
)

// ErrNoItems is what First returns when the flow has ended without an item.
var ErrNoItems = errors.New("pipeline: the flow has no items")

// First returns the first item and ends the flow: what is upstream stops, as if
// its consumer had walked away, and its failures do not count any more. If the
// flow ends without an item, the error is ErrNoItems.
//
// On cancel of ctx the error matches future.ErrCanceled and unwraps to the
// cause.
func (f Flow[T]) First(ctx context.Context) (T, error) {
	mustFlow("First", f)
	mustContext("First", ctx)
	var first T
	if err := f.over(ctx); err != nil {
		return first, err
	}
	got := false
	err := f.begin(ctx, "first").drive(func(v T) bool {
		first, got = v, true
		return false
	})
	switch {
	case got:
		return first, nil
	case err == nil:
		err = ErrNoItems
	}
	return first, err
}

// SendTo sends every item to c, in order, from the caller's own goroutine. It
// waits while c is full, and does not close c. Sending on a closed channel is a
// panic, which fails the flow.
//
// On cancel of ctx it stops, also while it waits for c: the error matches
// future.ErrCanceled and unwraps to the cause. The item that it was about to
// send is lost.
func (f Flow[T]) SendTo(ctx context.Context, c chan<- T) error {
	mustFlow("SendTo", f)
	mustContext("SendTo", ctx)
	if c == nil {
		panic("pipeline: SendTo needs a channel, got nil")
	}
	if err := f.over(ctx); err != nil {
		return err
	}
	s := f.begin(ctx, f.label("sendto", ""))
	return s.drive(func(v T) bool { return send(s.seg.ctx, c, v) })
}

// send gives the place of the task that it runs in back while it waits.
func send[T any](ctx context.Context, c chan<- T, v T) bool {
	select {
	case c <- v:
		return true
	default:
	}
	defer task.Parked(ctx)()
	select {
	case c <- v:
		return true
	case <-ctx.Done():
		return false
	}
}
