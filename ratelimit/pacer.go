package ratelimit

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// Pacer spaces events evenly: one an interval, the first at once. It is a leaky
// bucket, where [Limiter] is one that lets a burst through.
//
// Events that come late are due from the moment they come: idle time is lost,
// and the next one is a whole interval after. With slack, up to so many
// intervals in which nothing happened are caught up: after an idle time, 1 +
// slack events go at once, and then one an interval. (Of more than twenty years
// no more is caught up.) Unlike the burst of a
// Limiter, the slack is not there from the start: it is earned by idle time
// after the first Wait.
//
// Those who wait are on a schedule: one whose timer fires late takes nothing
// from the one behind, so that lateness of the machine does not add up. All of
// it is as exact as a Limiter is: to the nanosecond, for intervals of up to ten
// days; of longer ones, to a part in 2^51.
//
// The zero Pacer lets nothing through; use [NewPacer]. A Pacer must not be
// copied after its first use. Its methods are safe for concurrent use; none
// promises that what one caller did before its event is seen by another caller.
type Pacer struct {
	l     Limiter // of 1 + slack tokens, of which one is there at first
	began atomic.Bool
}

// NewPacer returns a pacer of one event an interval that catches up slack
// intervals of idle time; none if slack is 0. It panics if the interval is not
// positive, or slack is negative.
func NewPacer(every time.Duration, slack int) *Pacer {
	checkedInterval("NewPacer", every)
	if slack < 0 {
		panic(fmt.Sprintf("ratelimit: NewPacer needs a slack of 0 or more, got %d: pass how many intervals of idle time may be caught up", slack))
	}
	p := &Pacer{}
	if most := int64(mostIdle / every); int64(slack) > most {
		slack = int(most) // more would cost the clock its exactness
	}
	p.l.bucket.Store(newBucket(Every(every), slack+1, 0, time.Now()))
	return p
}

// mostIdle is how much idle time is caught up at most.
const mostIdle = 20 * 365 * 24 * time.Hour

// begin leaves one token in the bucket, now. Until then it has no place in time:
// so a pacer may be made outside of a bubble of testing/synctest, whose clock is
// another one.
func (p *Pacer) begin() {
	p.l.mu.Lock()
	defer p.l.mu.Unlock()
	if p.began.Load() {
		return
	}
	b := p.l.bucketLocked()
	b = newBucket(b.limit, b.burst, 0, time.Now())
	b.word.Store(-b.token)
	p.l.bucket.Store(b)
	p.began.Store(true)
}

// Wait waits for its turn. Turns come in the order of the calls.
//
// It returns a [*LimitError] at once, and uses no turn, if ctx has a deadline
// that comes before the turn does; it matches context.DeadlineExceeded.
//
// On cancel, it returns a [*WaitError], which matches the error and the cause
// of ctx; at once, if ctx has ended before the call. Its turn goes to the one
// behind, and all others move up.
func (p *Pacer) Wait(ctx context.Context) error {
	if !p.began.Load() {
		p.begin()
	}
	return p.l.WaitN(ctx, 1)
}

// SetEvery changes the interval, from now on, for those who sleep too: the part
// of an interval that has passed counts as the same part of the new one, and
// slack stays as many intervals. It panics if the interval is not positive.
func (p *Pacer) SetEvery(every time.Duration) {
	checkedInterval("SetEvery", every)
	p.l.SetLimit(Every(every))
}

func checkedInterval(call string, every time.Duration) {
	if every <= 0 {
		panic(fmt.Sprintf("ratelimit: %s needs a positive interval, got %v: pass how long to leave between two events", call, every))
	}
}
