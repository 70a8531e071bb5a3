package main

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"
)

type task = func(ctx context.Context) error

// A poolKit makes pools, behind what its library offers of them.
type poolKit struct {
	open func(ctx context.Context, workers int) openPool // its tasks' ctx ends with ctx, if they have one
	nest func(workers int) openPool                      // open, where other options are better for nesting

	queue     int  // how many tasks wait before the next one's submitter does
	unbounded bool // no submitter ever waits
	noCtx     bool // neither submitters nor tasks have a ctx
	endless   bool // drain waits, but submitting goes on
}

// An openPool is a pool at work. What is nil its library does not offer.
type openPool struct {
	// submit hands a task over, and may block; wait waits for the task's end.
	submit func(ctx context.Context, t task) (wait func(context.Context) error, err error)
	drain  func(ctx context.Context) error // nothing more is accepted; waits until ctx ends
	kill   func()                          // what is queued is not run; may wait for what runs
	names  func(err error) bool            // whether drain's error names the task that runs on
	stack  func(err error) string          // of a panic, if not in the error's text
}

// do submits a task and waits for it.
func (p openPool) do(ctx context.Context, t task) error {
	wait, err := p.submit(ctx, t)
	if err != nil {
		return err
	}
	return wait(ctx)
}

// works says whether the pool still runs a task.
func (p openPool) works(ctx context.Context) error {
	ran := false
	if err := p.do(ctx, func(context.Context) error { ran = true; return nil }); err != nil || !ran {
		return errors.New("the next task fails")
	}
	return nil
}

// busy keeps a worker busy until the function it returns is called, whatever
// becomes of the task's ctx.
func (p openPool) busy(ctx context.Context) (release func()) {
	started, gate := make(chan struct{}), make(chan struct{})
	go p.submit(ctx, func(context.Context) error {
		close(started)
		<-gate
		return nil
	})
	<-started
	return func() { close(gate) }
}

func poolCases() []testCase[poolKit] {
	return []testCase[poolKit]{
		{row{"panic", "a task panics", "whoever waits for it is told, and the next task runs"}, poolPanic},
		{row{"panic-error", "a task panics with an error", "errors.As finds it, and the stack is that of the goroutine that panicked"}, poolPanicError},
		{row{"goexit", "a task calls runtime.Goexit", "whoever waits for it is told"}, poolGoexit},
		{row{"goexit-next", "the same, and nobody waits", "a pool of one worker runs the next task"}, poolGoexitNext},
		{row{"nested", "tasks on all workers submit to their pool and await that", "all of them end"}, poolNested},
		{row{"blocked", "the ctx ends while a submitter waits for room", "it gets an error, and its task never runs"}, poolBlocked},
		{row{"closed", "submit after the pool was shut down", "an error, no panic, and the task does not run"}, poolClosed},
		{row{"deadline", "shutdown with a deadline, a task ignores its ctx", "shutdown returns an error in time"}, poolDeadline},
		{row{"straggler", "the same: which task was it?", "the error names the task that runs on"}, poolStraggler},
		{row{"queued", "the pool is stopped at once with a task in its queue", "whoever waits for that task is told, and it does not run"}, poolQueued},
		{row{"cause", "the ctx of a running task ends with a cause", "the task's ctx has the cause, and so has the error of a task that returns ctx.Err()"}, poolCause},
		{row{"bubble", "it is used in two synctest bubbles, one after the other", "both end"}, poolBubble},
	}
}

func poolPanic(_ *testing.T, k poolKit) error {
	ctx := context.Background()
	p := k.open(ctx, 1)
	if err := p.do(ctx, func(context.Context) error { explode("boom"); return nil }); err == nil {
		return errors.New("success reported")
	}
	return p.works(ctx)
}

func poolPanicError(_ *testing.T, k poolKit) error {
	ctx := context.Background()
	p := k.open(ctx, 1)
	err := p.do(ctx, func(context.Context) error { explode(&boom{}); return nil })
	return reached(err, stackOf(p.stack, err))
}

func poolGoexit(_ *testing.T, k poolKit) error {
	ctx := context.Background()
	p := k.open(ctx, 1)
	if err := p.do(ctx, func(context.Context) error { runtime.Goexit(); return nil }); err == nil {
		return errors.New("success reported")
	}
	return nil
}

func poolGoexitNext(_ *testing.T, k poolKit) error {
	ctx := context.Background()
	p := k.open(ctx, 1)
	started := make(chan struct{})
	_, err := p.submit(ctx, func(context.Context) error {
		close(started)
		runtime.Goexit()
		return nil
	})
	if err != nil {
		return err
	}
	<-started
	return p.works(ctx)
}

