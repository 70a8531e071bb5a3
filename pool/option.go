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
}

type option func(*config)

func (o option) apply(c *config) { o(c) }

// Overflow is what happens to a task for which the queue has no room.
type Overflow uint8

const (
	// Block makes the submitter wait for room, first come first served.
	Block Overflow = iota
	// Reject turns the task away with ErrFull.
	Reject
)

// Queue sets how many tasks can wait for a worker, at least 1, and what happens
// to one more. The memory for them, 40 bytes each, is taken at once, for the
// next power of two.
func Queue(capacity int, o Overflow) Option {
	if capacity < 1 {
		panic(fmt.Sprintf("pool: Queue needs a capacity of at least 1, got %d", capacity))
	}
	if o > Reject {
		panic(fmt.Sprintf("pool: Queue needs an overflow policy, got %d: pass Block or Reject", o))
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
