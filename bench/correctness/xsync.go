package main

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"
)

const xsync = "golang.org/x/sync"

func xsyncGroup() subject[groupKit] {
	return subject[groupKit]{
		library{"x/sync errgroup", xsync, "`errgroup.WithContext`, `SetLimit`"},
		groupKit{open: func(ctx context.Context, limit int) openGroup {
			g, ctx := errgroup.WithContext(ctx)
			if limit > 0 {
				g.SetLimit(limit)
			}
			return openGroup{
				start: func(_ context.Context, fn call) error {
					g.Go(func() error {
						_, err := fn(ctx)
						return err
					})
					return nil
				},
				wait: func() ([]int, error) { return nil, g.Wait() },
			}
		}},
	}
}

// semaphorePool is the worker pool of the package's example: a goroutine a
// task, and all of the semaphore acquired to wait for them.
func semaphorePool() subject[poolKit] {
	return subject[poolKit]{
		library{"x/sync semaphore", xsync, "`semaphore.Weighted`, a goroutine a task, as in its example"},
		poolKit{endless: true, open: func(_ context.Context, workers int) openPool {
			sem := semaphore.NewWeighted(int64(workers))
			return openPool{
				submit: func(ctx context.Context, t task) (func(context.Context) error, error) {
					if err := sem.Acquire(ctx, 1); err != nil {
						return nil, err
					}
					j := newJob()
					go func() {
						defer sem.Release(1)
						j.run(ctx, func(ctx context.Context) (int, error) { return 0, t(ctx) })
					}()
					return func(ctx context.Context) error {
						_, err := j.wait(ctx)
						return err
					}, nil
				},
				drain: func(ctx context.Context) error { return sem.Acquire(ctx, int64(workers)) },
			}
		}},
	}
}

func singleflightFuture() subject[futureKit] {
	var flights singleflight.Group
	var keys atomic.Int64
	return subject[futureKit]{
		library{"x/sync singleflight", xsync, "`DoChan`, a key a call"},
		futureKit{launch: func(ctx context.Context, fn call) pending {
			c := flights.DoChan(strconv.FormatInt(keys.Add(1), 10), func() (any, error) { return fn(ctx) })
			return pending{await: func(ctx context.Context) (int, error) {
				select {
				case r := <-c:
					v, _ := r.Val.(int)
					return v, r.Err
				case <-ctx.Done():
					return 0, context.Cause(ctx)
				}
			}}
		}},
	}
}

func xtimeLimiter() subject[limiterKit] {
	return subject[limiterKit]{
		library{"x/time/rate", "golang.org/x/time", "`rate.NewLimiter`"},
		limiterKit{open: func(perSecond float64, burst int) openLimiter {
			l := rate.NewLimiter(rate.Limit(perSecond), burst)
			return openLimiter{
				wait:     l.Wait,
				allowAt:  func(t time.Time) bool { return l.AllowN(t, 1) },
				setLimit: func(perSecond float64) { l.SetLimit(rate.Limit(perSecond)) },
			}
		}},
	}
}
