package ratelimittest_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/thence-go/thence/ratelimit"
	"github.com/thence-go/thence/ratelimit/ratelimittest"
)

// reference is the simplest limiter that keeps all rules, from which those are
// made that break one.
type reference struct {
	interval time.Duration
	burst    int

	mu    sync.Mutex
	full  time.Time // when the bucket is full again
	queue []*place
}

// place is one who waits; its turn comes when it is the first.
type place struct{ first chan struct{} }

func newReference() *reference { return &reference{interval: 100 * time.Millisecond, burst: 10} }

func adapterOf(limiter func() any) ratelimittest.Adapter {
	r := newReference()
	return ratelimittest.Adapter{New: limiter, Burst: r.burst, Most: ratelimittest.Bucket(r.interval, r.burst)}
}

// missing returns how long it takes until there are n tokens, behind ahead of
// others.
func (r *reference) missing(ahead, n int) time.Duration {
	missing := r.owed() + time.Duration(ahead+n-r.burst)*r.interval
	return max(missing, 0)
}

// owed is how long it takes until the bucket is full.
func (r *reference) owed() time.Duration { return max(time.Until(r.full), 0) }

func (r *reference) Take(n int) ratelimit.Decision {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := ratelimit.Decision{Limit: r.burst, RetryAfter: ratelimit.InfDuration, Reason: ratelimit.OverBurst}
	if 0 <= n && n <= r.burst {
		d.RetryAfter, d.Reason = r.missing(len(r.queue), n), ratelimit.Exhausted
	}
	if d.RetryAfter == 0 {
		r.spendLocked(n)
		d.OK, d.Reason = true, 0
	}
	if len(r.queue) == 0 {
		d.Remaining = r.burst - int((r.owed()+r.interval-1)/r.interval)
	}
	return d
}

func (r *reference) spendLocked(n int) {
	r.full = time.Now().Add(r.owed() + time.Duration(n)*r.interval)
}

func (r *reference) Give(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.full = r.full.Add(-time.Duration(min(n, r.burst)) * r.interval)
}

func (r *reference) Wait(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	p := &place{first: make(chan struct{})}
	r.mu.Lock()
	after := r.missing(len(r.queue), 1)
	if end, ok := ctx.Deadline(); ok && time.Now().Add(after).After(end) {
		r.mu.Unlock()
		return tooLate(after)
	}
	r.queue = append(r.queue, p)
	r.advanceLocked()
	r.mu.Unlock()

	var err error
	select {
	case <-p.first:
		err = r.sleep(ctx)
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		r.spendLocked(1)
	}
	i := slices.Index(r.queue, p)
	r.queue = slices.Delete(r.queue, i, i+1)
	r.advanceLocked()
	return err
}

func (r *reference) advanceLocked() {
	if len(r.queue) > 0 {
		select {
		case <-r.queue[0].first:
		default:
			close(r.queue[0].first)
		}
	}
}

// sleep sleeps until there is a token; one that is there when ctx ends counts.
func (r *reference) sleep(ctx context.Context) error {
	for {
		r.mu.Lock()
		after := r.missing(0, 1)
		r.mu.Unlock()
		if after == 0 {
			return nil
		}
		timer := time.NewTimer(after)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			if r.mu.Lock(); r.missing(0, 1) > 0 {
				r.mu.Unlock()
				return context.Cause(ctx)
			}
			r.mu.Unlock()
		}
	}
}

// tooLate is the refusal of a wait for its deadline.
type tooLate time.Duration

func (tooLate) Error() string               { return "too late" }
func (tooLate) Is(target error) bool        { return target == context.DeadlineExceeded }
func (t tooLate) RetryAfter() time.Duration { return time.Duration(t) }
