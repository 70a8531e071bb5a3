package ratelimittest

import "time"

func mixes() []Rule {
	return []Rule{{
		ID: "4.1", Title: "A Take does not overtake those who wait",
		Why:   "where some take and others wait, those who wait would starve",
		needs: take | wait | places,
		run: func(c *check) {
			const n = 20
			q, at := c.waiting(n)
			l := q.l.(taker)
			var ws []*waiter
			for range n {
				ws = append(ws, q.join())
			}
			for _, turn := range at {
				if turn == c.now() {
					continue // the same moment as the one before
				}
				c.refused(l, 1, "while others wait")
				time.Sleep(turn - c.now() - 1)
				c.refused(l, 1, "a nanosecond before the turn of one who waits")
				time.Sleep(time.Nanosecond)
				if turn < at[n-1] { // else nobody waits any more, and a window may have room
					c.refused(l, 1, "at the turn of one who waits")
				}
			}
			q.served(at, ws...)
		},
	}, {
		ID: "4.2", Title: "Those who take and those who wait share one limit",
		Why:   "two counters are twice the limit",
		needs: take | wait,
		run: func(c *check) {
			limiter := c.New()
			q := c.line(limiter)
			var events []event
			for i := 0; i < 20*presses && len(events) < presses; i++ {
				if i%3 == 0 {
					q.join()
					q.wg.Wait()
					c.want(len(q.at) == i/3+1, "one who waits long enough fails")
					events = append(events, event{c.now(), 1})
					continue
				}
				d := limiter.(taker).Take(1)
				if d.OK {
					events = append(events, event{c.now(), 1})
				} else {
					time.Sleep(c.soon(d) / 2)
				}
			}
			c.keeps(events)
		},
	}, {
		ID: "4.3", Title: "RetryAfter counts those who wait",
		Why:   "who comes back when told and is refused again asks in a loop",
		needs: take | wait | places,
		run: func(c *check) {
			q, at := c.waiting(3)
			q.join()
			q.join()
			l := q.l.(taker)
			d := c.refused(l, 1, "while two wait")
			c.want(c.now()+d.RetryAfter == at[2], "while two wait, RetryAfter is %v, and the turn after theirs comes after %v", d.RetryAfter, at[2]-c.now())
			c.until(at[2])
			c.granted(l, 1, "when the turns of those who wait are over")
		},
	}}
}
