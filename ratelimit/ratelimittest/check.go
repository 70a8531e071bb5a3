package ratelimittest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing/synctest"
	"time"

	"github.com/thence-go/thence/internal/verdict"
	"github.com/thence-go/thence/ratelimit"
)

var errCause = errors.New("the cause")

// check is one run of a rule. Its methods that judge are called on the
// goroutine of the rule only: they end it.
type check struct {
	Adapter
	court *verdict.Court
	ctx   context.Context // ends with the rule
	start time.Time
}

func (c *check) want(ok bool, format string, args ...any) {
	if !ok {
		panic(verdict.Verdict{Kind: verdict.Failed, Reason: fmt.Sprintf(format, args...)})
	}
}

// now is the time since the rule began.
func (c *check) now() time.Duration { return time.Since(c.start) }

// until sleeps until the rule's clock says at.
func (c *check) until(at time.Duration) {
	time.Sleep(at - c.now())
	synctest.Wait()
}

func (c *check) granted(l taker, n int, when string) ratelimit.Decision {
	d := l.Take(n)
	c.want(d.OK, "Take(%d) %s is refused: %+v", n, when, d)
	return d
}

func (c *check) refused(l taker, n int, when string) ratelimit.Decision {
	d := l.Take(n)
	c.want(!d.OK, "Take(%d) %s is granted", n, when)
	return d
}

// soon returns how long to wait after a refusal of what is not more than the
// burst.
func (c *check) soon(d ratelimit.Decision) time.Duration {
	c.want(0 < d.RetryAfter && d.RetryAfter < patience, "no more than the burst is refused, and RetryAfter is %v", d.RetryAfter)
	return d.RetryAfter
}

// exhaust takes all that a new limiter has.
func (c *check) exhaust(limiter any) {
	if l, ok := limiter.(taker); ok {
		c.granted(l, c.Burst, "of a new limiter, which is its burst,")
		return
	}
	for i := range c.Burst {
		err := limiter.(Waiter).Wait(c.ctx)
		c.want(err == nil, "Wait %d of a new limiter fails: %v", i+1, err)
	}
}

// count takes single tokens until one is refused.
func (c *check) count(l taker) (n int) {
	for l.Take(1).OK {
		n++
		c.want(n <= 1000*1000, "a million tokens at once, and it goes on")
	}
	return n
}

// event is n events that a limiter let through at a time.
type event struct {
	at time.Duration
	n  int
}

// keeps: in no stretch of time there are more events than promised. They are in
// order of time.
func (c *check) keeps(events []event) {
	for i := range events {
		sum := 0
		for _, e := range events[i:] {
			sum += e.n
			d := e.at - events[i].at
			c.want(sum <= c.Most(d), "%d events within %v, from %v on, where %d are promised", sum, d, events[i].at, c.Most(d))
		}
	}
}

// waiter is a call of Wait and what came of it.
type waiter struct {
	cancel context.CancelCauseFunc
	over   bool
	at     time.Duration // when it was over
	err    error
}

// line is waiters on a limiter.
type line struct {
	*check
	l  Waiter
	mu sync.Mutex
	wg sync.WaitGroup
	at []time.Duration // when each was served, in that order
}

func (c *check) line(limiter any) *line { return &line{check: c, l: limiter.(Waiter)} }

// join starts a waiter, which has its place in the line when this returns.
func (q *line) join() *waiter { return q.joinWith(q.ctx) }

func (q *line) joinWith(ctx context.Context) *waiter {
	w := &waiter{}
	ctx, w.cancel = context.WithCancelCause(ctx)
	q.wg.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				q.court.Say(verdict.Failed, fmt.Sprintf("Wait panicked: %v", p))
			}
		}()
		err := q.l.Wait(ctx)
		q.mu.Lock()
		defer q.mu.Unlock()
		w.over, w.at, w.err = true, q.now(), err
		if err == nil {
			q.at = append(q.at, w.at)
		}
	})
	synctest.Wait()
	return w
}

// ended returns whether w is over, and with what.
func (q *line) ended(w *waiter) (bool, error) {
	synctest.Wait()
	q.mu.Lock()
	defer q.mu.Unlock()
	return w.over, w.err
}

// served waits for all, and wants that they were served, each at its time.
func (q *line) served(at []time.Duration, ws ...*waiter) {
	q.wg.Wait()
	for i, w := range ws {
		q.want(w.err == nil, "waiter %d fails: %v", i+1, w.err)
		q.want(w.at == at[i], "waiter %d of those who stayed is served after %v, and should be after %v", i+1, w.at, at[i])
	}
}

// turns returns when the next n waiters on an exhausted new limiter are served,
// if nobody gives up.
func (c *check) turns(n int) (at []time.Duration) {
	limiter := c.New()
	c.exhaust(limiter)
	start := c.now()
	q := c.line(limiter)
	for range n {
		q.join()
	}
	q.wg.Wait()
	c.want(len(q.at) == n, "of %d waiters %d are served", n, len(q.at))
	for _, t := range q.at {
		at = append(at, t-start)
	}
	return at
}

// waiting returns a line on an exhausted new limiter, and when those who join
// it now will be served.
func (c *check) waiting(n int) (*line, []time.Duration) {
	at := c.turns(n)
	limiter := c.New()
	c.exhaust(limiter)
	for i := range at {
		at[i] += c.now()
	}
	return c.line(limiter), at
}
