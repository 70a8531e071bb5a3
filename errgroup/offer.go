package errgroup

import (
	"context"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/task"
)

// offer has a call that has a place taken: by the limiter, which lets it pass
// when it is time, and by the executor. Both get a context that ends with the
// scope, as the call's must; that the caller's own context ends is something
// that matters only until the call is accepted.
func (c *core) offer(ctx context.Context, j *job) error {
	j.asked = new(task.Ctx)
	j.asked.Init(c.ctx, lend(ctx))
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, func() { c.withdraw(ctx, j) })
		defer stop()
	}
	if c.throttle != nil {
		// A limiter does not know of places. As in beginLater, the call goes on
		// before the caller waits for its own.
		defer task.Parked(ctx)()
	}
	defer c.retract(ctx, j)
	if err := c.take(j); err != nil {
		return c.notTaken(ctx, j, err)
	}
	accepted, spawn := c.accept(j)
	if spawn {
		go c.work()
	}
	if !accepted {
		return j.err
	}
	return nil
}

func (c *core) take(j *job) error {
	if c.throttle != nil {
		if err := c.throttle.Wait(j.asked); err != nil {
			return err
		}
	}
	if c.on != nil {
		return c.on.Execute(j.asked, j.self)
	}
	return nil
}

// lent is the slot of a caller, in the context that an executor gets: one that
// blocks parks its caller. The caller comes back by its own context, not by
// that of the scope.
type lent struct {
	task.Slot
	caller context.Context
}

func lend(caller context.Context) task.Slot {
	if slot := task.SlotOf(caller); slot != nil {
		return &lent{slot, caller}
	}
	return nil
}

func (l *lent) Unpark(context.Context) { l.Slot.Unpark(l.caller) }

// notTaken is what follows when the limiter or the executor did not accept a call. If the
// scope or the caller's context is over, that is why; otherwise the call has
// failed.
func (c *core) notTaken(ctx context.Context, j *job, err error) error {
	c.mu.Lock()
	if j.phase == entered {
		if why := c.lossLocked(ctx); why != nil {
			c.withdrawLocked(j, why)
		}
	}
	if j.phase == withdrawn {
		c.mu.Unlock()
		return j.err
	}
	fails := c.claimLocked(j)
	c.mu.Unlock()
	if fails {
		j.self.fail(err)
	}
	return err
}

// retract is the end of an offer. If the call is still undecided the executor
// has panicked: Wait must not hang for that. The context that the executor got
// must last until here, even if the call has been run: the executor may wait
// with it for the place of the caller.
func (c *core) retract(ctx context.Context, j *job) {
	c.withdraw(ctx, j)
	c.mu.Lock()
	j.offered = false
	release := j.phase == left || j.phase == withdrawn
	c.mu.Unlock()
	if release {
		j.asked.Release()
	}
}

// withdraw takes back a call that is not accepted yet, because its caller is
// gone.
func (c *core) withdraw(ctx context.Context, j *job) {
	c.mu.Lock()
	if j.phase != entered {
		c.mu.Unlock()
		return
	}
	why := c.lossLocked(ctx)
	if why == nil {
		why = future.ErrStoppedWaiting
	}
	c.withdrawLocked(j, why)
	c.mu.Unlock()
	j.asked.Cancel(context.Cause(ctx))
}

func (c *core) withdrawLocked(j *job, why error) {
	j.err = why
	c.queued.remove(j)
	c.refuseLocked(why)
	c.leaveLocked(j)
	j.phase = withdrawn
}

// accept makes a call ready that only a limiter had to take.
func (c *core) accept(j *job) (accepted, spawn bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.acceptLocked(j) {
		return false, false
	}
	if c.on == nil {
		c.queued.remove(j)
		c.ready.push(j)
	}
	return true, c.needWorkerLocked()
}

// Run is called by the executor.
func (t *call[T]) Run(ctx context.Context) error {
	mine, over := t.core.claim(&t.job)
	switch {
	case !mine:
		return over
	case over != nil:
		t.fail(over)
		return over
	}
	// A context that is still the one that Execute got says nothing about where
	// the call runs: the slot in it is the caller's.
	if on := task.From(ctx); on != nil && on != t.asked {
		t.outer = on.Slot()
	}
	t.ctx.Init(ctx, t.slot())
	t.perform() // nothing follows: calls of an executor start by Run only
	return t.err
}

// Refuse is called by the executor.
func (t *call[T]) Refuse(err error) {
	mine, over := t.core.claim(&t.job)
	switch {
	case !mine:
	case over != nil:
		t.fail(over)
	default:
		t.fail(future.Outcome(t.core.ctx, err))
	}
}
