package ratelimittest

import (
	"math"
	"time"

	"github.com/thence-go/thence/ratelimit"
)

func refusals() []Rule {
	return []Rule{{
		ID: "1.8", Title: "A refusal takes nothing",
		Why:   "one who asks for too much would starve those who ask for what is there",
		needs: take,
		run: func(c *check) {
			l := c.New().(taker)
			c.exhaust(l)
			first := c.refused(l, 1, "of an exhausted limiter")
			for range 100 {
				d := c.refused(l, c.Burst, "of an exhausted limiter")
				c.want(d.Remaining == 0, "%d are Remaining of an exhausted limiter", d.Remaining)
			}
			time.Sleep(c.soon(first))
			c.granted(l, 1, "when the RetryAfter of the first refusal is over, after others")
		},
	}, {
		ID: "1.9", Title: "More than the Limit, or fewer than none, is refused for good, and takes nothing",
		Why:   "who is told a time comes back for ever; and a negative number must not fill the bucket",
		needs: take,
		run: func(c *check) {
			l := c.New().(taker)
			limit := c.granted(l, 1, "of a new limiter").Limit
			c.want(limit >= c.Burst, "a Decision has the Limit %d, and a new limiter grants %d", limit, c.Burst)
			for _, n := range []int{limit + 1, math.MaxInt, -1, math.MinInt} {
				d := c.refused(l, n, "of a limiter whose Limit is less, or below zero,")
				c.want(d.Reason == ratelimit.OverBurst, "Take(%d) has the reason %q: that is %v", n, d.Reason, ratelimit.OverBurst)
				c.want(d.RetryAfter == ratelimit.InfDuration, "Take(%d) says to come back after %v, and never will be granted", n, d.RetryAfter)
			}
			c.want(1+c.count(l) == c.Burst, "these refusals have taken or given something")
		},
	}, {
		ID: "1.10", Title: "Take(0) is granted and takes nothing",
		Why:   "what is counted may be zero: the bytes of an empty answer",
		needs: take,
		run: func(c *check) {
			l := c.New().(taker)
			for range 100 {
				d := c.granted(l, 0, "of a new limiter")
				c.want(d.Remaining == c.Burst, "Take(0) leaves %d of a burst of %d", d.Remaining, c.Burst)
			}
			c.exhaust(l)
			c.granted(l, 0, "of an exhausted limiter")
		},
	}}
}
