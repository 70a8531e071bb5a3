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
	name := f.label("throttle", "")
	return next(f, name, f.total, func(p *part, to dest[T]) {
		t := &throttling[T]{l: l}
		f.open(p, holding[T]{held: t.leftover, toEdge: toWorkers(p, to, name, configure(nil), t.pass)})
	})
}

type throttling[T any] struct {
	l     Waiter
	held  T
	waits bool
}

func (t *throttling[T]) pass(ctx context.Context, v T) (T, error) {
	t.held, t.waits = v, true
	err := t.l.Wait(ctx)
	t.waits = err != nil && !isSkip(err)
	return v, err
}

// leftover gives the item that was not let through.
func (t *throttling[T]) leftover(fn func(T)) {
	if t.waits {
		fn(t.held)
	}
}
