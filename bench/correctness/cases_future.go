package main

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
)

// A futureKit launches work, behind what its library offers of futures.
type futureKit struct {
	launch  func(ctx context.Context, fn call) pending
	all     func(ctx context.Context, fs []pending) error // fails with the first that fails
	settled func(ctx context.Context, fs []pending) []int // the values of those that succeed, when all are done
	stack   func(err error) string

	noCtx bool // work is launched without a ctx
}

// A pending is one result under way.
type pending struct {
	self   any // for all and settled
	await  func(ctx context.Context) (int, error)
	cancel func() // nil if work cannot be canceled through it
	deaf   bool   // await does not end with its ctx, nor can a select be made
}

func futureCases() []testCase[futureKit] {
	return []testCase[futureKit]{
		{row{"panic", "the work panics", "the process lives, and whoever awaits it is told"}, futurePanic},
		{row{"panic-error", "the work panics with an error", "errors.As finds it, and the stack is that of the goroutine that panicked"}, futurePanicError},
		{row{"goexit", "the work calls runtime.Goexit", "whoever awaits it is told"}, futureGoexit},
		{row{"await", "the ctx of the one who awaits ends", "the wait ends, and the result is still there for others"}, futureAwait},
		{row{"cancel", "the future is canceled", "the work's ctx ends, and whoever awaits it is told"}, futureCancel},
		{row{"cause", "the ctx that the work was launched with ends with a cause", "the work's ctx has the cause, and so has the error where it returns ctx.Err()"}, futureCause},
		{row{"all", "one of those that are awaited together fails", "the wait ends with that error at once, and the others are canceled"}, futureAll},
		{row{"kept", "the same, but every result is wanted", "the values of the others are there"}, futureKept},
		{row{"bubble", "it is used in two synctest bubbles, one after the other", "both end"}, futureBubble},
	}
}

func futurePanic(_ *testing.T, k futureKit) error {
	f := k.launch(context.Background(), func(context.Context) (int, error) { explode("boom"); return 0, nil })
	if _, err := f.await(context.Background()); err == nil {
		return errors.New("success reported")
	}
	return nil
}

func futurePanicError(_ *testing.T, k futureKit) error {
	f := k.launch(context.Background(), func(context.Context) (int, error) { explode(&boom{}); return 0, nil })
	_, err := f.await(context.Background())
	return reached(err, stackOf(k.stack, err))
}

func futureGoexit(_ *testing.T, k futureKit) error {
	f := k.launch(context.Background(), func(context.Context) (int, error) { runtime.Goexit(); return 0, nil })
	if _, err := f.await(context.Background()); err == nil {
		return errors.New("success reported")
	}
	return nil
}

func futureAwait(_ *testing.T, k futureKit) error {
	gate := make(chan struct{})
	f := k.launch(context.Background(), func(context.Context) (int, error) { <-gate; return 7, nil })
	if f.deaf {
		return errNotOffered
	}
	ctx, cancel := context.WithCancel(context.Background())
	told := make(chan error)
	go func() {
		_, err := f.await(ctx)
		told <- err
	}()
	pause()
	cancel()
	if err := <-told; err == nil {
		return errors.New("success reported")
	}
	close(gate)
	if v, err := f.await(context.Background()); v != 7 || err != nil {
		return errors.New("the result is gone")
	}
	return nil
}

func futureCancel(_ *testing.T, k futureKit) error {
	started := make(chan struct{})
	f := k.launch(context.Background(), func(ctx context.Context) (int, error) {
		close(started)
		<-ctx.Done()
		return 0, ctx.Err()
	})
	if f.cancel == nil || k.noCtx {
		return errNotOffered
	}
	<-started
	f.cancel()
	if _, err := f.await(context.Background()); err == nil {
		return errors.New("success reported")
	}
	return nil
}

func futureCause(_ *testing.T, k futureKit) error {
	if k.noCtx {
		return errNotOffered
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	var cause error
	f := k.launch(ctx, func(ctx context.Context) (int, error) {
		cancel(errCause)
		<-ctx.Done()
		cause = context.Cause(ctx)
		return 0, ctx.Err()
	})
	_, err := f.await(context.Background())
	return causes(cause, err)
}

func futureAll(_ *testing.T, k futureKit) error {
	if k.all == nil {
		return errNotOffered
	}
	ctx := context.Background()
	started, canceled, end := make(chan struct{}), make(chan struct{}), make(chan struct{})
	slow := k.launch(ctx, func(ctx context.Context) (int, error) {
		close(started)
		select {
		case <-ctx.Done():
			close(canceled)
		case <-end:
		}
		return 0, ctx.Err()
	})
	fails := k.launch(ctx, func(context.Context) (int, error) { <-started; return 0, errOwn })
	if err := k.all(ctx, []pending{slow, fails}); !errors.Is(err, errOwn) {
		return errors.New("another error")
	}
	for range 40 {
		select {
		case <-canceled:
			return nil
		default:
			pause()
		}
	}
	return errors.New("the others go on")
}

func futureKept(_ *testing.T, k futureKit) error {
	if k.settled == nil {
		return errNotOffered
	}
	ctx := context.Background()
	failed := make(chan struct{})
	fs := []pending{
		k.launch(ctx, func(context.Context) (int, error) { return 1, nil }),
		k.launch(ctx, func(context.Context) (int, error) { defer close(failed); return 0, errOwn }),
		k.launch(ctx, func(context.Context) (int, error) { <-failed; pause(); return 3, nil }),
	}
	if vals := k.settled(ctx, fs); !slices.Equal(vals, []int{1, 3}) {
		return errors.New("some are lost")
	}
	return nil
}

func futureBubble(t *testing.T, k futureKit) error {
	return twice(t, func() error {
		ctx := context.Background()
		var errs []error
		for i := range 5 {
			v, err := k.launch(ctx, func(context.Context) (int, error) { return i, nil }).await(ctx)
			if err == nil && v != i {
				err = errors.New("another value")
			}
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	})
}
