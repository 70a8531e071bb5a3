package futuretest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

func outcomes() []Rule {
	return []Rule{
		{
			ID: "2.1", Title: "The function returns a value: the outcome is that value",
			needs: goes,
			run: func(c *check) {
				c.value(c.Go(context.Background(), func(context.Context) (int, error) { return 7, nil }), 7)
			},
		},
		{
			ID: "2.2", Title: "The function returns an error of its own: the outcome is that failure",
			needs: goes,
			run: func(c *check) {
				c.failure(c.Go(context.Background(), func(context.Context) (int, error) { return 0, errBoom }), errBoom)
			},
		},
		{
			ID: "2.3", Title: "A value counts even after a cancel: the work was done",
			needs: goes | cancel,
			run: func(c *check) {
				f, release := c.stubborn(7, always(nil))
				c.Cancel(f, errCause)
				release()
				c.value(f, 7)
			},
		},
		{
			ID: "2.4", Title: "A context error while the work's own ctx is live is a failure",
			Why:   "an inner deadline that fires is no reason to believe that somebody canceled",
			needs: goes | isCanceled,
			run: func(c *check) {
				for _, inner := range []error{context.Canceled, context.DeadlineExceeded} {
					f := c.Go(context.Background(), func(context.Context) (int, error) { return 0, fmt.Errorf("inner: %w", inner) })
					c.failure(f, inner)
				}
			},
		},
		{
			ID: "2.5", Title: "ctx.Err() after a cancel: canceled, with the cause",
			needs: goes | cancel | isCanceled | contexts,
			run: func(c *check) {
				w := c.worker(context.Background())
				c.Cancel(w.f, errCause)
				c.canceled(w.f, errCause)
			},
		},
		{
			ID: "2.6", Title: "context.Cause(ctx) after a cancel: canceled, with the cause",
			needs: goes | cancel | isCanceled | contexts | causes,
			run: func(c *check) {
				f, release := c.stubborn(0, context.Cause)
				c.Cancel(f, errCause)
				release()
				c.canceled(f, errCause)
			},
		},
		{
			ID: "2.7", Title: "The parent ctx ends: canceled, with its cause",
			needs: goes | isCanceled | contexts,
			run: func(c *check) {
				ctx, end := context.WithCancelCause(context.Background())
				w := c.worker(ctx)
				end(errCause)
				c.canceled(w.f, errCause)
			},
		},
		{
			ID: "2.8", Title: "The parent's deadline passes: canceled, matching context.DeadlineExceeded",
			needs: goes | isCanceled | contexts,
			run: func(c *check) {
				ctx, stop := context.WithTimeout(context.Background(), time.Second)
				defer stop()
				c.canceled(c.worker(ctx).f, context.DeadlineExceeded)
			},
		},
		{
			ID: "2.9", Title: "Another error is a failure even after a cancel",
			Why:   "a full disk must not be hidden because somebody canceled in the meantime",
			needs: goes | cancel | isCanceled,
			run: func(c *check) {
				f, release := c.stubborn(0, always(errBoom))
				c.Cancel(f, errCause)
				release()
				c.failure(f, errBoom)
			},
		},
		{
			ID: "2.10", Title: "A failure joined to the context error is not lost",
			needs: goes | cancel | isCanceled | contexts,
			run: func(c *check) {
				f, release := c.stubborn(0, func(ctx context.Context) error { return errors.Join(ctx.Err(), errBoom) })
				c.Cancel(f, errCause)
				release()
				c.failure(f, errBoom)
			},
		},
		{
			ID: "2.11", Title: "A wrapped context error after a cancel: canceled, with the cause",
			needs: goes | cancel | isCanceled | contexts,
			run: func(c *check) {
				f, release := c.stubborn(0, func(ctx context.Context) error { return fmt.Errorf("reading: %w", ctx.Err()) })
				c.Cancel(f, errCause)
				release()
				c.canceled(f, errCause)
			},
		},
		{
			ID: "2.12", Title: "An inner deadline that fires after a cancel: canceled, with the cause",
			needs: goes | cancel | isCanceled,
			run: func(c *check) {
				f, release := c.stubborn(0, always(context.DeadlineExceeded))
				c.Cancel(f, errCause)
				release()
				c.canceled(f, errCause)
			},
		},
		{
			ID: "2.13", Title: "The parent ctx has ended before: canceled, and the function is not called",
			needs: goes | isCanceled,
			run: func(c *check) {
				ctx, end := context.WithCancelCause(context.Background())
				end(errCause)
				var called atomic.Bool
				f := c.Go(ctx, func(ctx context.Context) (int, error) {
					called.Store(true)
					return 0, ctx.Err()
				})
				c.canceled(f, errCause)
				c.want(!called.Load(), "the function was called")
			},
		},
		{
			ID: "2.14", Title: "The ctx of Await ends first: stopped waiting, with the cause, and not canceled",
			needs: promises | isStopped,
			run: func(c *check) {
				p := c.promise()
				ctx, end := context.WithCancelCause(context.Background())
				end(errCause)
				c.stopped(p.Future, ctx, errCause)
				ctx, stop := context.WithTimeout(context.Background(), time.Second)
				defer stop()
				c.stopped(p.Future, ctx, context.DeadlineExceeded)
			},
		},
		{
			ID: "2.15", Title: "To stop waiting stops neither the work nor who else awaits",
			needs: goes | isStopped,
			run: func(c *check) {
				w := c.worker(context.Background())
				other := c.awaitMany(w.f, 1)
				ctx, stop := context.WithCancel(context.Background())
				stop()
				c.stopped(w.f, ctx, context.Canceled)
				c.want(!w.stopped(), "the ctx of the work has ended")
				w.release()
				c.want(<-other == 7, "the other Await did not get the value")
				c.value(w.f, 7)
			},
		},
		{
			ID: "2.16", Title: "That other work was canceled is a failure of this work",
			needs: goes | promises | cancel | isCanceled,
			run: func(c *check) {
				other := c.promise()
				c.Cancel(other.Future, errCause)
				c.canceled(other.Future, errCause)
				_, err := c.outcome(c.Go(context.Background(), other.Future.Await))
				c.want(err != nil, "want a failure, got a success")
				c.noCancel(err)
			},
		},
		{
			ID: "2.17", Title: "That this work stopped waiting for other work is a failure of this work",
			needs: goes | promises | isStopped,
			run: func(c *check) {
				other := c.promise()
				_, err := c.outcome(c.Go(context.Background(), func(ctx context.Context) (int, error) {
					ctx, stop := context.WithTimeout(ctx, time.Second)
					defer stop()
					return other.Future.Await(ctx)
				}))
				c.isFailure(err, context.DeadlineExceeded)
			},
		},
		{
			ID: "2.18", Title: "Work that awaits itself gets an error instead of hanging",
			needs: goes | isDeadlock,
			run: func(c *check) {
				self := make(chan Future, 1)
				f := c.Go(context.Background(), func(ctx context.Context) (int, error) { return (<-self).Await(ctx) })
				self <- f
				_, err := c.outcome(f)
				c.want(err != nil && c.Deadlock(err), "want the error of a deadlock, got %v", err)
			},
		},
	}
}

// stopped awaits f with a ctx that ends first.
func (c *check) stopped(f Future, ctx context.Context, cause error) {
	var err error
	c.returns("Await with a ctx that ends", func() { _, err = f.Await(ctx) })
	c.want(err != nil, "want an error, got a success")
	c.want(c.StoppedWaiting(err), "want a wait that was given up, got %q", err)
	c.want(errors.Is(err, cause), "the error %q has lost the cause %q", err, cause)
	c.want(c.Canceled == nil || !c.Canceled(err), "the error %q counts as a cancellation of the work", err)
}
