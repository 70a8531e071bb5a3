// Package task holds what the tasks of every package share: the context that
// user code is given, and the slot that a blocked task gives back.
package task

import (
	"context"
	"sync/atomic"
	"time"
)

// Ctx is the context of one task. It lives inside the task's own allocation
// and costs nothing until somebody looks: the first call of Done, or of Value
// with a key from outside, makes a real cancel context below it. So causes,
// children and context.AfterFunc work as they do for the standard library's
// contexts, without a goroutine for each child.
//
// The zero Ctx is not ready: call Init first. A Ctx must not be copied.
type Ctx struct {
	base context.Context
	slot Slot
	life atomic.Pointer[life]
}

// life is what a Ctx has become. It is nil while nobody has looked and nothing
// but the base can have ended it.
//
//	nil ---look---> real, live ---Cancel, Release, base---> real, over
//	  \---Cancel, Release---> bare, over ---look---> real, over
type life struct {
	real   context.Context // nil as long as nobody has looked
	cancel context.CancelCauseFunc
	err    error // of a bare life: what Err and context.Cause answer
	cause  error
}

// released is the life of a task that has returned and was never looked at.
var released = &life{err: context.Canceled, cause: context.Canceled}

// Init makes c a child of base that holds slot; nil masks a slot of base.
func (c *Ctx) Init(base context.Context, slot Slot) {
	c.base, c.slot = base, slot
}

// SetSlot says where the task runs. It must come before the task's code runs.
func (c *Ctx) SetSlot(slot Slot) { c.slot = slot }

// Base returns the context that c was made from.
func (c *Ctx) Base() context.Context { return c.base }

// Cancel ends c with a cause; nil means context.Canceled. The first end wins.
func (c *Ctx) Cancel(cause error) {
	if cause == nil {
		cause = context.Canceled
	}
	for {
		l := c.life.Load()
		switch {
		case l == nil:
			end := &life{err: context.Canceled, cause: cause}
			if err := c.base.Err(); err != nil {
				end.err, end.cause = err, context.Cause(c.base)
			}
			if c.life.CompareAndSwap(nil, end) {
				return
			}
		case l.real != nil:
			l.cancel(cause)
			return
		default:
			return
		}
	}
}

// End is Cancel that does not ask whether the base has ended before, and so calls
// nobody's code if c is not real.
func (c *Ctx) End(cause error) {
	if cause == nil {
		cause = context.Canceled
	}
	if !c.life.CompareAndSwap(nil, &life{err: context.Canceled, cause: cause}) {
		c.Cancel(cause)
	}
}

// Release ends c because its task has returned, and lets go of the base.
func (c *Ctx) Release() {
	l := c.life.Load()
	if l == nil && c.base.Err() == nil && c.life.CompareAndSwap(nil, released) {
		return
	}
	if l = c.life.Load(); l != nil && l.real != nil {
		l.cancel(nil)
	}
}

// Looked reports whether c has become real or has ended: only then can others
// depend on it.
func (c *Ctx) Looked() bool { return c.life.Load() != nil }

// Deadline is the base's: a task has none of its own.
func (c *Ctx) Deadline() (time.Time, bool) { return c.base.Deadline() }

// Done makes c real.
func (c *Ctx) Done() <-chan struct{} { return c.look().Done() }

// Err answers without making c real.
func (c *Ctx) Err() error {
	l := c.life.Load()
	if l == nil {
		return c.base.Err()
	}
	if l.real != nil {
		return l.real.Err()
	}
	return l.err
}

// Value answers for the task itself, and makes c real for every other key:
// context.Cause and the making of children ask in this way for the cancel
// context that they need.
func (c *Ctx) Value(key any) any {
	if key == (ctxKey{}) {
		return c
	}
	return c.look().Value(key)
}

func (c *Ctx) look() context.Context {
	for {
		l := c.life.Load()
		if l != nil && l.real != nil {
			return l.real
		}
		base := c.base
		if l != nil {
			base = context.WithoutCancel(base) // over already: its own cause stands
		}
		real, cancel := context.WithCancelCause(base)
		if l != nil {
			cancel(l.cause)
		}
		if c.life.CompareAndSwap(l, &life{real: real, cancel: cancel}) {
			return real
		}
		cancel(nil)
	}
}

type ctxKey struct{}

// From returns the innermost task whose context ctx is or was made from, or
// nil.
func From(ctx context.Context) *Ctx {
	if c, ok := ctx.(*Ctx); ok {
		return c
	}
	c, _ := ctx.Value(ctxKey{}).(*Ctx)
	return c
}
