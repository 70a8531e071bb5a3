package pool

import (
	"context"
	"reflect"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/task"
)

// loan is a ctx that a task has on loan from its worker.
type loan struct {
	task.Ctx
	panicked *future.PanicError // of the task's own function
}

// Panicked is told of the abnormal end of the task's own function, by whoever
// has recovered it.
func (l *loan) Panicked(err error) {
	if p, ok := err.(*future.PanicError); ok && l.panicked == nil {
		l.panicked = p
	}
}

// Owned returns what the loan was made from, for work that outlives the task.
func (l *loan) Owned() context.Context { return l.Base() }

// ctxFor returns the ctx for a task that was submitted with base.
func (w *worker) ctxFor(base context.Context) *loan {
	if w.base != nil && w.base == base {
		return w.ctx.Load()
	}
	l := new(loan)
	l.Init(base, w.slot)
	w.newCtx(l)
	if isPointer(base) {
		w.base = base
	}
	if w.pool.stopped.Load() {
		l.Cancel(ErrClosed)
	}
	return l
}

// newCtx replaces the ctx on loan. One that somebody has looked at is a child
// of what it was made from, and so must end.
func (w *worker) newCtx(l *loan) {
	w.base = nil
	if old := w.ctx.Swap(l); old != nil && old.Looked() {
		old.Release()
	}
}

// isPointer guards the comparison of contexts, which panics if both are of a
// type that cannot be compared.
func isPointer(ctx context.Context) bool {
	t := reflect.TypeOf(ctx)
	return t.Kind() == reflect.Pointer || t.Size() == 0
}
