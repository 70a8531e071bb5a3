package main

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const flowWorkers = 4

type step = func(ctx context.Context, item int) (int, error)

// A flowKit runs a step over items on several workers, in order, behind what
// its library offers of that.
type flowKit struct {
	// run gives each result to each, in order, which returns false to stop.
	run   func(ctx context.Context, items []int, fn step, each func(int) bool) error
	stack func(err error) string

	// lossless is run with a hook for the results that are not given to each;
	// nil if the library has none.
	lossless func(ctx context.Context, items []int, fn step, each func(int) bool, lost func(int)) error

	whole bool // the result is one slice in the end: nobody stops early, and an error stops nothing
	noCtx bool // neither the flow nor its step has a ctx
}

func numbers(n int) []int {
	items := make([]int, n)
	for i := range items {
		items[i] = i
	}
	return items
}

// collect runs a flow to its end.
func (k flowKit) collect(ctx context.Context, n int, fn step) (results []int, err error) {
	err = k.run(ctx, numbers(n), fn, func(v int) bool {
		results = append(results, v)
		return true
	})
	return results, err
}

func flowCases() []testCase[flowKit] {
	return []testCase[flowKit]{
		{row{"panic", "a step panics", "the process lives, and whoever ran the flow is told by an error or a panic of its own"}, flowPanic},
		{row{"panic-error", "a step panics with an error", "errors.As finds it, and the stack is that of the goroutine that panicked"}, flowPanicError},
		{row{"goexit", "a step calls runtime.Goexit", "whoever ran the flow is told"}, flowGoexit},
		{row{"order", "early items take longer than later ones", "the results are in the order of the items"}, flowOrder},
		{row{"error", "a step fails", "the flow returns that error, most of the items are never begun, and no goroutine is left"}, flowError},
		{row{"kept", "a step fails when the items before it are done, their results not yet consumed", "no result of those is lost: it is delivered, or given to a hook for what is not"}, flowKept},
		{row{"before", "the same, without a hook", "the results of those are delivered before the error"}, flowBefore},
		{row{"break", "the consumer stops at the first of 1000 items", "most of the others are never begun, and no goroutine is left"}, flowBreak},
		{row{"cause", "the ctx of the flow ends with a cause", "the step's ctx has the cause, and so has the flow's error where the step returns ctx.Err()"}, flowCause},
		{row{"stopped", "the same: a step takes its time to stop", "when the flow returns, it has stopped"}, flowStopped},
		{row{"bubble", "it is used in two synctest bubbles, one after the other", "both end"}, flowBubble},
	}
}

func flowPanic(_ *testing.T, k flowKit) error {
	_, err := k.collect(context.Background(), 10, func(_ context.Context, v int) (int, error) {
		if v == 3 {
			explode("boom")
		}
		return v, nil
	})
	if err == nil {
		return errors.New("success reported")
	}
	return nil
}

func flowPanicError(_ *testing.T, k flowKit) error {
	_, err := k.collect(context.Background(), 10, func(_ context.Context, v int) (int, error) {
		if v == 3 {
			explode(&boom{})
		}
		return v, nil
	})
	return reached(err, stackOf(k.stack, err))
}

func flowGoexit(_ *testing.T, k flowKit) error {
	told := make(chan error, 1)
	go func() {
		err := errors.New("the caller's goroutine ended")
		defer func() { told <- err }()
		_, err = k.collect(context.Background(), 10, func(_ context.Context, v int) (int, error) {
			if v == 3 {
				runtime.Goexit()
			}
			return v, nil
		})
	}()
	if <-told == nil {
		return errors.New("success reported")
	}
	return nil
}

func flowOrder(_ *testing.T, k flowKit) error {
	results, err := k.collect(context.Background(), 8, func(_ context.Context, v int) (int, error) {
		time.Sleep(time.Duration(8-v) * time.Millisecond)
		return v, nil
	})
	if err != nil {
		return err
	}
	if !slices.Equal(results, numbers(8)) {
		return errors.New("out of order")
	}
	return nil
}

const many = 1000

