package pipelinetest

import "context"

func runs() []Rule {
	return []Rule{{
		ID: "5.1", Title: "A second run has the same result",
		Why: "a flow is a description: what one run leaves in it spoils the next",
		run: func(c *check) {
			f := c.flow(c.source(length))
			c.same(c.result(f), c.result(f))
		},
	}, {
		ID: "5.2", Title: "A stage can be used in two flows",
		Why: "a stage is a function: what it keeps is shared by all who use it",
		run: func(c *check) {
			a, b := c.flow(c.source(length)), c.flow(c.source(length))
			c.same(c.result(a), c.result(b))
		},
	}, {
		ID: "5.3", Title: "Two runs at once have the same result",
		Why: "flows are values that goroutines share",
		run: func(c *check) {
			alone := c.result(c.flow(c.source(length)))
			// The two meet at the end of the input: none is done before the other
			// has begun.
			s := c.source(length)
			meet := make(chan struct{})
			var got [2][]any
			var errs [2]error
			s.end = func(ctx context.Context) error {
				select {
				case meet <- struct{}{}:
				case <-meet:
				case <-ctx.Done():
				case <-c.over:
				}
				return nil
			}
			f := c.flow(s)
			over := make(chan struct{})
			c.returns("one of two runs", func() {
				go func() {
					defer close(over)
					errs[1] = f.all(context.Background(), func(b any) bool { got[1] = append(got[1], b); return true })
				}()
				errs[0] = f.all(context.Background(), func(b any) bool { got[0] = append(got[0], b); return true })
				<-over
			})
			for i := range got {
				c.want(errs[i] == nil, "one of two runs at once fails: %v", errs[i])
				c.same(alone, got[i])
			}
		},
	}, {
		ID: "5.4", Title: "A run after one that was left or has failed is whole",
		Why: "what an early end leaves in the stage spoils the next run",
		run: func(c *check) {
			alone := c.result(c.flow(c.source(length)))
			fails := true
			s := c.source(length)
			s.end = func(context.Context) error {
				if fails {
					return errBoom
				}
				return nil
			}
			f := c.flow(s)
			c.ranges(context.Background(), f, 1)
			c.ranges(context.Background(), f, -1)
			fails = false
			c.same(alone, c.result(f))
		},
	}, {
		ID: "5.5", Title: "It works in two bubbles",
		Why:   "a channel or timer that is kept from one test makes the next one fail",
		again: true,
		run: func(c *check) {
			s := c.source(length)
			c.result(c.flow(s))
			c.stopped(s)
		},
	}}
}
