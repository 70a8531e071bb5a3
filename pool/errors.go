package pool

import (
	"errors"
	"fmt"

	"github.com/thence-go/thence/future"
)

// The sentinels that errors.Is asks for.
var (
	// ErrClosed: the pool was shut down, so it takes no task. Running tasks
	// of a pool that stops see it as the cause of their ctx.
	ErrClosed = errors.New("pool: closed: it takes no more tasks")

	// ErrFull: the queue had no room, and the submitter did not want to wait.
	ErrFull = errors.New("pool: the queue is full: try later, or let the submitter wait (pool.Block)")

	// ErrNotRun: the pool stopped while the task was waiting for its turn.
	ErrNotRun = errors.New("pool: the task was not run: the pool stopped before its turn")

	// ErrDeadlock: a task asked its own pool to wait for it. It matches
	// future.ErrDeadlock.
	ErrDeadlock = fmt.Errorf("pool: a task cannot shut its own pool down: %w", future.ErrDeadlock)
)

// ShutdownError says what a shutdown had to leave behind when its ctx ended.
// It unwraps to the cause of that ctx.
type ShutdownError struct {
	Pool    string // the pool's name
	NotRun  int    // tasks that were never run: they have settled with ErrNotRun
	Running int    // tasks that were running, and have been canceled
	Cause   error
}

func (e *ShutdownError) Error() string {
	name := ""
	if e.Pool != "" {
		name = " " + e.Pool
	}
	return fmt.Sprintf("pool%s: shutdown: %d tasks not run, %d still running: %v", name, e.NotRun, e.Running, e.Cause)
}

func (e *ShutdownError) Unwrap() error { return e.Cause }
