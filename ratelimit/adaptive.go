package ratelimit

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/thence-go/thence/internal/adapt"
)

// AdaptiveConfig bounds an [Adaptive].
type AdaptiveConfig struct {
	Min, Max int // calls in flight; 1 <= Min <= Max
}

// Outcome is what a call tells of load, to [Adaptive].
type Outcome uint8

const (
	// Success: its latency counts.
	Success Outcome = iota

	// Ignore: it ended for a reason that says nothing of load, such as a bad
	// request, or because its caller lost interest.
	Ignore

	// Dropped: load made it fail: it timed out, or was turned away.
	Dropped
)

func (o Outcome) String() string {
	switch o {
	case Success:
		return "success"
	case Ignore:
		return "ignore"
	case Dropped:
		return "dropped"
	}
	return fmt.Sprintf("Outcome(%d)", uint8(o))
}

// Adaptive bounds how many calls are in flight at once, and finds the bound
// itself: as many as what is called bears before its latency rises. It starts
// at Min, grows while latency does not rise and at least half of the limit is in
// use, and shrinks when it does or when calls are dropped. From time to time the
// limit is halved for about three times what a call takes, to measure the
// latency without a queue; so calls of much the same kind are best. Package
// pool's Adaptive is the same for the workers of a pool.
//
// The rule is that of the gradient limits of Netflix's concurrency-limits, with
// the latency measured as Envoy's adaptive concurrency filter does.
//
// Most callers want [Adaptive.Acquire], and say what became of the call:
//
//	release, err := a.Acquire(ctx)
//	if err != nil {
//		return err
//	}
//	defer release(ratelimit.Ignore) // unless it is released before
//	...
//	release(ratelimit.Success)
//
// The zero Adaptive lets nothing through; use [NewAdaptive]. It must not be
// copied after its first use. Its methods are safe for concurrent use. A release
// synchronizes before the return of an Acquire that gets its place.
type Adaptive struct {
	// mu is held for a few instructions, never while anybody waits, and no
	// foreign code runs under it.
	mu       sync.Mutex
	rule     *adapt.Limit // nil in the zero value
	limit    int
	inFlight int
	line     run // who waits in Acquire; only while inFlight >= limit
}

// NewAdaptive returns a limiter of c.Min calls in flight, at first. It panics
// unless 1 <= c.Min <= c.Max.
func NewAdaptive(c AdaptiveConfig) *Adaptive {
	if c.Min < 1 || c.Max < c.Min {
		panic(fmt.Sprintf("ratelimit: NewAdaptive needs 1 <= Min <= Max, got Min %d and Max %d: pass the fewest and the most calls that may be in flight", c.Min, c.Max))
	}
	return &Adaptive{rule: adapt.New(c.Min, c.Max, c.Min), limit: c.Min}
}

// Acquire waits until one more call may be in flight. Those who wait are served
// in the order in which they came. The latency of the call is the time from the
// return of Acquire to the first call of release, which tells what became of it;
// further ones do nothing. A place that is never released is lost.
//
// On cancel, it returns a [*WaitError], which matches the error and the cause
// of ctx; at once, if ctx has ended before the call, even if there is a place.
// It then has no place, and its own in the line is free. A place that it was
// given by the time that ctx ends is returned, not lost.
func (a *Adaptive) Acquire(ctx context.Context) (release func(Outcome), err error) {
	if ctx == nil {
		panic("ratelimit: Acquire needs a context, got nil: pass context.Background() if there is none")
	}
	if ctx.Err() != nil {
		return nil, stoppedWaiting(ctx)
	}
	w := a.join()
	if w == nil {
		return a.releaser(), nil
	}
	select {
	case <-w.ready:
	case <-ctx.Done():
		if a.leave(w) {
			return nil, stoppedWaiting(ctx)
		}
	}
	return a.releaser(), nil
}

// TryAcquire is Acquire if one more call may be in flight now, else it reports
// false. It never blocks, and does not overtake those who wait.
func (a *Adaptive) TryAcquire() (release func(Outcome), ok bool) {
	a.mu.Lock()
	ok = a.inFlight < a.limit
	if ok {
		a.inFlight++
	}
	a.mu.Unlock()
	if !ok {
		return nil, false
	}
	return a.releaser(), true
}

// Limit returns how many calls may be in flight now.
func (a *Adaptive) Limit() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.limit
}

// InFlight returns how many calls are in flight: more than the limit for a
// while when that has gone down.
func (a *Adaptive) InFlight() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.inFlight
}

// join takes a place, or makes a waiter in the line.
func (a *Adaptive) join() *waiter {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.inFlight < a.limit {
		a.inFlight++
		return nil
	}
	w := &waiter{ready: make(chan struct{}), n: 1}
	a.line.push(w)
	return w
}

// leave gives up the place of w in the line, and reports whether it had not
// been served before.
func (a *Adaptive) leave(w *waiter) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if w.run == nil {
		return false
	}
	a.line.unlink(w)
	return true
}

// releaser makes the release of a call that begins now.
func (a *Adaptive) releaser() func(Outcome) {
	start, released := time.Now(), false
	return func(o Outcome) {
		if o > Dropped {
			panic(fmt.Sprintf("ratelimit: release needs an Outcome, got %d: pass ratelimit.Success, Ignore or Dropped", o))
		}
		latency := time.Since(start)
		a.mu.Lock()
		defer a.mu.Unlock()
		if released {
			return
		}
		released = true
		a.limit = a.rule.Sample(latency, a.inFlight, adapt.Outcome(o))
		a.inFlight--
		for a.line.head != nil && a.inFlight < a.limit {
			w := a.line.head
			a.line.unlink(w)
			a.inFlight++
			w.settle(nil)
		}
	}
}
