package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
)

// A groupKit makes groups, behind what its library offers of them.
type groupKit struct {
	open   func(ctx context.Context, limit int) openGroup // a limit of 0 is none
	values func(ctx context.Context, limit int) openGroup // those that return values; nil if there are none

	noCtx    bool // calls have no ctx
	noParent bool // and if they have, it is not made from one of the caller's
}

// An openGroup is a group whose calls are under way.
type openGroup struct {
	start func(ctx context.Context, fn call) error // ctx is that of the one who starts
	wait  func() ([]int, error)
	stack func(err error) string
}

func groupCases() []testCase[groupKit] {
	return []testCase[groupKit]{
		{row{"panic", "a call panics", "the process lives, and the waiter is told by an error or a panic of its own"}, groupPanic},
		{row{"panic-error", "a call panics with an error", "errors.As finds it, and the stack is that of the goroutine that panicked"}, groupPanicError},
		{row{"goexit", "a call calls runtime.Goexit", "the waiter is told"}, groupGoexit},
		{row{"nested", "calls start calls of their own group at its limit", "all of them end"}, groupNested},
		{row{"blocked", "the group's ctx ends while a start waits for room", "the start ends"}, groupBlocked},
		{row{"siblings", "one call fails", "the ctx of the others ends, and the waiter gets that error and not theirs"}, groupSiblings},
		{row{"why", "the same: do the others see why?", "the failure is the cause of their ctx"}, groupWhy},
		{row{"cause", "the ctx of the caller ends with a cause", "the calls' ctx has the cause, and so has the waiter's error where they return ctx.Err()"}, groupCause},
		{row{"kept", "one call fails, others have values", "the waiter gets those values, also of calls that end after the failure"}, groupKept},
		{row{"bubble", "it is used in two synctest bubbles, one after the other", "both end"}, groupBubble},
	}
}

func groupPanic(_ *testing.T, k groupKit) error {
	ctx := context.Background()
	g := k.open(ctx, 0)
	if err := g.start(ctx, func(context.Context) (int, error) { explode("boom"); return 0, nil }); err != nil {
		return err
	}
	if _, err := g.wait(); err == nil {
		return errors.New("success reported")
	}
	return nil
}

func groupPanicError(_ *testing.T, k groupKit) error {
	ctx := context.Background()
	g := k.open(ctx, 0)
	if err := g.start(ctx, func(context.Context) (int, error) { explode(&boom{}); return 0, nil }); err != nil {
		return err
	}
	_, err := g.wait()
	return reached(err, stackOf(g.stack, err))
}

func groupGoexit(_ *testing.T, k groupKit) error {
	ctx := context.Background()
	g := k.open(ctx, 0)
	if err := g.start(ctx, func(context.Context) (int, error) { runtime.Goexit(); return 0, nil }); err != nil {
		return err
	}
	if _, err := g.wait(); err == nil {
		return errors.New("success reported")
	}
	return nil
}

func groupNested(_ *testing.T, k groupKit) error {
	const limit = 2
	ctx := context.Background()
	g := k.open(ctx, limit)
	ran := make(chan struct{}, limit)
	started := make(chan struct{}, limit)
	both := make(chan struct{})
	for range limit {
		err := g.start(ctx, func(ctx context.Context) (int, error) {
			started <- struct{}{}
			<-both
			return 0, g.start(ctx, func(context.Context) (int, error) {
				ran <- struct{}{}
				return 0, nil
			})
		})
		if err != nil {
			return err
		}
	}
	for range limit {
		<-started
	}
	close(both)
	if _, err := g.wait(); err != nil {
		return fmt.Errorf("it fails: %w", err)
	}
	if len(ran) != limit {
		return errors.New("the inner calls do not run")
	}
	return nil
}

func groupBlocked(_ *testing.T, k groupKit) error {
	if k.noParent {
		return errNotOffered
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	g := k.open(ctx, 1)
	gate := make(chan struct{})
	if err := g.start(ctx, func(context.Context) (int, error) { <-gate; return 0, nil }); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = g.start(ctx, func(context.Context) (int, error) { return 0, nil })
	}()
	pause()
	cancel()
	<-ended
	close(gate)
	return nil
}

// failing starts a group with one call that fails while another is under way,
// and returns what that one saw as the cause of its ctx.
func failing(k groupKit) (cause, err error) {
	ctx := context.Background()
	g := k.open(ctx, 0)
	started := make(chan struct{})
	slow := func(ctx context.Context) (int, error) {
		close(started)
		<-ctx.Done()
		cause = context.Cause(ctx)
		return 0, ctx.Err()
	}
	fails := func(context.Context) (int, error) {
		<-started
		return 0, errOwn
	}
	if err := errors.Join(g.start(ctx, slow), g.start(ctx, fails)); err != nil {
		return nil, err
	}
	_, err = g.wait()
	return cause, err
}

func groupSiblings(_ *testing.T, k groupKit) error {
	if k.noCtx {
		return errNotOffered
	}
	switch _, err := failing(k); {
	case !errors.Is(err, errOwn):
		return errors.New("another error")
	case errors.Is(err, context.Canceled):
		return errors.New("their errors too")
	}
	return nil
}

func groupWhy(_ *testing.T, k groupKit) error {
	if k.noCtx {
		return errNotOffered
	}
	if cause, _ := failing(k); !errors.Is(cause, errOwn) {
		return errors.New("only canceled")
	}
	return nil
}

func groupCause(_ *testing.T, k groupKit) error {
	if k.noCtx || k.noParent {
		return errNotOffered
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	g := k.open(ctx, 0)
	var cause error
	err := g.start(context.Background(), func(ctx context.Context) (int, error) {
		cancel(errCause)
		<-ctx.Done()
		cause = context.Cause(ctx)
		return 0, ctx.Err()
	})
	if err != nil {
		return err
	}
	_, err = g.wait()
	return causes(cause, err)
}

func groupKept(_ *testing.T, k groupKit) error {
	if k.values == nil {
		return errNotOffered
	}
	ctx := context.Background()
	g := k.values(ctx, 0)
	early, begun, failed := make(chan struct{}), make(chan struct{}), make(chan struct{})
	for _, fn := range []call{
		func(context.Context) (int, error) { defer close(early); return 1, nil },
		func(context.Context) (int, error) { <-early; <-begun; defer close(failed); return 0, errOwn },
		func(context.Context) (int, error) { close(begun); <-failed; pause(); return 3, nil },
	} {
		if err := g.start(ctx, fn); err != nil {
			return err
		}
	}
	vals, err := g.wait()
	switch {
	case err == nil:
		return errors.New("success reported")
	case len(vals) == 0:
		return errors.New("all are lost")
	case !slices.Contains(vals, 1):
		return errors.New("the early one is lost")
	case !slices.Contains(vals, 3):
		return errors.New("the late one is lost")
	}
	return nil
}

func groupBubble(t *testing.T, k groupKit) error {
	return twice(t, func() error {
		ctx := context.Background()
		g := k.open(ctx, 2)
		for i := range 5 {
			if err := g.start(ctx, func(context.Context) (int, error) { return i, nil }); err != nil {
				return err
			}
		}
		_, err := g.wait()
		return err
	})
}
