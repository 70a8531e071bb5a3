package pipeline

import (
	"errors"
	"fmt"
)

// ErrSkip drops the item when a step's function returns it: the flow goes on
// with the next one.
var ErrSkip = errors.New("pipeline: skip this item")

// What drops an item for a reason of its own is ErrSkip to all but the figures.
var (
	errLetter  error = &dropped{} // DeadLetter took it
	errDropped error = &dropped{} // a Filter did
)

type dropped struct{ _ byte } // not empty: each one is itself

func (*dropped) Error() string { return ErrSkip.Error() }
func (*dropped) Unwrap() error { return ErrSkip }

// errStopped is the cause that the functions of a flow see when its consumer
// has walked away.
var errStopped = errors.New("pipeline: the consumer stopped")

// Error is the failure of a flow: which stage failed, and at which item.
type Error struct {
	Stage string // its Name, or the step and its place in the flow, as in "then#2"
	Item  int64  // position among the items that the stage was given, from 0
	Err   error  // what its function returned; a *future.PanicError; or future.ErrGoexit
}

func (e *Error) Error() string {
	return fmt.Sprintf("pipeline: stage %q failed at item %d: %v", e.Stage, e.Item, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }
