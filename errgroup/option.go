package errgroup

import (
	"fmt"

	"github.com/thence-go/thence/future"
)

// Option is a setting of Collect.
type Option interface{ apply(*config) }

type config struct {
	limit  int             // 0: none
	on     future.Executor // nil: a goroutine a call
	all    bool
	sink   func(call int, err error) // nil: the first failure ends the scope
	quorum int                       // 0: every call counts
}

type option func(*config)

func (o option) apply(c *config) { o(c) }

// Limit lets at most n calls run at once, n being at least 1. A call that
// waits for others (in the scope's own Go and Do, in Await, for another scope)
// with the context that it was given does not count meanwhile.
func Limit(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("errgroup: Limit needs at least 1, got %d: leave the option out for no limit", n))
	}
	return option(func(c *config) { c.limit = n })
}

// On runs the calls as tasks of an executor, such as a pool. A task that the
// executor does not accept, or drops, is a failure of that call.
func On(e future.Executor) Option {
	if e == nil {
		panic("errgroup: On needs an executor, got nil: leave the option out for a goroutine a call")
	}
	return option(func(c *config) { c.on = e })
}

// AllErrors makes Wait return every failure rather than the first, as a
// *future.JoinError in the order of the calls. The first failure still ends
// the scope, unless Supervise is given too; a sibling that returns that same
// error afterwards counts as its echo.
func AllErrors() Option {
	return option(func(c *config) { c.all = true })
}

// Supervise lets the siblings of a failed call go on. Each failure goes to
// sink, with the number of the call (-1 for Do), on the goroutine of the call
// and possibly at the same time as others. Wait returns no failures then,
// unless AllErrors is given too: the sink has had them.
//
// A sink that panics is a failure that ends the scope and that Wait returns.
func Supervise(sink func(call int, err error)) Option {
	if sink == nil {
		panic("errgroup: Supervise needs a function that takes the failures, got nil")
	}
	return option(func(c *config) { c.sink = sink })
}

// First is Quorum(1): the first success decides.
func First() Option { return Quorum(1) }

// Quorum makes the scope a success as soon as k calls of Go have succeeded;
// the others are canceled with ErrDecided. A failure ends nothing. Wait returns
// the k values that decided, in the order of their calls and without gaps. If
// there are too few, it returns those, and ErrQuorum.
func Quorum(k int) Option {
	if k < 1 {
		panic(fmt.Sprintf("errgroup: Quorum needs at least 1, got %d", k))
	}
	return option(func(c *config) { c.quorum = k })
}
