package main

import (
	"context"
	"runtime/debug"
	"time"

	"github.com/panjf2000/ants/v2"
)

func antsPool() subject[poolKit] {
	return subject[poolKit]{
		library{"ants", "github.com/panjf2000/ants/v2", "`NewPool`, `WithPanicHandler`, `ReleaseContext`; nested with `WithNonblocking`, as its documentation advises"},
		poolKit{
			noCtx: true,
			open:  func(_ context.Context, workers int) openPool { return openAnts(workers) },
			nest:  func(workers int) openPool { return openAnts(workers, ants.WithNonblocking(true)) },
		},
	}
}

type panicReport struct {
	error
	stack string
}

func (r panicReport) Unwrap() error { return r.error }

func openAnts(workers int, opts ...ants.Option) openPool {
	// The handler is the pool's and not the task's: here, where tasks panic one
	// at a time, what it was told is given to the one whose task did not return.
	told := make(chan error, 1)
	handler := ants.WithPanicHandler(func(v any) { told <- panicReport{recovered(v), string(debug.Stack())} })
	p, err := ants.NewPool(workers, append(opts, handler)...)
	if err != nil {
		panic(err)
	}
	return openPool{
		submit: func(ctx context.Context, t task) (func(context.Context) error, error) {
			j := newJob()
			err := p.Submit(func() { j.run(ctx, func(ctx context.Context) (int, error) { return 0, t(ctx) }) })
			if err != nil {
				return nil, err
			}
			return func(ctx context.Context) error {
				_, err := j.wait(ctx)
				if err != errUnfinished {
					return err
				}
				select {
				case err = <-told:
				case <-time.After(time.Second):
				}
				return err
			}, nil
		},
		drain: p.ReleaseContext,
	}
}
