package main

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A call is work that has a result.
type call = func(ctx context.Context) (int, error)

// errUnfinished is what careful users' own code says of work that ended without
// returning.
var errUnfinished = errors.New("it did not return")

var (
	errOwn   = errors.New("a failure of its own")
	errCause = errors.New("the cause")
)

// A boom is an error that a panic is called with.
type boom struct{}

func (*boom) Error() string { return "boom" }

// explode is a frame that a stack can be asked for.
//
//go:noinline
func explode(v any) { panic(v) }

// reached says what is wrong with how a panic with a *boom was handed on; stack
// is all that the library says of it.
func reached(err error, stack string) error {
	var b *boom
	if err == nil {
		return errors.New("success reported")
	}
	if !errors.As(err, &b) {
		return errors.New("the value is no longer an error")
	}
	if !strings.Contains(stack, "main.explode(") && !strings.Contains(stack, "correctness.explode(") {
		return errors.New("no stack")
	}
	return nil
}

// pause gives others the time to come to where they block. If it is too short,
// the case is easier than it was meant to be; it never makes one fail.
func pause() { time.Sleep(50 * time.Millisecond) }

// settled waits until no more goroutines are left than there were before, for
// two seconds at most, and returns how many are.
func settled(before int) int {
	left := runtime.NumGoroutine() - before
	for range 100 {
		if left <= 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
		left = runtime.NumGoroutine() - before
	}
	return max(left, 0)
}

// twice runs fn in two bubbles, one after the other.
func twice(t *testing.T, fn func() error) error {
	var err error
	for range 2 {
		synctest.Test(t, func(*testing.T) { err = errors.Join(err, fn()) })
	}
	return err
}

// bubble runs fn in virtual time.
func bubble(t *testing.T, fn func() error) (err error) {
	synctest.Test(t, func(*testing.T) { err = fn() })
	return err
}

// A job carries the outcome of work to whoever waits, for libraries that carry
// none. It is what a careful user writes.
type job struct {
	done chan struct{}
	val  int
	err  error
}

func newJob() *job { return &job{done: make(chan struct{}), err: errUnfinished} }

func (j *job) run(ctx context.Context, fn call) {
	defer close(j.done)
	j.val, j.err = fn(ctx)
}

func (j *job) wait(ctx context.Context) (int, error) {
	select {
	case <-j.done:
		return j.val, j.err
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}
