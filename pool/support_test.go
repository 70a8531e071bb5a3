package pool_test

import (
	"context"
	"errors"
	"os"
	"strconv"
	"testing"

	"github.com/thence-go/thence/future"
)

var (
	errDisk  = errors.New("disk")
	errCause = errors.New("the cause")
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

// quiet keeps expected panics out of the log.
func quiet(t *testing.T) {
	old := future.SetHooks(future.Hooks{Panic: func(*future.PanicError) {}})
	t.Cleanup(func() { future.SetHooks(old) })
}

func nothing(context.Context) {}

func one(context.Context) (int, error) { return 1, nil }

func untilDone(ctx context.Context) (int, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}
