package future

import (
	"context"

	"github.com/thence-go/thence/internal/task"
)

// Future is the result of work that may still be under way. Any number of
// goroutines may await it, chain on it and cancel it, at any time.
//
// Futures are made by Go, GoOn, Resolved, Failed, a Promise, and the functions
// that chain and combine others; the zero Future is nobody's to settle. A
// Future must not be copied. Most callers want Await.
type Future[T any] struct {
	value T
	core
}

// Await waits for the outcome and returns it. If ctx ends first, Await returns
// a *WaitError that matches ErrStoppedWaiting; the work goes on, and whoever
// awaits it later gets its outcome. A settled future answers at once, whatever
// the state of ctx.
//
// Called from a task of a bounded pool with the task's ctx, Await gives the
// task's slot back while it blocks. A task that awaits its own future, or one
// that cannot begin before the task has returned, gets ErrDeadlock.
func (f *Future[T]) Await(ctx context.Context) (T, error) {
	if f.word.Load()&(phaseMask|recorded) != settled {
		if err := f.wait(ctx); err != nil {
			var zero T
			return zero, err
		}
	}
	return f.value, f.err
}

// Done returns a channel that is closed when the future has settled, for use
// in a select.
func (f *Future[T]) Done() <-chan struct{} {
	f.demand()
	f.look()
	return f.doneChan()
}

// Poll returns the result if there is one already.
func (f *Future[T]) Poll() (Result[T], bool) {
	if !f.isSettled() {
		return Result[T]{}, false
	}
	f.look()
	return Result[T]{f.value, f.err}, true
}

// Err returns nil if the future has settled with a value, its error if it has
// failed or was canceled, and ErrPending if it has not settled yet.
func (f *Future[T]) Err() error {
	if !f.isSettled() {
		return ErrPending
	}
	f.look()
	return f.err
}

// Cancel asks the work to end, with a cause; nil means context.Canceled. A
// function that has not started is never called, and the future settles at
// once. One that runs has its ctx canceled, and the future settles when it
// returns: with its value, if it made one all the same. A derived future that
// waits for its inputs settles at once and gives up its claim on them; an
// input whose last claim is given up is canceled too.
func (f *Future[T]) Cancel(cause error) {
	carryOnElsewhere(announce(f.cancel(cause)))
	f.waitSettling()
}

// settle writes the outcome of a pending future, gives its claims up and publishes
// it. The caller must announce what it returns, which is none if f had settled.
func (f *Future[T]) settle(v T, err error) news {
	if !f.claim() {
		return news{}
	}
	f.value, f.err = v, err
	return f.conclude()
}

// wait blocks until c has settled, or returns why it did not wait so long.
func (c *core) wait(ctx context.Context) error {
	mustContext("Await", ctx)
	if c.isSettled() {
		c.look()
		return nil
	}
	c.demand()
	if err := c.block(ctx); err != nil {
		return err
	}
	c.look()
	return nil
}

// block is wait for a future that was pending just now.
func (c *core) block(ctx context.Context) error {
	var slot task.Slot
	if t := task.From(ctx); t != nil {
		if c.self != nil && c.self.owns(t) {
			return ErrDeadlock
		}
		slot = t.Slot()
	}
	if s, ok := slot.(serial); ok && c.outlives(s.NeverRun()) {
		return ErrDeadlock
	}
	if slot != nil {
		slot.Park()
		defer slot.Unpark(ctx)
	}
	// Whoever waits has a claim, but only while it waits: its end cancels
	// nothing, and behind the settling claims mean nothing.
	c.word.Add(oneClaim)
	over := ctx.Done()
	if over == nil {
		c.waitWoken()
		return nil
	}
	select {
	case <-c.doneChan():
	case <-over:
		if !c.isSettled() {
			c.word.Add(dropClaim)
			return StoppedWaiting(ctx)
		}
	}
	return nil
}
