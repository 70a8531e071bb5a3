package pipelinetest

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/thence-go/thence/future"
)

func failures() []Rule {
	upstream := func(end func() error, judge func(c *check, err error)) func(*check) {
		return func(c *check) {
			for _, n := range c.places() {
				s := c.source(n)
				s.end = func(context.Context) error { return end() }
				_, err := c.ranges(context.Background(), c.flow(s), -1)
				c.want(err != nil, "the source failed after %d items, and the run did not", n)
				judge(c, err)
				c.stopped(s)
			}
		}
	}
	panicked := func(c *check, err error) {
		var p *future.PanicError
		c.want(errors.As(err, &p) && p.Value == "oops", "a panic comes out as %v, not as a *future.PanicError with its value", err)
	}
	return []Rule{{
		ID: "3.1", Title: "An error upstream is the error of the run",
		Why: "an error that is lost makes half a result look whole",
		run: upstream(func() error { return errBoom }, func(c *check, err error) {
			c.want(errors.Is(err, errBoom), "an error upstream comes out as %v", err)
			c.want(!errors.Is(err, future.ErrCanceled), "an error upstream comes out as a cancel: %v", err)
		}),
	}, {
		ID: "3.2", Title: "A panic upstream is the error of the run",
		Why: "it must neither be lost nor end the process",
		run: upstream(func() error { panic("oops") }, panicked),
	}, {
		ID: "3.3", Title: "A Goexit upstream is the error of the run",
		Why: "it is what t.FailNow does, and nothing else tells of it",
		run: upstream(func() error { runtime.Goexit(); return nil }, func(c *check, err error) {
			c.want(errors.Is(err, future.ErrGoexit), "a Goexit upstream comes out as %v", err)
		}),
	}, {
		ID: "3.4", Title: "A failure downstream ends what is upstream",
		Why:   "else the terminal waits for a source that nobody listens to",
		needs: early,
		run: func(c *check) {
			s := c.waiting()
			if s == nil {
				return
			}
			var err error
			failed := false
			c.returns("ForEach", func() {
				err = c.flow(s).each(context.Background(), func(context.Context, any) error {
					failed = true
					time.Sleep(time.Hour) // virtual: until the input waits
					return errBoom
				})
			})
			c.want(!failed || errors.Is(err, errBoom), "a failure downstream comes out as %v", err)
			c.stopped(s)
		},
	}, {
		ID: "3.5", Title: "A panic downstream is the error of the run",
		Why: "a stage that recovers from what it did not do hides the fault",
		run: func(c *check) {
			s := c.source(length)
			hit := false
			f := c.flow(s).tap(func() { hit = true; panic("oops") })
			_, err := c.ranges(context.Background(), f, -1)
			if hit {
				panicked(c, err)
			}
			c.stopped(s)
		},
	}}
}
