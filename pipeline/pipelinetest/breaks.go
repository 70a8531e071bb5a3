package pipelinetest

import (
	"context"
	"time"
)

func breaks() []Rule {
	const why = "a loop that is left early is how most leaks of goroutines begin"
	at := func(place func(n int) int) func(*check) {
		return func(c *check) {
			all := len(c.result(c.flow(c.source(length))))
			s := c.source(length)
			s.pace = time.Second // so that the break comes before the end of the input
			if all > 0 {
				_, err := c.ranges(context.Background(), c.flow(s), place(all))
				c.want(err == nil, "a break is no failure, and gives %v", err)
			}
			c.stopped(s)
		}
	}
	return []Rule{{
		ID: "1.1", Title: "A break at the first result leaves nothing", Why: why,
		run: at(func(int) int { return 1 }),
	}, {
		ID: "1.2", Title: "A break in the middle leaves nothing", Why: why,
		run: at(func(n int) int { return (n + 1) / 2 }),
	}, {
		ID: "1.3", Title: "A break at the last result leaves nothing", Why: why,
		run: at(func(n int) int { return n }),
	}, {
		ID: "1.4", Title: "A break ends an input that waits for more",
		Why:   "else the loop ends with the next item only, which may never come",
		needs: early,
		run: func(c *check) {
			s := c.waiting()
			if s == nil {
				return
			}
			var err error
			c.returns("a loop over All", func() {
				err = c.flow(s).all(context.Background(), func(any) bool {
					time.Sleep(time.Hour) // virtual: until the input waits
					return false
				})
			})
			c.want(err == nil, "a break is no failure, and gives %v", err)
			c.stopped(s)
		},
	}, {
		ID: "1.5", Title: "A run to the end leaves nothing", Why: "what is left adds up, run by run",
		run: func(c *check) {
			s := c.source(length)
			c.result(c.flow(s))
			c.stopped(s)
		},
	}}
}
