// Package subject puts pools of one task behind one pair of functions, so that
// a row that compares seven of them is written once. The pair costs each side
// the same two indirect calls, and nothing else comes between.
package subject

import (
	"context"
	"sync"

	"github.com/alitto/pond/v2"
	"github.com/gammazero/workerpool"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc/pool"

	thence "github.com/thence-go/thence/pool"
)

// Pool is a pool of workers that runs one task again and again.
type Pool struct {
	Submit func() error // run the task once; any number of goroutines
	Drain  func() error // nothing more is submitted; wait for what was
	Close  func()       // let go of the workers; after Drain
}

// Side is a way to make a Pool.
type Side struct {
	Name string
	Open func(workers int, task func()) (Pool, error)
}

func nothing() {}

// Thence is the pool with its default queue, of 1024 tasks.
func Thence(name string, opts ...thence.Option) Side {
	return Side{name, func(workers int, task func()) (Pool, error) {
		ctx := context.Background()
		p := thence.New(workers, opts...)
		fn := func(context.Context) { task() }
		return Pool{
			Submit: func() error { return p.Go(ctx, fn) },
			Drain:  func() error { return p.Shutdown(ctx) },
			Close:  nothing,
		}, nil
	}}
}

// Chan is what one writes without a library: workers that range over a channel.
func Chan(name string, queue int) Side {
	return Side{name, func(workers int, task func()) (Pool, error) {
		c := make(chan func(), queue)
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for fn := range c {
					fn()
				}
			})
		}
		return Pool{
			Submit: func() error {
				c <- task
				return nil
			},
			Drain: func() error {
				close(c)
				wg.Wait()
				return nil
			},
			Close: nothing,
		}, nil
	}}
}

// Pond is alitto/pond; its queue has no bound unless an option sets one.
func Pond(name string, opts ...pond.Option) Side {
	return Side{name, func(workers int, task func()) (Pool, error) {
		p := pond.NewPool(workers, opts...)
		return Pool{
			Submit: func() error { return p.Go(task) },
			Drain:  func() error { return p.Stop().Wait() },
			Close:  nothing,
		}, nil
	}}
}

// Ants is panjf2000/ants. It has no queue, so at most one task a worker
// is still under way when the last was submitted: Drain leaves that to Close,
// which takes its time to stop the tickers of ants as well.
func Ants(name string) Side {
	return Side{name, func(workers int, task func()) (Pool, error) {
		p, err := ants.NewPool(workers)
		if err != nil {
			return Pool{}, err
		}
		return Pool{
			Submit: func() error { return p.Submit(task) },
			Drain:  func() error { return nil },
			Close:  func() { _ = p.ReleaseContext(context.Background()) },
		}, nil
	}}
}

// Conc is sourcegraph/conc's pool. It has no queue.
func Conc(name string) Side {
	return Side{name, func(workers int, task func()) (Pool, error) {
		p := pool.New().WithMaxGoroutines(workers)
		return Pool{
			Submit: func() error {
				p.Go(task)
				return nil
			},
			Drain: func() error {
				p.Wait()
				return nil
			},
			Close: nothing,
		}, nil
	}}
}

// Workerpool is gammazero/workerpool; its queue has no bound.
func Workerpool(name string) Side {
	return Side{name, func(workers int, task func()) (Pool, error) {
		p := workerpool.New(workers)
		return Pool{
			Submit: func() error { return p.Do(task) },
			Drain: func() error {
				p.StopWait()
				return nil
			},
			Close: nothing,
		}, nil
	}}
}
