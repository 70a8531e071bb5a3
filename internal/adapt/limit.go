// Package adapt finds how much concurrency something bears, from the latency
// that it shows.
//
// The rule is that of the gradient limits of Netflix's concurrency-limits
// (Gradient, Gradient2): the latency now is compared with what it is without a
// queue, the limit is multiplied by their quotient, and gets a little on top so
// that it can grow. Gradient2 takes a long average for the latency without a
// queue. Under a load that lasts that average follows the load, and the limit
// creeps up to its maximum; so here it is measured, as Envoy's adaptive
// concurrency filter does: from time to time the limit is halved for about three
// round trips.
package adapt

import (
	"fmt"
	"math"
	"time"
)

// Outcome says what a sample is worth.
type Outcome uint8

const (
	// Success: its latency counts.
	Success Outcome = iota
	// Ignore: it ended for a reason that says nothing about load, such as a
	// failure of its own, which may have been quick.
	Ignore
	// Dropped: load made it fail: it timed out, or was turned away.
	Dropped
)

const (
	tolerance  = 1.1 // latency that is taken for no queue, as a multiple of the baseline
	leastShare = 0.5 // the most that one window takes away
	backoff    = 0.9 // what a dropped sample leaves

	leastWindow = 32  // samples; else two round trips: twice the limit
	probeEvery  = 100 // windows
	probeSoon   = 10
	certain     = 0.8 // a latency this far below the baseline puts the baseline in doubt
	smoothing   = 0.2 // of the baseline's way down
)

// Limit is a concurrency limit that follows latency. Make one with New. It has
// no clock and no goroutine, and is not for several goroutines at once: its owner
// has a lock for it. Most owners call Sample and apply what it returns.
//
// Where latency grows in proportion to what is in flight beyond a knee, the limit
// settles at 1.1 of the knee plus the limit's own square root.
type Limit struct {
	min, max float64
	limit    float64
	probing  bool // half of limit is in force, to measure the baseline

	baseline float64 // nanoseconds without a queue; 0: not measured yet
	measured float64 // limit at that time
	windows  int     // since then

	// The window: skip counts samples that began under a higher limit.
	skip, samples, peak int
	sum                 float64
}

// New makes a limit that starts at initial and stays from lowest to highest.
func New(lowest, highest, initial int) *Limit {
	if lowest < 1 || highest < lowest {
		panic(fmt.Sprintf("adapt: New needs 1 <= lowest <= highest, got %d and %d", lowest, highest))
	}
	l := &Limit{min: float64(lowest), max: float64(highest)}
	l.limit = l.clamp(float64(initial))
	return l
}

// Limit returns how many may be in flight now.
func (l *Limit) Limit() int {
	if l.probing {
		return int(max(l.min, math.Ceil(l.limit/2)))
	}
	return int(l.limit)
}

// Sample takes in that something is over: how long it took, how many were in
// flight with it, itself included, and what that is worth. It returns the limit
// from now on.
func (l *Limit) Sample(rtt time.Duration, inFlight int, o Outcome) int {
	if l.skip > 0 {
		l.skip--
		return l.Limit()
	}
	switch o {
	case Ignore:
		return l.Limit()
	case Dropped:
		l.limit = l.clamp(l.limit * backoff)
		l.restart(inFlight) // those that were in flight with it tell no more than it did
		return l.Limit()
	}
	l.samples++
	l.sum += float64(max(rtt, 1))
	l.peak = max(l.peak, inFlight)
	if l.samples >= max(leastWindow, 2*l.Limit()) {
		l.judge(l.sum/float64(l.samples), inFlight)
	}
	return l.Limit()
}

// judge ends a window of an average latency.
func (l *Limit) judge(latency float64, inFlight int) {
	before := l.Limit()
	l.windows++
	switch {
	case l.probing:
		was := l.baseline
		l.measure(latency)
		if latency < certain*was {
			l.windows = probeEvery - probeSoon // half may have been too much as well
		}
	case l.baseline == 0:
		l.measure(latency)
		l.windows = probeEvery // it may have been under load
	case 2*l.peak < before:
		l.measure(latency) // too little is in use to be the cause of latency
	default:
		l.follow(latency)
	}
	if l.windows >= probeEvery {
		l.probing = true
	}
	if l.Limit() >= before {
		inFlight = 0
	}
	l.restart(inFlight)
}

// measure takes a latency without a queue.
func (l *Limit) measure(latency float64) {
	l.probing = false
	l.baseline, l.measured, l.windows = latency, l.limit, 0
}

// follow moves the limit. A baseline in doubt is measured next: one that was too
// high, and one with which half of the limit brought no relief, so that load may
// not be the cause.
func (l *Limit) follow(latency float64) {
	switch {
	case latency < certain*l.baseline:
		l.baseline, l.windows = latency, probeEvery
	case latency < l.baseline:
		l.baseline += smoothing * (latency - l.baseline)
	}
	gradient := min(1, max(leastShare, tolerance*l.baseline/latency))
	l.limit = l.clamp(l.limit*gradient + math.Sqrt(l.limit))
	if gradient < 1 && l.limit < l.measured/2 {
		l.windows = probeEvery
	}
}

// restart begins a window after skip more samples.
func (l *Limit) restart(skip int) {
	l.skip, l.samples, l.peak, l.sum = skip, 0, 0, 0
}

func (l *Limit) clamp(limit float64) float64 { return min(l.max, max(l.min, limit)) }
