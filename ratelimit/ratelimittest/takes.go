package ratelimittest

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/thence-go/thence/ratelimit"
)

// presses is how many events a limiter is made to let through in a long run.
const presses = 60

func takes() []Rule {
	return []Rule{{
		ID: "1.1", Title: "A new limiter grants its burst at once, and no more",
		Why:   "a service that starts cold refuses its first callers, or is run over by them",
		needs: take,
		run: func(c *check) {
			l := c.New().(taker)
			for range c.Burst {
				c.granted(l, 1, "within the burst of a new limiter")
			}
			c.refused(l, 1, "beyond the burst of a new limiter")
		},
	}, {
		ID: "1.2", Title: "In no stretch of time does it grant more than it promises",
		Why:   "that is what it is for: at the seam of two windows, or after a pause, many let twice as much through",
		needs: take,
		run:   func(c *check) { c.keeps(c.press(c.New().(taker))) },
	}, {
		ID: "1.3", Title: "RetryAfter is exact: then it is granted, and not a nanosecond earlier",
		Why:   "who comes back when told and is refused again asks in a loop",
		needs: take,
		run: func(c *check) {
			for n := 1; n <= c.Burst; n += 1 + c.Burst/10 {
				l := c.New().(taker)
				c.exhaust(l)
				for range 5 {
					c.comesBack(l, n)
				}
			}
		},
	}, {
		ID: "1.4", Title: "A Decision has a reason and a time if it is a refusal, else neither",
		Why:   "callers ask for either, and then act on it",
		needs: take,
		run: func(c *check) {
			l := c.New().(taker)
			d := c.granted(l, c.Burst, "of a new limiter")
			c.want(d.Reason == 0 && d.RetryAfter == 0, "a grant is %+v", d)
			d = c.refused(l, 1, "of an exhausted limiter")
			c.want(d.Reason == ratelimit.Exhausted, "a refusal of what is not there now has the reason %q", d.Reason)
			c.want(d.RetryAfter > 0, "a refusal has a RetryAfter of %v", d.RetryAfter)
		},
	}, {
		ID: "1.5", Title: "What is Remaining can be taken, and no more",
		Why:   "it is what clients are told: too little and they idle, too much and they are refused",
		needs: take,
		run: func(c *check) {
			for n := 0; n <= c.Burst; n += 1 + c.Burst/10 {
				l := c.New().(taker)
				d := c.granted(l, n, "of a new limiter")
				if n > 0 {
					d = c.refused(l, d.Remaining+1, "where the Decision before it has one less as Remaining")
				}
				for range 3 {
					c.want(d.Remaining >= 0, "%d are Remaining", d.Remaining)
					c.granted(l, d.Remaining, "where as many are Remaining")
					d = c.refused(l, 1, "where all that was Remaining is taken")
					c.want(d.Remaining == 0, "%d are Remaining where all is taken", d.Remaining)
					time.Sleep(2 * c.soon(d))
					d = l.Take(0)
				}
			}
		},
	}, {
		ID: "1.6", Title: "Idle time does not add up to more than a burst",
		Why:   "the first minute after a quiet night is when the limit is needed",
		needs: take,
		run: func(c *check) {
			l := c.New().(taker)
			for _, idle := range []time.Duration{time.Hour, 24 * time.Hour, 1000 * 24 * time.Hour} {
				time.Sleep(idle)
				n := c.count(l)
				c.want(n <= c.Most(0), "after %v, %d are granted at once, where %d are promised at most", idle, n, c.Most(0))
				c.want(n > 0, "after %v, nothing is granted", idle)
			}
		},
	}, {
		ID: "1.7", Title: "Many callers at once get the burst, and no more",
		Why:   "a limiter that is read and then written lets two through for one",
		needs: take,
		run: func(c *check) {
			l := c.New().(taker)
			var granted atomic.Int64
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					for range 2*c.Burst + 100 {
						if l.Take(1).OK {
							granted.Add(1)
						}
					}
				})
			}
			wg.Wait()
			c.want(granted.Load() == int64(c.Burst), "%d of a burst of %d are granted", granted.Load(), c.Burst)
		},
	}}
}

// press takes as much as the limiter gives, in steps of several sizes, at times
// that it names and at others.
func (c *check) press(l taker) (events []event) {
	for i := 0; len(events) < presses && i < 20*presses; i++ {
		n := 1 + i*7%c.Burst
		d := l.Take(n)
		if d.OK {
			events = append(events, event{c.now(), n})
			continue
		}
		after := c.soon(d)
		time.Sleep([]time.Duration{after - 1, after / 2, 3 * after, after}[i%4])
	}
	c.want(len(events) == presses, "%d of %d tries are granted, however long one waits", len(events), 20*presses)
	return events
}

// comesBack asks for n until they are granted, just before and just when it was
// told.
func (c *check) comesBack(l taker, n int) {
	d := l.Take(n)
	if d.OK {
		return
	}
	time.Sleep(c.soon(d) - 1)
	early := c.refused(l, n, "a nanosecond before RetryAfter is over")
	c.want(early.RetryAfter == 1, "a nanosecond before RetryAfter is over, Take(%d) says to wait for %v more", n, early.RetryAfter)
	time.Sleep(time.Nanosecond)
	c.granted(l, n, "when RetryAfter is over")
}
