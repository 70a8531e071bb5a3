package ratelimittest

import (
	"context"
	"errors"
	"time"
)

func endings() []Rule {
	return []Rule{{
		ID: "3.10", Title: "A deadline before its turn is refused at once, and matches context.DeadlineExceeded",
		Why:   "to wait for what comes too late costs the time in which something else could be tried",
		needs: wait,
		run: func(c *check) {
			q, at := c.waiting(1)
			c.tooLate(q, at[0])
		},
	}, {
		ID: "3.11", Title: "Who is refused for the deadline takes nothing",
		Why:   "impatient callers would starve the patient ones",
		needs: wait,
		run: func(c *check) {
			q, at := c.waiting(2)
			first := q.join()
			for range 20 {
				_, err := c.hurried(q, at[1]-c.now()-1)
				c.want(err != nil, "Wait with a deadline before its turn gets a token")
			}
			q.served(at, first, q.join())
		},
	}, {
		ID: "3.12", Title: "The refusal has a method RetryAfter, and who comes back then need not wait",
		Why:   "future.Retry and callers of one's own know when to try again",
		needs: wait,
		run: func(c *check) {
			q, at := c.waiting(1)
			_, err := c.hurried(q, at[0]-c.now()-1)
			var when interface{ RetryAfter() time.Duration }
			c.want(errors.As(err, &when), "%v has no method RetryAfter", err)
			c.want(c.now()+when.RetryAfter() == at[0], "RetryAfter is %v, and a token comes after %v", when.RetryAfter(), at[0]-c.now())
		},
	}, {
		ID: "3.13", Title: "A deadline in the very moment of its turn is in time",
		Why:   "else it depends on chance, and a test of it fails now and then",
		needs: wait,
		run: func(c *check) {
			for range 20 {
				q, at := c.waiting(1)
				_, err := c.hurried(q, at[0]-c.now())
				c.want(err == nil, "Wait with a deadline at its turn: %v", err)
			}
		},
	}, {
		ID: "3.14", Title: "A deadline behind others who wait is refused at once, too",
		Why:   "a line is where deadlines are missed",
		needs: wait | places,
		run: func(c *check) {
			q, at := c.waiting(3)
			q.join()
			q.join()
			c.tooLate(q, at[2])
		},
	}}
}

// tooLate waits with a deadline before its turn.
func (c *check) tooLate(q *line, turn time.Duration) {
	begin := c.now()
	_, err := c.hurried(q, turn-begin-1)
	c.want(err != nil, "Wait with a deadline before its turn gets a token")
	c.want(c.now() == begin, "Wait with a deadline before its turn waits for %v", c.now()-begin)
	c.want(errors.Is(err, context.DeadlineExceeded), "it returns %v, which does not match context.DeadlineExceeded", err)
}

// hurried waits with a deadline.
func (c *check) hurried(q *line, timeout time.Duration) (*waiter, error) {
	ctx, cancel := context.WithTimeout(c.ctx, timeout)
	defer cancel()
	w := q.joinWith(ctx)
	begin := c.now()
	for c.now() < begin+timeout {
		if over, _ := q.ended(w); over {
			break
		}
		time.Sleep(timeout)
	}
	_, err := q.ended(w)
	return w, err
}
