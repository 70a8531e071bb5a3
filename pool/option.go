package pool

import (
	"fmt"
	"time"
)

// Option is a choice that New takes.
type Option interface{ apply(*config) }

type config struct {
	name     string
	capacity int
	overflow Overflow
	idleFor  time.Duration
	hooks    *Hooks
	measure  bool
	adaptive *AdaptiveConfig
	labels   bool
	origins  bool
}

type option func(*config)

func (o option) apply(c *config) { o(c) }

// Queue sets how many tasks can wait for a worker, and what happens to one
// more. The memory for them, 40 bytes each, is taken at once when the pool
// begins to work, for the next power of two.
//
// A capacity of 0 makes every task wait in its submitter's hands: Go returns
// when a worker has taken the task, and with Reject it returns ErrFull unless a
// worker is free. There is nothing to drop then, so DropOldest and DropNewest
// need a capacity of at least 1.
func Queue(capacity int, o Overflow) Option {
	if o > DropNewest {
		panic(fmt.Sprintf("pool: Queue needs an overflow policy, got %d: pass Block, Reject, CallerRuns, DropOldest or DropNewest", o))
	}
	if least := o.leastCapacity(); capacity < least {
		panic(fmt.Sprintf("pool: Queue needs a capacity of at least %d for %v, got %d", least, o, capacity))
	}
	return option(func(c *config) { c.capacity, c.overflow = capacity, o })
}

// IdleTimeout sets for how long a worker stays without work, one second by
// default. It leaves after between one and two of it.
func IdleTimeout(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("pool: IdleTimeout needs a positive duration, got %v", d))
	}
	return option(func(c *config) { c.idleFor = d })
}

// Name sets what the pool is called in its errors.
func Name(s string) Option {
	return option(func(c *config) { c.name = s })
}

// MeasureTimes makes Stats tell how long tasks wait and run. It costs two looks
// at the clock and an allocation a task.
func MeasureTimes() Option {
	return option(func(c *config) { c.measure = true })
}

// Labels gives the goroutine of a running task the profiler labels "pool" and
// "task", and makes it a task of the execution tracer while that runs. The
// names are those of the pool and of the view (Named).
func Labels() Option {
	return option(func(c *config) { c.labels = true })
}

// Origins notes where each task was submitted, for the stragglers of a
// shutdown. It costs a look at the stack and an allocation a task.
func Origins() Option {
	return option(func(c *config) { c.origins = true })
}

// WithHooks has h told of what happens to each task.
func WithHooks(h Hooks) Option {
	return option(func(c *config) { c.hooks = &h })
}
