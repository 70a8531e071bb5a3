package pool

import (
	"context"
	"errors"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/task"
)

// timerRun is a timer as the task that its pool runs. So a run costs no allocation.
type timerRun Timer

// timerWait is the ctx of a run that waits for room: it ends when the timer is
// stopped, and means nothing once the wait is over. What the wait is for, the
// task itself, belongs to the timer's ctx. It masks the slot that the timer's ctx may have: who waits is not that task.
type timerWait struct {
	task.Ctx
	owned context.Context
}

func (w *timerWait) Owned() context.Context { return w.owned }

// patient: only these wait for room. At most one run at a time does, and at most
// one of their runs is pending.
func (t *Timer) patient() bool { return t.overlap == QueueOne }

// offer submits a run without waiting. It reports false if wait must follow.
func (t *Timer) offer() bool {
	err := t.pool.submit(t.ctx, (*timerRun)(t), Reject)
	if t.patient() && errors.Is(err, ErrFull) {
		return false
	}
	if err != nil {
		t.refused(err)
	}
	return true
}

// wait submits a run when there is room.
func (t *Timer) wait() {
	w := &timerWait{owned: t.ctx}
	w.Init(t.ctx, nil)
	defer w.Release()
	t.mu.Lock()
	t.waiting = w
	t.unlock()
	if err := t.pool.submit(w, (*timerRun)(t), Block); err != nil {
		t.refused(err)
	}
}

// refused ends a run that does not take place.
func (t *Timer) refused(err error) {
	t.mu.Lock()
	t.pending--
	if errors.Is(err, ErrClosed) || errors.Is(err, ErrNotRun) || errors.Is(err, future.ErrCanceled) {
		t.over = true
	}
	t.unlock()
}

// Refuse makes a run a future.Task.
func (r *timerRun) Refuse(err error) { (*Timer)(r).refused(err) }

// Run makes a run a future.Task.
func (r *timerRun) Run(ctx context.Context) (err error) {
	t := (*Timer)(r)
	if err := t.begin(ctx); err != nil {
		return err
	}
	returned := false
	defer func() {
		if !returned {
			err = future.Recovered(recover()) // before Done is closed
			task.Panicked(ctx, err)
		}
		t.returned()
	}()
	t.fn(ctx)
	returned = true
	return nil
}

func (t *Timer) begin(ctx context.Context) error {
	ended := ctx.Err() != nil
	t.mu.Lock()
	t.pending--
	begun := !t.over && !ended
	if begun {
		t.running++
	}
	t.unlock()
	switch {
	case begun:
		return nil
	case ended:
		return &future.CanceledError{Cause: context.Cause(ctx)}
	}
	return &future.CanceledError{Cause: errStopped}
}

// returned ends a run, even one that panicked or called Goexit.
func (t *Timer) returned() {
	t.mu.Lock()
	t.running--
	begin := t.follow
	if begin {
		t.follow = false
		t.pending++
	}
	t.unlock()
	if begin && !t.offer() {
		go t.wait() // not here: this is a worker
	}
}
