package ratelimittest

import (
	"math"
	"time"
)

func gives() []Rule {
	return []Rule{{
		ID: "2.1", Title: "What is given back at once can be taken again",
		Why:   "else an event that did not happen costs one that could",
		needs: take | give,
		run: func(c *check) {
			l := c.New()
			for range 3 {
				c.exhaust(l)
				c.refused(l.(taker), 1, "of an exhausted limiter")
				l.(giver).Give(c.Burst)
			}
			c.exhaust(l)
			l.(giver).Give(1)
			c.granted(l.(taker), 1, "of what was given back")
			c.refused(l.(taker), 1, "beyond what was given back")
		},
	}, {
		ID: "2.2", Title: "To give back never makes more than a burst",
		Why:   "what comes back late, when the limiter has filled up, would come on top",
		needs: take | give,
		run: func(c *check) {
			l := c.New()
			for _, n := range []int{1, c.Burst, math.MaxInt} {
				l.(giver).Give(n)
				got := c.count(l.(taker))
				c.want(got <= c.Most(0), "after Give(%d), %d are granted at once, where %d are promised at most", n, got, c.Most(0))
				time.Sleep(patience)
			}
		},
	}, {
		ID: "2.3", Title: "In no stretch of time is more granted, and not given back, than it promises",
		Why:   "a Give that counts for another time than its Take moves events together",
		needs: take | give,
		run: func(c *check) {
			l := c.New()
			var kept []event
			for i := 0; len(kept) < presses && i < 20*presses; i++ {
				n := 1 + i*7%c.Burst
				d := l.(taker).Take(n)
				switch {
				case !d.OK:
					time.Sleep(c.soon(d) / time.Duration(1+i%2))
				case i%3 == 0:
					time.Sleep(time.Duration(i%4) * time.Microsecond)
					l.(giver).Give(n)
				default:
					kept = append(kept, event{c.now(), n})
				}
			}
			c.want(len(kept) > 0, "nothing is granted, however long one waits")
			c.keeps(kept)
		},
	}}
}
