package future_test

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"strconv"
	"testing"

	"github.com/thence-go/thence/future"
)

// stress is how often a racy case is tried; STRESS multiplies it.
func stress(n int) int {
	if testing.Short() {
		return n/10 + 1
	}
	if f, err := strconv.Atoi(os.Getenv("STRESS")); err == nil && f > 0 {
		return n * f
	}
	return n
}

// spawn is the least executor: a goroutine a task.
type spawn struct{}

func (spawn) Execute(ctx context.Context, t future.Task) error {
	go func() { _ = t.Run(ctx) }()
	return nil
}

// queue is an executor that keeps what it is given.
type queue struct {
	tasks []future.Task
	err   error
	full  chan error // if there is one, it is told why a ctx ended that waits for room
}

func (q *queue) Execute(ctx context.Context, t future.Task) error {
	if q.full != nil {
		<-ctx.Done()
		q.full <- context.Cause(ctx)
		return ctx.Err()
	}
	if q.err != nil {
		return q.err
	}
	q.tasks = append(q.tasks, t)
	return nil
}

// goroutine returns the number of the goroutine that calls it.
func goroutine() string {
	buf := make([]byte, 64)
	buf = buf[:runtime.Stack(buf, false)]
	return string(bytes.Fields(buf)[1])
}
