package task

import "context"

// Slot is a place in something bounded that a running task holds. A task that
// is about to block on other tasks gives it back for that time, so that those
// tasks can run: this is why nesting cannot deadlock.
//
// Several goroutines may share the context of one task, and so its slot: Park
// and Unpark are counted, the first Park gives the place back and the last
// Unpark takes one again. A slot whose task has returned ignores both.
type Slot interface {
	Park()
	// Unpark waits for a place. ctx is the one that the task blocked with.
	// When the task's own ctx, which is behind it, has ended, Unpark returns at
	// once without a place, and the task goes on beside the limit until it
	// returns.
	Unpark(ctx context.Context)
}

// SlotOf returns the slot of the task that ctx belongs to, or nil. Looking is
// a walk through the values of ctx, so it is done only when about to block.
func SlotOf(ctx context.Context) Slot {
	if c := From(ctx); c != nil {
		return c.slot
	}
	return nil
}

// Slot returns the slot that c's task runs in, or nil.
func (c *Ctx) Slot() Slot { return c.slot }

// Owned returns the context that work started with ctx belongs to. That is ctx,
// unless ctx is on loan to a task until the task returns: then it is the
// context behind the loan.
func Owned(ctx context.Context) context.Context {
	if l, ok := ctx.(interface{ Owned() context.Context }); ok {
		return l.Owned()
	}
	return ctx
}

// Parked gives back the slot of the task that ctx belongs to, if there is one,
// and returns what takes one again. ctx may be nil.
//
//	defer task.Parked(ctx)()
func Parked(ctx context.Context) (unpark func()) {
	if ctx == nil {
		return nothing
	}
	s := SlotOf(ctx)
	if s == nil {
		return nothing
	}
	s.Park()
	return func() { s.Unpark(ctx) }
}

func nothing() {}