func poolNested(_ *testing.T, k poolKit) error {
	const workers = 2
	ctx := context.Background()
	open := k.nest
	if open == nil {
		open = func(workers int) openPool { return k.open(ctx, workers) }
	}
	p := open(workers)
	var both, ends sync.WaitGroup
	both.Add(workers)
	errs := make(chan error, workers)
	for range workers {
		ends.Go(func() {
			errs <- p.do(ctx, func(ctx context.Context) error {
				both.Done()
				both.Wait()
				return p.do(ctx, func(context.Context) error { return nil })
			})
		})
	}
	ends.Wait()
	if err := errors.Join(<-errs, <-errs); err != nil {
		return errors.New("the inner tasks are refused")
	}
	return nil
}

func poolBlocked(_ *testing.T, k poolKit) error {
	if k.unbounded || k.noCtx {
		return errNotOffered
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := k.open(ctx, 1)
	release := p.busy(ctx)
	for range k.queue {
		if _, err := p.submit(context.Background(), func(context.Context) error { return nil }); err != nil {
			return err
		}
	}
	ran := make(chan struct{}, 1)
	told := make(chan error)
	go func() { told <- p.do(ctx, func(context.Context) error { ran <- struct{}{}; return nil }) }()
	pause()
	cancel()
	if err := <-told; err == nil {
		return errors.New("success reported")
	}
	release()
	pause()
	if len(ran) > 0 {
		return errors.New("the task runs all the same")
	}
	return nil
}

func poolClosed(_ *testing.T, k poolKit) error {
	ctx := context.Background()
	p := k.open(ctx, 1)
	if p.drain == nil || k.endless {
		return errNotOffered
	}
	if err := errors.Join(p.works(ctx), p.drain(ctx)); err != nil {
		return err
	}
	if err := p.do(ctx, func(context.Context) error { return nil }); err == nil {
		return errors.New("it is accepted")
	}
	return nil
}

func poolDeadline(_ *testing.T, k poolKit) error {
	_, err := outlived(k)
	return err
}

func poolStraggler(_ *testing.T, k poolKit) error {
	if p := k.open(context.Background(), 1); p.names == nil {
		return errNotOffered
	}
	named, err := outlived(k)
	if err == nil && !named {
		err = errors.New("not named")
	}
	return err
}

// outlived drains a pool whose one task takes longer than the drain may.
func outlived(k poolKit) (named bool, err error) {
	p := k.open(context.Background(), 1)
	if p.drain == nil {
		return false, errNotOffered
	}
	p.busy(context.Background())
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	err = p.drain(ctx)
	if err == nil {
		return false, errors.New("success reported")
	}
	return p.names != nil && p.names(err), nil
}

func poolQueued(_ *testing.T, k poolKit) error {
	ctx := context.Background()
	p := k.open(ctx, 1)
	if p.kill == nil {
		return errNotOffered
	}
	release := p.busy(ctx)
	ran := make(chan struct{}, 1)
	told := make(chan error)
	go func() { told <- p.do(ctx, func(context.Context) error { ran <- struct{}{}; return nil }) }()
	pause()
	go p.kill()
	pause()
	release()
	if err := <-told; err == nil || len(ran) > 0 {
		return errors.New("it is run")
	}
	return nil
}

func poolCause(_ *testing.T, k poolKit) error {
	if k.noCtx {
		return errNotOffered
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	p := k.open(ctx, 1)
	var cause error
	wait, err := p.submit(ctx, func(ctx context.Context) error {
		cancel(errCause)
		<-ctx.Done()
		cause = context.Cause(ctx)
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	err = wait(context.Background())
	return causes(cause, err)
}

func poolBubble(t *testing.T, k poolKit) error {
	return twice(t, func() error {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		p := k.open(ctx, 2)
		for range 5 {
			if err := p.works(ctx); err != nil {
				return err
			}
		}
		if p.drain == nil {
			return nil
		}
		return p.drain(ctx)
	})
}

// causes says whether errCause has come to a ctx and into an error.
func causes(inCtx, inErr error) error {
	if !errors.Is(inCtx, errCause) {
		return errors.New("not in the ctx")
	}
	if inErr == nil {
		return errors.New("success reported")
	}
	if !errors.Is(inErr, errCause) {
		return errors.New("not in the error")
	}
	return nil
}

// stackOf is what a library says of a panic.
func stackOf(stack func(error) string, err error) string {
	if err == nil {
		return ""
	}
	if stack != nil {
		return stack(err)
	}
	return err.Error()
}
