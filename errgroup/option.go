package errgroup

import (
	"context"
	"fmt"

	"github.com/thence-go/thence/future"
)

// Option is a setting of Collect. Each may be given once, and some exclude one
// another: Collect panics at once then, and says which to leave out.
type Option interface {
	apply(*config)
}

type config struct {
	given    choice
	limit    int             // 0: none
	on       future.Executor // nil: a goroutine a call
	throttle interface {
		Wait(ctx context.Context) error
	}
	all    bool
	sink   func(call int, err error) // nil: the first failure ends the scope
	joiner string                    // the option that decides, empty without
	quorum int                       // 0: not by a number
	until  any                       // func(int, future.Result[T]) bool; nil: not by a predicate
	hooks  *Hooks
}

// choice is what an option chooses; two of a kind contradict each other.
type choice uint8

const (
	limits choice = 1 << iota
	executors
	throttles
	errs
	sinks
	joiners
	hooks
)

type option struct {
	name string
	kind choice
	set  func(*config)
}

func (o option) apply(c *config) {
	if c.given&o.kind != 0 {
		if o.kind == joiners && o.name != c.joiner {
			panic("errgroup: Collect got " + c.joiner + " and " + o.name + ": a scope is decided in one way, give one of them")
		}
		panic("errgroup: Collect got " + o.name + " twice: give it once")
	}
	c.given |= o.kind
	if o.kind == joiners {
		c.joiner = o.name
	}
	o.set(c)
	if c.all && c.joiner != "" {
		panic("errgroup: Collect got AllErrors and " + c.joiner + ": leave AllErrors out, Wait returns every failure if the scope is not decided")
	}
}

// Limit lets at most n calls run at once, n being at least 1. A call that waits
// with the context that it was given does not count meanwhile: the package page
// says what a limit bounds.
func Limit(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("errgroup: Limit needs at least 1, got %d: leave the option out for no limit", n))
	}
	return option{"Limit", limits, func(c *config) { c.limit = n }}
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
	return option{"On", executors, func(c *config) { c.on = e }}
}

// AllErrors makes Wait return every failure rather than the first, as a
// *future.JoinError in the order of the calls: an Index counts all calls from
// 0, of Go and Do alike, so it is the place among the values if the scope does
// not use Do. The first failure still ends the scope, unless Supervise is given
// too; a sibling that returns that same error afterwards counts as its echo.
//
// First, Quorum and Until exclude it: they keep every failure anyway.
func AllErrors() Option {
	return option{"AllErrors", errs, func(c *config) { c.all = true }}
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
	return option{"Supervise", sinks, func(c *config) { c.sink = sink }}
}

// First is Quorum(1): the first success decides.
func First() Option {
	return option{"First", joiners, func(c *config) { c.quorum = 1 }}
}

// Quorum makes the scope a success as soon as k calls of Go have succeeded;
// the others are canceled with ErrDecided. A failure ends nothing. Wait returns
// the k values that decided, in the order of their calls and without gaps. If
// there are too few, it returns those, and ErrQuorum.
func Quorum(k int) Option {
	if k < 1 {
		panic(fmt.Sprintf("errgroup: Quorum needs at least 1, got %d", k))
	}
	return option{"Quorum", joiners, func(c *config) { c.quorum = k }}
}
