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

// Limit lets at most n calls run at once, n being at least 1. A call that waits
// with the context that it was given does not count meanwhile: the package page
// says what a limit bounds.
func Limit(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("errgroup: Limit needs at least 1, got %d: leave the option out for no limit", n))
	}
	return option(func(c *config) { c.limit = n })
}

// On runs the calls as tasks of an executor, such as a pool. A task that the
// executor does not accept, or drops, is a failure of that call. One that it has
// not begun when the scope ends is canceled at once, whatever the executor is
// busy with.
//
// A scope that is made inside a task of a pool, and runs on that pool, must be
// made with the context that the task was given, or one made from it. Otherwise
// its Wait does not know that it keeps a worker from the calls that it waits
// for: with one worker that is a deadlock.
func On(e future.Executor) Option {
	if e == nil {
		panic("errgroup: On needs an executor, got nil: leave the option out for a goroutine a call")
	}
	return option(func(c *config) { c.on = e })
}

// AllErrors makes Wait return every failure rather than the first, as a
// *future.JoinError in the order of the calls: an Index counts all calls from
// 0, of Go and Do alike, so it is the place among the values if the scope does
// not use Do. The first failure still ends the scope, unless Supervise is given too; a sibling that returns that same
// error afterwards counts as its echo.
func AllErrors() Option {
	return option(func(c *config) { c.all = true })
}

// Supervise lets the siblings of a failed call go on. Each failure goes to
// sink, with the number of the call (of all calls from 0, of Go and Do alike),
// on the goroutine of the call and possibly at the same time as others. Wait
// waits for the sink, and returns no failures then, unless AllErrors is given
// too: the sink has had them.
//
// The call has given its place at the limit and its worker back before the sink
// is called, so a sink may start the work again. It must not call Wait or range
// over Results, which wait for it.
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
