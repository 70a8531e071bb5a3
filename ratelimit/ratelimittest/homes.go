package ratelimittest

import "time"

func homes() []Rule {
	return []Rule{{
		ID: "5.1", Title: "It works in two bubbles, one after the other",
		Why:   "a channel or timer that is kept from one test makes the next one fail",
		again: true,
		run: func(c *check) {
			c.exhaust(c.New())
			use(c)
		},
	}, {
		ID: "5.2", Title: "It leaves no goroutine behind",
		Why: "a limiter for each key or request is otherwise a leak for each",
		run: func(c *check) {
			for range 3 {
				use(c)
			}
		},
	}}
}

// use calls what the limiter has, whatever comes of it.
func use(c *check) {
	limiter := c.New()
	if l, ok := limiter.(taker); ok {
		for range c.Burst + 1 {
			l.Take(1)
		}
	}
	if l, ok := limiter.(giver); ok {
		l.Give(1)
	}
	if _, ok := limiter.(Waiter); ok {
		q := c.line(limiter)
		for range c.Burst + 3 {
			q.join()
		}
		gone := q.join()
		time.Sleep(time.Nanosecond)
		gone.cancel(nil)
		q.wg.Wait()
	}
}
