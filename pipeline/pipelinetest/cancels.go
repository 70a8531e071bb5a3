package pipelinetest

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

func cancels() []Rule {
	return []Rule{{
		ID: "2.1", Title: "Nothing runs before the terminal, nor with a context that is over",
		Why: "a stage that runs its input when it is built has no context to end it",
		run: func(c *check) {
			s := c.source(length)
			f := c.flow(s)
			c.want(s.runs.Load() == 0, "the source runs when the stage is built")
			ctx, cancel := context.WithCancelCause(context.Background())
			cancel(errCause)
			_, err := c.ranges(ctx, f, -1)
			c.canceled(err)
			c.want(s.runs.Load() == 0, "the source runs with a context that is over")
		},
	}, {
		ID: "2.2", Title: "The end of the context ends a run, wherever its input is",
		Why: "a program that shuts down waits for all its flows",
		run: func(c *check) {
			for _, n := range c.places() {
				ctx, cancel := context.WithCancelCause(context.Background())
				s := c.source(n)
				s.end = func(ctx context.Context) error { cancel(errCause); return s.wait(ctx) }
				_, err := c.ranges(ctx, c.flow(s), -1)
				c.canceled(err)
				c.stopped(s)
			}
		},
	}, {
		ID: "2.3", Title: "The end of the context ends a run whose input waits",
		Why: "it must not take another item to notice",
		run: func(c *check) {
			ctx, cancel := context.WithCancelCause(context.Background())
			s := c.source(min(3, c.most()))
			s.end = s.wait
			time.AfterFunc(time.Hour, func() { cancel(errCause) })
			_, err := c.ranges(ctx, c.flow(s), -1)
			c.canceled(err)
			c.stopped(s)
		},
	}, {
		ID: "2.4", Title: "The end of the context ends a run whose consumer is busy",
		Why: "the stage waits for room then, and must wait for the end as well",
		run: func(c *check) {
			ctx, cancel := context.WithCancelCause(context.Background())
			s := c.source(length)
			if !c.atEnd {
				s.end = s.wait
			}
			var err error
			busy := false
			c.returns("ForEach", func() {
				err = c.flow(s).each(ctx, func(ctx context.Context, _ any) error {
					busy = true
					time.AfterFunc(time.Hour, func() { cancel(errCause) })
					<-ctx.Done()
					return context.Cause(ctx)
				})
			})
			if busy {
				c.canceled(err)
			}
			c.stopped(s)
		},
	}, {
		ID: "2.5", Title: "What is upstream sees the values of the context",
		Why: "traces and loggers are handed on in them",
		run: func(c *check) {
			type key struct{}
			var blind atomic.Bool
			s := c.source(0)
			s.end = func(ctx context.Context) error {
				if ctx.Value(key{}) != "v" {
					blind.Store(true)
				}
				return nil
			}
			c.ranges(context.WithValue(context.Background(), key{}, "v"), c.flow(s), -1)
			c.want(!blind.Load(), "a source upstream does not see the value in the context of the terminal")
		},
	}, {
		ID: "2.6", Title: "What is upstream sees the cause of a cancel",
		Why: "else nobody can tell a timeout from a shutdown",
		run: func(c *check) {
			ctx, cancel := context.WithCancelCause(context.Background())
			s := c.source(min(3, c.most()))
			var other atomic.Pointer[error]
			s.end = func(ctx context.Context) error {
				err := s.wait(ctx)
				if !errors.Is(err, errCause) {
					other.Store(&err)
				}
				return err
			}
			time.AfterFunc(time.Hour, func() { cancel(errCause) })
			c.ranges(ctx, c.flow(s), -1)
			if seen := other.Load(); seen != nil {
				c.want(false, "a source upstream sees the cause %v", *seen)
			}
		},
	}}
}
