package pipeline

import "context"

// Waiter is what Throttle asks before each item: *ratelimit.Limiter is one.
// Wait returns when the item may go on. It must return when ctx ends.
type Waiter interface{ Wait(context.Context) error }

// Throttle lets each item go on when l.Wait has returned. An error of Wait
// fails the flow.
//
// It has a goroutine of its own, which holds the item that waits. What has been
// let through waits before the next step as behind every step.
func (f Flow[T]) Throttle(l Waiter) Flow[T] {
	mustFlow("Throttle", f)
	mustFunc("Throttle", "Waiter", l == nil)
	return parallel(f, f.label("throttle", ""), configure(nil), func(ctx context.Context, v T) (T, error) {
		return v, l.Wait(ctx)
	})
}
