package errgroup

import (
	"fmt"

	"github.com/thence-go/thence/future"
)

// Until makes the scope a success as soon as enough says so. It is asked about
// each call of Go that has finished, with its place among the values and its
// result, success or failure, but not about a call that was canceled; one
// result at a time, in the order of finishing, on the goroutine of the call. It
// is not asked again once it has returned true: the others are canceled with
// ErrDecided then. A failure ends nothing.
//
// Wait returns the values of the calls that had succeeded by then, in the order
// of the calls and without gaps. If enough never said so, it returns those, and
// ErrUndecided.
//
// T is the type of the scope's results; Collect panics if it is not. The call
// has given its place at the limit and its worker back before enough is called,
// so enough may start further calls. It must not call Wait or range over
// Results, which wait for it. If it panics, that is a failure that ends the
// scope and that Wait returns.
func Until[T any](enough func(call int, r future.Result[T]) bool) Option {
	if enough == nil {
		panic("errgroup: Until needs a function that says when it is enough, got nil")
	}
	return option{"Until", joiners, func(c *config) { c.until = enough }}
}

// mustUntil is the predicate of a scope's Until, or nil.
func mustUntil[T any](c *config) func(int, future.Result[T]) bool {
	if c.until == nil {
		return nil
	}
	enough, ok := c.until.(func(int, future.Result[T]) bool)
	if !ok {
		panic(fmt.Sprintf("errgroup: Collect needs an Until for its own results, a %T, got a %T", enough, c.until))
	}
	return enough
}

// turns let calls ask the predicate one at a time, in the order of their
// coming. They wait on channels, so that a predicate may sleep in a bubble.
type turns struct {
	busy bool
	line []chan struct{}
}

// takeTurn waits for its turn, and reports whether the question is still open.
func (c *core) takeTurn() (open bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.turns.busy {
		mine := make(chan struct{})
		c.turns.line = append(c.turns.line, mine)
		c.mu.Unlock()
		<-mine
		c.mu.Lock()
	}
	c.turns.busy = true
	return !c.verdict.decided && c.verdict.trouble == nil
}

func (c *core) passTurn() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.turns.line) == 0 {
		c.turns.busy = false
		return
	}
	close(c.turns.line[0])
	c.turns.line = c.turns.line[1:]
}
