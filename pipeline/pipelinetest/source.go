package pipelinetest

import (
	"context"
	"runtime"
	"time"

	"github.com/thence-go/thence/pipeline"
)

// Paced makes a flow that yields an item every d of virtual time, from d after
// its run has begun.
//
// On cancel it ends at once.
func Paced[T any](d time.Duration, items ...T) pipeline.Flow[T] {
	return pipeline.Generate(func(ctx context.Context, yield func(T) bool) error {
		for _, v := range items {
			if !pause(ctx, d) {
				return context.Cause(ctx)
			}
			if !yield(v) {
				return nil
			}
		}
		return nil
	})
}

// Fails makes a flow that yields the items and then fails with err.
func Fails[T any](err error, items ...T) pipeline.Flow[T] {
	return ending(items, func(context.Context) error { return err })
}

// Panics makes a flow that yields the items and then panics with value.
func Panics[T any](value any, items ...T) pipeline.Flow[T] {
	return ending(items, func(context.Context) error { panic(value) })
}

// Exits makes a flow that yields the items and then calls runtime.Goexit.
func Exits[T any](items ...T) pipeline.Flow[T] {
	return ending(items, func(context.Context) error { runtime.Goexit(); return nil })
}

// Waits makes a flow that yields the items and then waits until it is stopped:
// it has no end of its own.
//
// On cancel it ends at once.
func Waits[T any](items ...T) pipeline.Flow[T] {
	return ending(items, wait)
}

// Sleeps makes a flow that yields the items, sleeps for d of virtual time and
// ends. It does not look at its context meanwhile, so that whoever stops it
// has to wait.
func Sleeps[T any](d time.Duration, items ...T) pipeline.Flow[T] {
	return ending(items, func(context.Context) error { time.Sleep(d); return nil })
}

// Cancels makes a flow that yields the items, calls cancel, which should end
// the context of the run, and waits until it is stopped.
func Cancels[T any](cancel func(), items ...T) pipeline.Flow[T] {
	return ending(items, func(ctx context.Context) error { cancel(); return wait(ctx) })
}

// ending yields the items and then does what end does, unless it was stopped.
func ending[T any](items []T, end func(context.Context) error) pipeline.Flow[T] {
	return pipeline.Generate(func(ctx context.Context, yield func(T) bool) error {
		for _, v := range items {
			if !yield(v) {
				return nil
			}
		}
		return end(ctx)
	})
}

func wait(ctx context.Context) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

// pause reports whether d has passed before the end of ctx.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
