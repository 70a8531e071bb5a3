package pipelinetest

import (
	"context"
	"math"
	"time"
)

func ends() []Rule {
	return []Rule{{
		ID: "6.1", Title: "A Take behind it ends it",
		Why:   "else a flow of which the first few items are wanted has no end",
		needs: early,
		run: func(c *check) {
			s := c.source(math.MaxInt)
			s.pace = time.Second // of an item that comes alone
			got, err := c.ranges(context.Background(), c.flow(s).take(1), -1)
			c.want(err == nil, "a Take behind it makes it fail: %v", err)
			c.want(len(got) == 1, "a Take(1) behind it gives %d results", len(got))
			c.stopped(s)
		},
	}, {
		ID: "6.2", Title: "It does not read on when nobody takes its results",
		Why: "a consumer that is slower than the source fills the memory",
		needs: func(d declared) string {
			if d.drops {
				return "a source that has to wait, and Drops is declared"
			}
			return early(d)
		},
		run: func(c *check) {
			s := c.source(c.ahead + 1)
			var read int64
			c.returns("ForEach", func() {
				c.flow(s).each(context.Background(), func(context.Context, any) error {
					time.Sleep(time.Hour) // virtual: until nothing moves any more
					read = s.yielded.Load()
					return errBoom
				})
			})
			c.want(read <= int64(c.ahead), "it has read more than %d items for a consumer that has stopped", c.ahead)
		},
	}}
}
