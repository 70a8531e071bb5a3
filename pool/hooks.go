package pool

import (
	"time"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/task"
)

// Hooks are told of what happens to tasks. A nil function is off and costs
// nothing. They are called inline, on the goroutine where it happens, with no
// lock held: a slow hook slows the submitter or the worker down. A hook that
// panics, or ends its goroutine, crashes the process.
//
// Each task is told of by Enqueue, and then by either Start and Done, or
// Reject.
type Hooks struct {
	// Enqueue: a task was submitted; it may still have to wait for room.
	Enqueue func(TaskInfo)
	// Start: a worker has taken it. Waited is set.
	Start func(TaskInfo)
	// Done: it has returned, with this outcome. Waited and Ran are set.
	Done func(TaskInfo, error)
	// Panic: its own function has panicked; Done follows. A function that returns
	// the *future.PanicError of work that it waited for has not.
	Panic func(TaskInfo, *future.PanicError)
	// Reject: it will not run: not accepted, dropped, or left in the queue when
	// the pool stopped. The error says why. Waited is set. The end of the pool
	// waits for the hook, so it must not wait for that: Shutdown with a ctx that
	// has ended, and Close, do not.
	Reject func(TaskInfo, error)
}

// TaskInfo says which task a hook is told of.
type TaskInfo struct {
	Pool   string // the pool's name
	Name   string // of the view (Named), empty without
	Waited time.Duration
	Ran    time.Duration
}

// call runs a hook.
func call(hook func()) { task.Hook("pool", hook) }
