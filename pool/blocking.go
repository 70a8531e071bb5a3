package pool

import (
	"context"

	"github.com/thence-go/thence/internal/task"
)

// Blocking calls fn and gives the slot of the task that ctx belongs to back
// meanwhile. It is for waits that the library cannot see: a channel, a mutex, a
// sleep, a system call. Without it such a wait keeps a worker of the pool from
// others, and may keep it for ever if it is for one of them.
//
//	pool.Blocking(ctx, func() { <-ready })
//
// Before Blocking returns it takes a slot again, ahead of the queue. On cancel
// of the task's ctx it does not wait for one: it returns as soon as fn has.
// Outside of a task it just calls fn.
func Blocking(ctx context.Context, fn func()) {
	mustSubmit("Blocking", ctx, fn == nil)
	defer task.Parked(ctx)()
	fn()
}
