package bench

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"

	"github.com/thence-go/thence/pool"
)

// crowd is a pool of workers with room for n tasks; one that has no priorities
// treats all the same.
type crowd struct {
	name string
	open func(workers, n int) (submit func(critical bool, fn func()) error, end func() error, err error)
}

var crowds = []crowd{
	{"thence", func(workers, n int) (func(bool, func()) error, func() error, error) {
		ctx := context.Background()
		p := pool.New(workers, pool.Queue(n, pool.Block))
		high := p.Priority(pool.High)
		return func(critical bool, fn func()) error {
			task := func(context.Context) { fn() }
			if critical {
				return high.Go(ctx, task)
			}
			return p.Go(ctx, task)
		}, func() error { return p.Shutdown(ctx) }, nil
	}},
	{"chan", func(workers, n int) (func(bool, func()) error, func() error, error) {
		tasks := make(chan func(), n)
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for fn := range tasks {
					fn()
				}
			})
		}
		return func(_ bool, fn func()) error {
				tasks <- fn
				return nil
			}, func() error {
				close(tasks)
				wg.Wait()
				return nil
			}, nil
	}},
	{"chan_two", openTwoChannels},
	{"pond", func(workers, n int) (func(bool, func()) error, func() error, error) {
		p := pond.NewPool(workers, pond.WithQueueSize(n))
		return func(_ bool, fn func()) error { return p.Go(fn) }, func() error { return p.Stop().Wait() }, nil
	}},
	{"ants", func(workers, _ int) (func(bool, func()) error, func() error, error) {
		p, err := ants.NewPool(workers)
		if err != nil {
			return nil, nil, err
		}
		return func(_ bool, fn func()) error { return p.Submit(fn) },
			func() error { return p.ReleaseContext(context.Background()) }, nil
	}},
}

// openTwoChannels is what one writes by hand if some tasks are urgent: a second
// channel, which workers look at first.
func openTwoChannels(workers, n int) (func(bool, func()) error, func() error, error) {
	urgent, rest := make(chan func(), n), make(chan func(), n)
	quit := make(chan struct{})
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				select {
				case fn := <-urgent:
					fn()
					continue
				default:
				}
				select {
				case fn := <-urgent:
					fn()
				case fn := <-rest:
					fn()
				case <-quit:
					return
				}
			}
		})
	}
	return func(critical bool, fn func()) error {
			if critical {
				urgent <- fn
			} else {
				rest <- fn
			}
			return nil
		}, func() error { // all tasks have run
			close(quit)
			wg.Wait()
			return nil
		}, nil
}

// Ten thousand requests come at once to 8 workers, and one in a hundred is
// critical: how long after the crowd's arrival is it begun?
func BenchmarkCrowd(b *testing.B) {
	const workers, n = 8, 10_000
	for _, side := range crowds {
		b.Run(side.name, func(b *testing.B) {
			submit, end, err := side.open(workers, n)
			must(b, err)
			random := rand.New(rand.NewPCG(5, 6))
			critical := make([]bool, n)
			number := 0
			for i := range critical {
				if critical[i] = random.IntN(100) == 0; critical[i] {
					number++
				}
			}
			begun := make([]time.Time, n)
			waits := make([]time.Duration, 0, number)
			loop(b, n, func() {
				clear(begun)
				var done sync.WaitGroup
				done.Add(n)
				arrival := time.Now()
				for i := range n {
					must(b, submit(critical[i], func() {
						if critical[i] {
							begun[i] = time.Now()
						}
						worked(10 * about1us)
						done.Done()
					}))
				}
				done.Wait()
				for i, at := range begun {
					if critical[i] {
						waits = append(waits, at.Sub(arrival))
					}
				}
			})
			equal(b, 0, len(waits)%number)
			percentiles(b, waits)
			must(b, end())
		})
	}
}
