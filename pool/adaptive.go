package pool

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/thence-go/thence/internal/adapt"
)

// AdaptiveConfig bounds a pool whose number of workers follows the latency of its
// tasks.
type AdaptiveConfig struct {
	Min, Max int // workers; 1 <= Min <= Max
}

func (c AdaptiveConfig) must() {
	if c.Min < 1 || c.Max < c.Min {
		panic(fmt.Sprintf("pool: Adaptive needs 1 <= Min <= Max, got Min %d and Max %d", c.Min, c.Max))
	}
}

// resizer is what adaptive does with what it finds. A *Pool is one.
type resizer interface{ Resize(n int) error }

// adaptive resizes a pool after each task, if the latency of its tasks says so.
// All its methods may be called by any number of goroutines.
//
// A task costs two looks at the clock, which its caller has, and a locked mutex.
type adaptive struct {
	pool resizer

	mu       sync.Mutex // held for a few instructions: never while the pool is resized
	limit    *adapt.Limit
	applied  int
	applying bool
}

// newAdaptive begins with the workers that the pool has, or the nearest that c
// allows: first is that number.
func newAdaptive(c AdaptiveConfig, workers int, p resizer) (a *adaptive, first int) {
	c.must()
	a = &adaptive{pool: p, limit: adapt.New(c.Min, c.Max, workers)}
	a.applied = a.limit.Limit()
	return a, a.applied
}

// sample is called when a task has run: how long it did, how many ran with it,
// itself included, and what became of it. The time that it waited is not asked
// for: it tells how much work there is, and not what the work's target bears. A
// task that was never run must not be sampled.
func (a *adaptive) sample(run time.Duration, running int, err error) {
	o := outcomeOf(err) // asks errors of users: not under the mutex
	a.mu.Lock()
	n := a.limit.Sample(run, running, o)
	if n == a.applied || a.applying {
		a.mu.Unlock()
		return
	}
	a.applying = true // one at a time, so that the last one is the newest
	for n != a.applied {
		a.applied = n
		a.mu.Unlock()
		_ = a.pool.Resize(n) // n is at least 1
		a.mu.Lock()
		n = a.limit.Limit()
	}
	a.applying = false
	a.mu.Unlock()
}

// outcomeOf says what a task tells of load. Running into a deadline, its own or
// its caller's, is what overload looks like. Another failure may have been quick
// or slow for reasons of its own, and who canceled a task cut its time short.
func outcomeOf(err error) adapt.Outcome {
	switch {
	case err == nil:
		return adapt.Success
	case errors.Is(err, context.DeadlineExceeded):
		return adapt.Dropped
	}
	return adapt.Ignore
}

// Adaptive makes the number of workers follow the latency of the tasks, between
// a.Min and a.Max: it grows while tasks take no longer for it and at least half
// of the workers are busy, and shrinks when they do, or when tasks run into a
// deadline. The number that New is given is the first one. From time to time it
// is halved for about three times what a task takes, to see how long tasks take
// without a crowd; so tasks of much the same kind are best. Tasks that await
// others of their pool are not: their time is that of the others.
//
// It costs two looks at the clock, an allocation and about 20 ns a task. A Resize
// of your own lasts until the next change.
func Adaptive(a AdaptiveConfig) Option {
	a.must()
	return option(func(c *config) { c.adaptive = &a })
}

// adapt makes the pool adaptive if it was asked for, and returns how many
// workers it begins with.
func (p *Pool) adapt(a *AdaptiveConfig, workers int) int {
	if a == nil {
		return workers
	}
	p.adaptive, workers = newAdaptive(*a, workers, p)
	return workers
}
