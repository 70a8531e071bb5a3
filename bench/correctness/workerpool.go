package main

import (
	"context"

	"github.com/gammazero/workerpool"
)

func workerPool() subject[poolKit] {
	return subject[poolKit]{
		library{"workerpool", "github.com/gammazero/workerpool", "`New`, `DoWait`, `StopWait`, `Stop`; it has no bound, so nobody waits for room"},
		poolKit{unbounded: true, noCtx: true, open: func(_ context.Context, workers int) openPool {
			p := workerpool.New(workers)
			return openPool{
				submit: func(ctx context.Context, t task) (func(context.Context) error, error) {
					done := make(chan error, 1)
					go func() {
						var failure error
						err := p.DoWait(func() {
							failure = errUnfinished
							failure = t(ctx)
						})
						if err == nil {
							err = failure
						}
						done <- err
					}()
					return func(context.Context) error { return <-done }, nil
				},
				drain: func(ctx context.Context) error {
					done := make(chan struct{})
					go func() {
						defer close(done)
						p.StopWait()
					}()
					return until(ctx, done, func() error { return nil })
				},
				kill: p.Stop,
			}
		}},
	}
}
