package pipeline

import (
	"context"
	"errors"

	"github.com/thence-go/thence/future"
)

// inFlight is how many futures MapAsync has without Workers.
const inFlight = 16

// MapAsync lets fn start a future for every item, and the values of the futures
// go on: in the order of the items, unless Unordered. At most as many are in
// flight as there are Workers, 16 without that option; each of them has a
// goroutine of the flow, or a task with On, that calls fn and awaits what it
// returns, so several calls of fn run at once. Ahead bounds the values that
// wait, as for Then.
//
// The first future that fails or is canceled fails the flow, with ErrSkip its
// item is dropped. When the flow stops, the futures in flight are canceled, with
// its cause, and the terminal waits until they have settled.
func MapAsync[A, B any](f Flow[A], fn func(context.Context, A) *future.Future[B], opts ...Option) Flow[B] {
	mustFlow("MapAsync", f)
	mustFunc("MapAsync", "function", fn == nil)
	c := configure(append([]Option{Workers(inFlight)}, opts...))
	return parallel(f, f.label("mapasync", c.name), c, func(ctx context.Context, a A) (B, error) {
		v := fn(ctx, a)
		if v == nil {
			panic("pipeline: the function of MapAsync must return a future, got nil: future.Failed and future.Resolved make settled ones")
		}
		return awaitAll(ctx, v)
	})
}

// awaitAll is an Await that leaves nothing behind: when ctx ends, it cancels
// and goes on waiting.
func awaitAll[B any](ctx context.Context, f *future.Future[B]) (B, error) {
	v, err := f.Await(ctx)
	if err != nil && ctx.Err() != nil && errors.Is(err, future.ErrStoppedWaiting) {
		f.Cancel(context.Cause(ctx))
		return f.Await(context.WithoutCancel(ctx))
	}
	return v, err
}
