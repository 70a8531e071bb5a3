package futuretest

import (
	"context"
	"sync/atomic"
)

func chaining() []Rule {
	return []Rule{
		{
			ID: "4.1", Title: "Then goes on with the value; its own failure is its outcome",
			needs: promises | then,
			run: func(c *check) {
				p := c.promise()
				f := c.Then(p.Future, double)
				g := c.Then(f, func(context.Context, int) (int, error) { return 0, errBoom })
				p.Resolve(4)
				c.value(f, 8)
				c.failure(g, errBoom)
			},
		},
		{
			ID: "4.2", Title: "A failure passes by Then, unchanged, and its function is not called",
			needs: promises | then,
			run: func(c *check) {
				p := c.promise()
				fn, called := c.counts()
				f := c.Then(p.Future, fn)
				p.Reject(errBoom)
				c.failure(f, errBoom)
				c.want(called() == 0, "the function was called")
			},
		},
		{
			ID: "4.3", Title: "A cancellation passes by Then, with its cause, and its function is not called",
			needs: promises | then | cancel | isCanceled,
			run: func(c *check) {
				p := c.promise()
				fn, called := c.counts()
				f := c.Then(p.Future, fn)
				c.Cancel(p.Future, errCause)
				c.canceled(f, errCause)
				c.want(called() == 0, "the function was called")
			},
		},
		{
			ID: "4.4", Title: "A canceled Then settles at once, and its function is never called",
			needs: promises | then | cancel | isCanceled,
			run: func(c *check) {
				p := c.promise()
				keep := c.Then(p.Future, double)
				fn, called := c.counts()
				f := c.Then(p.Future, fn)
				c.Cancel(f, errCause)
				c.canceled(f, errCause)
				p.Resolve(1)
				c.value(keep, 2)
				c.rest()
				c.want(called() == 0, "the function was called")
			},
		},
		{
			ID: "4.5", Title: "Whatever a cancel does, the future settles",
			needs: promises | then | cancel,
			run: func(c *check) {
				p := c.promise()
				f := c.Then(p.Future, double)
				c.returns("Cancel", func() { c.Cancel(f, errCause) })
				p.Resolve(1)
				_, _ = c.outcome(f)
			},
		},
		{
			ID: "4.6", Title: "Canceling the end of a chain cancels the work at its head",
			needs: goes | then | cancel | contexts,
			run: func(c *check) {
				w := c.worker(context.Background())
				f := c.Then(c.Then(w.f, double), double)
				c.Cancel(f, errCause)
				c.want(w.stopped(), "the work goes on")
			},
		},
		{
			ID: "4.7", Title: "Work on which somebody else depends is not canceled, until that is canceled too",
			needs: goes | then | cancel | contexts,
			run: func(c *check) {
				w := c.worker(context.Background())
				one, other := c.Then(w.f, double), c.Then(w.f, double)
				c.Cancel(one, errCause)
				c.want(!w.stopped(), "the work was canceled although another future depends on it")
				c.Cancel(other, errCause)
				c.want(w.stopped(), "the work goes on although nobody depends on it")
			},
		},
		{
			ID: "4.8", Title: "To cancel a continuation that runs ends its ctx; it settles when it returns",
			Why:   "a future that has settled while its function still runs lies about what has stopped",
			needs: promises | then | cancel | isCanceled | contexts,
			run: func(c *check) {
				p := c.promise()
				gate, open := c.gate()
				f := c.Then(p.Future, func(ctx context.Context, _ int) (int, error) {
					<-ctx.Done()
					<-gate
					return 0, ctx.Err()
				})
				p.Resolve(1)
				c.rest()
				c.Cancel(f, errCause)
				c.pending(f, "although its function still runs")
				open()
				c.canceled(f, errCause)
			},
		},
		{
			ID: "4.9", Title: "To cancel work that runs does not settle it before its function returns",
			needs: goes | cancel,
			run: func(c *check) {
				f, release := c.stubborn(7, always(nil))
				c.Cancel(f, errCause)
				c.pending(f, "although its function still runs")
				release()
				_, _ = c.outcome(f)
			},
		},
		{
			ID: "4.10", Title: "Of two cancels the first gives the cause",
			needs: goes | cancel | isCanceled | contexts | causes,
			run: func(c *check) {
				f, release := c.stubborn(0, func(ctx context.Context) error { return ctx.Err() })
				c.Cancel(f, errCause)
				c.Cancel(f, errBoom)
				release()
				c.canceled(f, errCause)
			},
		},
		{
			ID: "4.11", Title: "To cancel a settled future changes nothing",
			needs: promises | cancel,
			run: func(c *check) {
				p := c.promise()
				p.Resolve(1)
				c.value(p.Future, 1)
				c.Cancel(p.Future, errCause)
				c.value(p.Future, 1)
			},
		},
		{
			ID: "4.12", Title: "A promise whose future is canceled settles at once, with the cause",
			needs: promises | cancel | isCanceled,
			run: func(c *check) {
				p := c.promise()
				c.Cancel(p.Future, errCause)
				c.canceled(p.Future, errCause)
				p.Resolve(1)
				c.canceled(p.Future, errCause)
			},
		},
		{
			ID: "4.13", Title: "Resolve after such a cancel reports false",
			needs: promises | cancel | isCanceled | tells,
			run: func(c *check) {
				p := c.promise()
				c.Cancel(p.Future, errCause)
				c.want(!p.Resolve(1), "Resolve reports true")
			},
		},
		{
			ID: "4.14", Title: "A continuation's ctx has the values of the ctx that its chain was launched with",
			needs: goes | then | contexts,
			run: func(c *check) {
				type key struct{}
				ctx := context.WithValue(context.Background(), key{}, 5)
				f := c.Go(ctx, func(context.Context) (int, error) { return 1, nil })
				c.value(c.Then(f, func(ctx context.Context, v int) (int, error) {
					w, _ := ctx.Value(key{}).(int)
					return v + w, nil
				}), 6)
			},
		},
		{
			ID: "4.15", Title: "A continuation's ctx is live, although the work that it follows is over",
			needs: goes | then | contexts,
			run: func(c *check) {
				f, release := c.stubborn(1, always(nil))
				g := c.Then(f, func(ctx context.Context, v int) (int, error) { c.rest(); return v, ctx.Err() })
				release()
				c.value(g, 1)
			},
		},
		{
			ID: "4.16", Title: "Catch goes on after a failure; its outcome replaces it",
			needs: promises | catch,
			run: func(c *check) {
				p, q := c.promise(), c.promise()
				saw := make(chan error, 1)
				f := c.Catch(p.Future, func(_ context.Context, err error) (int, error) { saw <- err; return 3, nil })
				g := c.Catch(q.Future, func(context.Context, error) (int, error) { return 0, errCause })
				p.Reject(errBoom)
				q.Reject(errBoom)
				c.value(f, 3)
				c.isFailure(<-saw, errBoom)
				c.failure(g, errCause)
			},
		},
		{
			ID: "4.17", Title: "A value passes by Catch, and its function is not called",
			needs: promises | catch,
			run: func(c *check) {
				p := c.promise()
				fn, called := c.counts()
				f := c.Catch(p.Future, func(ctx context.Context, _ error) (int, error) { return fn(ctx, 0) })
				p.Resolve(1)
				c.value(f, 1)
				c.want(called() == 0, "the function was called")
			},
		},
		{
			ID: "4.18", Title: "A cancellation passes by Catch, and its function is not called",
			Why:   "what falls back on a failure must not go on with work that nobody wants",
			needs: promises | catch | cancel | isCanceled,
			run: func(c *check) {
				p := c.promise()
				fn, called := c.counts()
				f := c.Catch(p.Future, func(ctx context.Context, _ error) (int, error) { return fn(ctx, 0) })
				c.Cancel(p.Future, errCause)
				c.canceled(f, errCause)
				c.want(called() == 0, "the function was called")
			},
		},
		{
			ID: "4.19", Title: "Canceling a Catch cancels the work that it follows",
			needs: goes | catch | cancel | contexts,
			run: func(c *check) {
				w := c.worker(context.Background())
				c.Cancel(c.Catch(w.f, func(_ context.Context, err error) (int, error) { return 0, err }), errCause)
				c.want(w.stopped(), "the work goes on")
			},
		},
		{
			ID: "4.20", Title: "Finally runs after a value and after a failure, and lets them pass",
			needs: promises | finally,
			run: func(c *check) {
				var ran atomic.Int32
				p, q := c.promise(), c.promise()
				f, g := c.Finally(p.Future, func() { ran.Add(1) }), c.Finally(q.Future, func() { ran.Add(1) })
				p.Resolve(1)
				q.Reject(errBoom)
				c.value(f, 1)
				c.failure(g, errBoom)
				c.want(ran.Load() == 2, "its function ran %d times of 2", ran.Load())
			},
		},
		{
			ID: "4.21", Title: "Finally runs after a cancellation, and lets it pass",
			needs: promises | finally | cancel | isCanceled,
			run: func(c *check) {
				var ran atomic.Int32
				p := c.promise()
				f := c.Finally(p.Future, func() { ran.Add(1) })
				c.Cancel(p.Future, errCause)
				c.canceled(f, errCause)
				c.want(ran.Load() == 1, "its function ran %d times", ran.Load())
			},
		},
		{
			ID: "4.22", Title: "A canceled Finally still runs when its input settles, and cancels that",
			Why:   "what has to be closed has to be closed however the chain ends",
			needs: goes | finally | cancel | contexts,
			run: func(c *check) {
				var ran atomic.Int32
				w := c.worker(context.Background())
				f := c.Finally(w.f, func() { ran.Add(1) })
				c.Cancel(f, errCause)
				c.want(w.stopped(), "the work goes on")
				_, _ = c.outcome(f)
				c.want(ran.Load() == 1, "its function ran %d times", ran.Load())
			},
		},
	}
}

// counts is a continuation that counts its calls.
func (c *check) counts() (fn func(context.Context, int) (int, error), called func() int32) {
	var n atomic.Int32
	return func(_ context.Context, v int) (int, error) { n.Add(1); return v, nil }, n.Load
}
