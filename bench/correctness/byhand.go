package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

func byHand(uses string) library { return library{"by hand", "", uses} }

// recovered is what a careful user makes of a panic.
func recovered(v any) error {
	if err, isError := v.(error); isError {
		return fmt.Errorf("panic: %w\n%s", err, debug.Stack())
	}
	return fmt.Errorf("panic: %v\n%s", v, debug.Stack())
}

// guarded turns a panic of fn into an error.
func guarded(fn call) call {
	return func(ctx context.Context) (_ int, err error) {
		defer func() {
			if v := recover(); v != nil {
				err = recovered(v)
			}
		}()
		return fn(ctx)
	}
}

var errStopped = errors.New("the pool is stopped")

func byHandPool() subject[poolKit] {
	return subject[poolKit]{byHand("workers that range over a channel of 1, and recover; a mutex and a flag for the end"), poolKit{
		queue: 1,
		open: func(_ context.Context, workers int) openPool {
			var (
				mu     sync.RWMutex // held by those who send, so that the channel can be closed
				closed bool
				tasks  = make(chan func(), 1)
				wg     sync.WaitGroup
			)
			for range workers {
				wg.Go(func() {
					for run := range tasks {
						run()
					}
				})
			}
			return openPool{
				submit: func(ctx context.Context, t task) (func(context.Context) error, error) {
					j := newJob()
					mu.RLock()
					defer mu.RUnlock()
					if closed {
						return nil, errStopped
					}
					run := func() {
						j.run(ctx, guarded(func(ctx context.Context) (int, error) { return 0, t(ctx) }))
					}
					select {
					case tasks <- run:
					case <-ctx.Done():
						return nil, context.Cause(ctx)
					}
					return func(ctx context.Context) error {
						_, err := j.wait(ctx)
						return err
					}, nil
				},
				drain: func(ctx context.Context) error {
					mu.Lock()
					closed = true
					close(tasks)
					mu.Unlock()
					done := make(chan struct{})
					go func() {
						defer close(done)
						wg.Wait()
					}()
					select {
					case <-done:
						return nil
					case <-ctx.Done():
						return context.Cause(ctx)
					}
				},
			}
		},
	}}
}

func byHandGroup() subject[groupKit] {
	open := func(ctx context.Context, limit int) openGroup {
		ctx, cancel := context.WithCancelCause(ctx)
		var (
			wg   sync.WaitGroup
			mu   sync.Mutex
			err  error
			vals []int
			room = make(chan struct{}, limit)
		)
		if limit == 0 {
			room = nil
		}
		done := func(v int, failure error) {
			mu.Lock()
			defer mu.Unlock()
			if failure == nil {
				vals = append(vals, v)
			} else if err == nil {
				err = failure
				cancel(failure)
			}
		}
		return openGroup{
			start: func(_ context.Context, fn call) error {
				if room != nil {
					select {
					case room <- struct{}{}:
					case <-ctx.Done():
						return context.Cause(ctx)
					}
				}
				wg.Go(func() {
					v, err := 0, errUnfinished
					defer func() {
						done(v, err)
						if room != nil {
							<-room
						}
					}()
					v, err = guarded(fn)(ctx)
				})
				return nil
			},
			wait: func() ([]int, error) {
				wg.Wait()
				cancel(nil)
				return vals, err
			},
		}
	}
	return subject[groupKit]{byHand("`sync.WaitGroup`, a mutex, `context.WithCancelCause`, a channel as limit, recover"), groupKit{open: open, values: open}}
}

func byHandFuture() subject[futureKit] {
	return subject[futureKit]{byHand("a struct that a goroutine fills before it closes its channel; recover"), futureKit{
		launch: func(ctx context.Context, fn call) pending {
			ctx, cancel := context.WithCancel(ctx)
			j := newJob()
			go func() {
				defer cancel()
				j.run(ctx, guarded(fn))
			}()
			return pending{self: j, await: j.wait, cancel: cancel}
		},
	}}
}

func byHandLimiter() subject[limiterKit] {
	return subject[limiterKit]{byHand("a goroutine that fills a channel from a `time.Ticker`"), limiterKit{
		open: func(perSecond float64, burst int) openLimiter {
			tokens, quit := make(chan struct{}, burst), make(chan struct{})
			for range burst {
				tokens <- struct{}{}
			}
			ticker := time.NewTicker(time.Duration(float64(time.Second) / perSecond))
			go func() {
				for {
					select {
					case <-ticker.C:
					case <-quit:
						return
					}
					select {
					case tokens <- struct{}{}:
					default:
					}
				}
			}()
			return openLimiter{
				wait: func(ctx context.Context) error {
					select {
					case <-tokens:
						return nil
					case <-ctx.Done():
						return context.Cause(ctx)
					}
				},
				setLimit: func(perSecond float64) { ticker.Reset(time.Duration(float64(time.Second) / perSecond)) },
				stop: func() {
					ticker.Stop()
					close(quit)
				},
			}
		},
	}}
}
