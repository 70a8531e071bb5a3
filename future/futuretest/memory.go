package futuretest

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

func memory() []Rule {
	return []Rule{
		{
			ID: "8.1", Title: "Who stopped waiting is not kept by the pending future",
			needs: promises | isStopped,
			run: func(c *check) {
				p := c.promise()
				gone := c.leave(p.Future)
				c.collected(gone, "the ctx of an Await that has ended, by the pending future")
				p.Resolve(1)
				c.value(p.Future, 1)
			},
		},
		{
			ID: "8.2", Title: "However many stopped waiting, a pending future does not grow",
			Why:   "a future that lives as long as the process would be a leak",
			needs: promises | isStopped,
			run: func(c *check) {
				const rounds, each, bytes = 50, racers, 24
				p := c.promise()
				c.leaveMany(p.Future, each) // the goroutines of the first round are used again
				heap, goroutines := live()
				for range rounds {
					c.leaveMany(p.Future, each)
				}
				heapNow, goroutinesNow := live()
				c.want(goroutinesNow < goroutines+each, "%d who stopped waiting left %d goroutines", rounds*each, goroutinesNow-goroutines)
				c.want(heapNow < heap+rounds*each*bytes, "%d who stopped waiting left %d bytes", rounds*each, int64(heapNow)-int64(heap))
				p.Resolve(1)
				c.value(p.Future, 1)
			},
		},
		{
			ID: "8.3", Title: "The end of a settled chain does not keep its past",
			Why:   "a loop that chains on itself would never free anything",
			needs: promises | then | catch,
			run: func(c *check) {
				end, gone := c.past()
				c.collected(gone, "the failure at the head of a chain, by its end")
				c.value(end, 2)
			},
		},
		{
			ID: "8.4", Title: "A future does not keep the function that has run",
			needs: goes,
			run: func(c *check) {
				f, gone := c.withCanary(func(fn func(context.Context) (int, error)) Future {
					return c.Go(context.Background(), fn)
				})
				c.value(f, 1)
				c.collected(gone, "the function, by its settled future")
				c.value(f, 1)
			},
		},
		{
			ID: "8.5", Title: "Nor does a Then",
			needs: promises | then,
			run: func(c *check) {
				p := c.promise()
				f, gone := c.withCanary(func(fn func(context.Context) (int, error)) Future {
					return c.Then(p.Future, func(ctx context.Context, _ int) (int, error) { return fn(ctx) })
				})
				p.Resolve(0)
				c.value(f, 1)
				c.collected(gone, "the function, by its settled future")
				c.value(f, 1)
				c.value(p.Future, 0)
			},
		},
		{
			ID: "8.6", Title: "A canceled Then is not kept by its pending input",
			needs: promises | then | cancel | isCanceled,
			run: func(c *check) {
				p := c.promise()
				keep := c.Then(p.Future, double)
				f, gone := c.withCanary(func(fn func(context.Context) (int, error)) Future {
					return c.Then(p.Future, func(ctx context.Context, _ int) (int, error) { return fn(ctx) })
				})
				c.Cancel(f, errCause)
				c.canceled(f, errCause)
				f = nil
				c.collected(gone, "the function of a canceled future, by what it followed")
				p.Resolve(1)
				c.value(keep, 2)
			},
		},
		{
			ID: "8.7", Title: "A pending promise that everybody dropped is collected, with what follows it",
			needs: promises | then,
			run: func(c *check) {
				_, gone := c.withCanary(func(fn func(context.Context) (int, error)) Future {
					return c.Then(c.NewPromise().Future, func(ctx context.Context, _ int) (int, error) { return fn(ctx) })
				})
				c.collected(gone, "a pending promise that was dropped")
			},
		},
	}
}

// canary is something that is told apart from all else when it is collected.
type canary struct {
	_ *canary // a pointer, so that it shares its block with nothing else
	_ [48]byte
}

func newCanary() (*canary, *atomic.Bool) {
	gone := new(atomic.Bool)
	one := new(canary)
	runtime.AddCleanup(one, func(gone *atomic.Bool) { gone.Store(true) }, gone)
	return one, gone
}

// collected waits for the cleanup, which runs outside of the bubble: each turn
// is a whole garbage collection.
func (c *check) collected(gone *atomic.Bool, what string) {
	for range 50 {
		c.rest()
		runtime.GC()
		if gone.Load() {
			return
		}
	}
	c.fail("kept: %s", what)
}

// withCanary launches a function that holds a canary.
//
//go:noinline
func (c *check) withCanary(launch func(func(context.Context) (int, error)) Future) (Future, *atomic.Bool) {
	one, gone := newCanary()
	return launch(func(context.Context) (int, error) {
		runtime.KeepAlive(one)
		return 1, nil
	}), gone
}

// leave awaits f with a ctx that holds a canary, until that ctx ends.
//
//go:noinline
func (c *check) leave(f Future) *atomic.Bool {
	one, gone := newCanary()
	ctx, stop := context.WithCancel(context.WithValue(context.Background(), canary{}, one))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = f.Await(ctx)
	}()
	c.rest()
	stop()
	c.returns("Await with a ctx that ends", func() { <-ended })
	return gone
}

// leaveMany makes n give up waiting.
//
//go:noinline
func (c *check) leaveMany(f Future, n int) {
	ctx, stop := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for range n {
		all.Go(func() { _, _ = f.Await(ctx) })
	}
	c.rest()
	stop()
	c.returns("Await with a ctx that ends", all.Wait)
}

// past makes a chain whose head failed with a canary.
//
//go:noinline
func (c *check) past() (end Future, gone *atomic.Bool) {
	one, gone := newCanary()
	p := c.NewPromise()
	end = c.Catch(p.Future, func(context.Context, error) (int, error) { return 1, nil })
	end = c.Then(end, double)
	p.Reject(&keeper{one})
	c.value(end, 2)
	return end, gone
}

type keeper struct{ one *canary }

func (*keeper) Error() string { return "an error that holds a canary" }

func live() (heap uint64, goroutines int) {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc, runtime.NumGoroutine()
}
