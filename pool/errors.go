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

	// ErrDropped: the task gave way to another, or to those that were queued
	// already, because the queue was full (DropOldest, DropNewest).
	ErrDropped = errors.New("pool: the task was dropped: the queue was full")

	// ErrNotRun: the pool stopped while the task was waiting for its turn.
	ErrNotRun = errors.New("pool: the task was not run: the pool stopped before its turn")

	// ErrDeadlock: a task asked its own pool to wait for it. It matches
	// future.ErrDeadlock.
	ErrDeadlock = fmt.Errorf("pool: a task cannot shut its own pool down: %w", future.ErrDeadlock)
)