func flowError(_ *testing.T, k flowKit) error {
	if k.whole {
		return errNotOffered
	}
	before := runtime.NumGoroutine()
	var begun atomic.Int64
	_, err := k.collect(context.Background(), many, func(_ context.Context, v int) (int, error) {
		begun.Add(1)
		time.Sleep(5 * time.Millisecond)
		if v == 3 {
			return 0, errOwn
		}
		return v, nil
	})
	if !errors.Is(err, errOwn) {
		return errors.New("another error")
	}
	return stoppedEarly(&begun, before)
}

// stoppedEarly says whether a flow of many items has stopped near its beginning.
func stoppedEarly(begun *atomic.Int64, before int) error {
	if settled(before) > 0 {
		return errors.New("goroutines are left")
	}
	if begun.Load() > many/2 {
		return errors.New("it goes on")
	}
	return nil
}

func flowKept(t *testing.T, k flowKit) error {
	if k.lossless == nil {
		return flowBefore(t, k)
	}
	run := k.lossless
	var lost []int
	k.run = func(ctx context.Context, items []int, fn step, each func(int) bool) error {
		return run(ctx, items, fn, each, func(v int) { lost = append(lost, v) })
	}
	results, err := k.failLate()
	return keptBefore(append(results, lost...), err)
}

func flowBefore(_ *testing.T, k flowKit) error { return keptBefore(k.failLate()) }

const bad = 3 // with 4 workers, all that come before it can be under way

// failLate runs a flow of which an item fails when those before it are done,
// and the consumer is still busy with the first of them.
func (k flowKit) failLate() (results []int, err error) {
	var before sync.WaitGroup
	before.Add(bad)
	var first sync.Once
	busy := make(chan struct{})
	err = k.run(context.Background(), numbers(10), func(_ context.Context, v int) (int, error) {
		switch {
		case v < bad:
			before.Done()
		case v == bad:
			before.Wait()
			if !k.whole {
				<-busy
			}
			return 0, errOwn
		}
		return v, nil
	}, func(v int) bool {
		first.Do(func() {
			close(busy)
			pause()
		})
		results = append(results, v)
		return true
	})
	return results, err
}

// keptBefore says whether all results before the failure are there.
func keptBefore(results []int, err error) error {
	if !errors.Is(err, errOwn) {
		return errors.New("another error")
	}
	for v := range bad {
		if !slices.Contains(results, v) {
			return errors.New("some are lost")
		}
	}
	return nil
}

func flowBreak(_ *testing.T, k flowKit) error {
	if k.whole {
		return errNotOffered
	}
	before := runtime.NumGoroutine()
	var begun atomic.Int64
	got := 0
	err := k.run(context.Background(), numbers(many), func(_ context.Context, v int) (int, error) {
		begun.Add(1)
		time.Sleep(5 * time.Millisecond)
		return v, nil
	}, func(int) bool {
		got++
		return false
	})
	if err != nil {
		return err
	}
	if got != 1 {
		return errors.New("more results come")
	}
	return stoppedEarly(&begun, before)
}

func flowCause(_ *testing.T, k flowKit) error {
	if k.noCtx {
		return errNotOffered
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	causeSeen := make(chan error, 10)
	_, err := k.collect(ctx, 10, func(ctx context.Context, v int) (int, error) {
		if v == 3 {
			cancel(errCause)
			<-ctx.Done()
			causeSeen <- context.Cause(ctx)
			return 0, ctx.Err()
		}
		return v, nil
	})
	return causes(<-causeSeen, err)
}

func flowStopped(_ *testing.T, k flowKit) error {
	if k.noCtx {
		return errNotOffered
	}
	ctx, cancel := context.WithCancel(context.Background())
	var stopped atomic.Bool
	_, err := k.collect(ctx, 10, func(ctx context.Context, v int) (int, error) {
		if v == 3 {
			cancel()
			<-ctx.Done()
			pause()
			stopped.Store(true)
			return 0, ctx.Err()
		}
		return v, nil
	})
	if err == nil {
		return errors.New("success reported")
	}
	if !stopped.Load() {
		return errors.New("it runs on")
	}
	return nil
}

func flowBubble(t *testing.T, k flowKit) error {
	return twice(t, func() error {
		results, err := k.collect(context.Background(), 8, func(_ context.Context, v int) (int, error) {
			time.Sleep(time.Duration(8-v) * time.Millisecond)
			return v, nil
		})
		if err == nil && !slices.Equal(results, numbers(8)) {
			err = errors.New("out of order")
		}
		return err
	})
}
