package pipeline

import (
	"fmt"

	"github.com/thence-go/thence/future"
)

// Option says how a step is run.
type Option interface{ apply(*config) }

type config struct {
	name      string
	workers   int
	unordered bool
	ahead     int
	on        future.Executor
}

type option func(*config)

func (o option) apply(c *config) { o(c) }

func configure(opts []Option) config {
	c := config{workers: 1}
	for _, o := range opts {
		if o == nil {
			panic("pipeline: an Option is nil: leave it out")
		}
		o.apply(&c)
	}
	return c
}

// mostWorkers keeps what a step needs before its first item within reason.
const mostWorkers = 1 << 16

// Workers runs a step's function on up to n items at once: at most 65536, each
// of which costs memory from the start.
func Workers(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("pipeline: Workers needs at least 1, got %d", n))
	}
	if n > mostWorkers {
		panic(fmt.Sprintf("pipeline: Workers needs at most %d, got %d", mostWorkers, n))
	}
	return option(func(c *config) { c.workers = n })
}

// Unordered lets the results of a step with Workers go on in the order in
// which they are ready. Without it they keep the order of the items.
func Unordered() Option { return option(func(c *config) { c.unordered = true }) }

// mostAhead keeps memory for results within reason.
const mostAhead = 1 << 24

// Ahead bounds how many results of a step with Workers may be ready and not
// yet read, beside those that its workers hold because there is no room.
// Unordered, each worker has an equal part of the bound, of at least 1.
func Ahead(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("pipeline: Ahead needs at least 1, got %d", n))
	}
	if n > mostAhead {
		panic(fmt.Sprintf("pipeline: Ahead needs at most %d, got %d", mostAhead, n))
	}
	return option(func(c *config) { c.ahead = n })
}

// On runs the workers of a step as tasks of e, such as a pool. A worker that
// has nothing to do gives its place back, and a busy one lets other tasks have
// it from time to time. It keeps a key, though: a view of a pool with a key is
// for one worker of one flow at a time, or those that wait for the key wait for
// ever.
func On(e future.Executor) Option {
	if e == nil {
		panic("pipeline: On needs an executor, got nil: leave the option out to use goroutines of the flow's own")
	}
	return option(func(c *config) { c.on = e })
}

// Name is what a step is called in errors.
func Name(s string) Option {
	if s == "" {
		panic("pipeline: Name needs a name, got an empty one")
	}
	return option(func(c *config) { c.name = s })
}
