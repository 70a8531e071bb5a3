package ratelimittest

import (
	"context"
	"errors"
	"time"
)

func waits() []Rule {
	return []Rule{{
		ID: "3.1", Title: "A new limiter lets its burst through without waiting, and no more",
		Why:   "a client that starts waits for nothing, or runs its server over",
		needs: wait,
		run: func(c *check) {
			q := c.line(c.New())
			for i := range c.Burst {
				w := q.join()
				over, err := q.ended(w)
				c.want(over && err == nil, "Wait %d of a burst of %d waits, or fails: %v", i+1, c.Burst, err)
			}
			w := q.join()
			over, _ := q.ended(w)
			c.want(!over, "Wait %d of a burst of %d does not wait", c.Burst+1, c.Burst)
			q.wg.Wait()
			c.want(w.err == nil, "one who waits long enough fails: %v", w.err)
		},
	}, {
		ID: "3.2", Title: "In no stretch of time does it let through more than it promises",
		Why:   "that is what it is for",
		needs: wait,
		run: func(c *check) {
			q := c.line(c.New())
			for i := range presses {
				q.join()
				if i%10 == 9 {
					q.wg.Wait() // and the next ten come when it is idle
				}
			}
			q.wg.Wait()
			c.want(len(q.at) == presses, "of %d waiters %d are served", presses, len(q.at))
			var events []event
			for _, at := range q.at {
				events = append(events, event{at, 1})
			}
			c.keeps(events)
		},
	}, {
		ID: "3.3", Title: "First come, first served",
		Why:   "where the last is served first, under load somebody waits for ever",
		needs: wait,
		run: func(c *check) {
			q, _ := c.waiting(0)
			var ws []*waiter
			for range 20 {
				ws = append(ws, q.join())
			}
			q.wg.Wait()
			for i, w := range ws {
				c.want(w.err == nil, "waiter %d fails: %v", i+1, w.err)
				c.want(i == 0 || ws[i-1].at <= w.at, "waiter %d is served before the one in front of it", i+1)
			}
		},
	}, {
		ID: "3.4", Title: "A context that has ended is refused, even if a token is there, and takes none",
		Why:   "work that nobody waits for any more is done at the cost of others",
		needs: wait,
		run: func(c *check) {
			q := c.line(c.New())
			over, cancel := context.WithCancel(c.ctx)
			cancel()
			for range 2 * c.Burst {
				w := q.joinWith(over)
				ended, err := q.ended(w)
				c.want(ended, "Wait waits, and its context has ended")
				c.want(errors.Is(err, context.Canceled), "a context that has ended: %v, which does not match context.Canceled", err)
			}
			for range c.Burst {
				w := q.join()
				ended, err := q.ended(w)
				c.want(ended && err == nil, "those whose context had ended have taken something")
			}
		},
	}, {
		ID: "3.5", Title: "A wait ends with its context, in that moment",
		Why:   "a handler whose client has gone would stay",
		needs: wait,
		run: func(c *check) {
			q, at := c.waiting(2)
			q.join()
			w := q.join()
			c.until(at[0] - 1)
			w.cancel(nil)
			ended, err := q.ended(w)
			c.want(ended, "Wait goes on when its context has ended")
			c.want(errors.Is(err, context.Canceled), "a context that ends: %v, which does not match context.Canceled", err)
		},
	}, {
		ID: "3.6", Title: "The error tells the cause of the context",
		Why:   "\"context canceled\" in a log says nothing about why",
		needs: wait,
		run: func(c *check) {
			q, _ := c.waiting(0)
			w := q.join()
			w.cancel(errCause)
			_, err := q.ended(w)
			c.want(errors.Is(err, errCause), "a context that ends with a cause: %v, which does not match it", err)
			over, cancel := context.WithCancelCause(c.ctx)
			cancel(errCause)
			_, err = q.ended(q.joinWith(over))
			c.want(errors.Is(err, errCause), "a context that has ended with a cause: %v, which does not match it", err)
		},
	}, {
		ID: "3.7", Title: "Who gives up makes room: those behind move up",
		Why:   "under load, with timeouts, most of what a limiter has is else lost on those who left",
		needs: wait,
		run: func(c *check) {
			const n = 4
			for leaves := range n {
				q, at := c.waiting(n)
				var stay []*waiter
				var gone *waiter
				for i := range n {
					w := q.join()
					if i == leaves {
						gone = w
					} else {
						stay = append(stay, w)
					}
				}
				c.until(at[0] - 1)
				gone.cancel(nil)
				late := q.join() // at the end of the line, which is one shorter
				q.served(at, append(stay, late)...)
				c.want(gone.err != nil, "a waiter whose context has ended is served")
			}
		},
	}, {
		ID: "3.8", Title: "When all give up, nothing of them is left",
		Why:   "an outage of a minute is else followed by one of the limiter",
		needs: wait,
		run: func(c *check) {
			q, at := c.waiting(2)
			var ws []*waiter
			for range 50 {
				ws = append(ws, q.join())
			}
			c.until(at[0] - 1)
			for _, w := range ws {
				w.cancel(nil)
			}
			q.wg.Wait()
			q.served(at, q.join(), q.join())
		},
	}, {
		ID: "3.9", Title: "A context that ends when it was served changes nothing",
		Why:   "contexts end when their request is done: that must not give back what it took",
		needs: wait,
		run: func(c *check) {
			q, at := c.waiting(3)
			first, second, third := q.join(), q.join(), q.join()
			c.until(at[0])
			time.Sleep((at[1] - at[0]) / 2)
			first.cancel(nil)
			q.served(at, first, second, third)
		},
	}}
}
