package bench

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/thence-go/thence/pool"
)

// Submit empty tasks through each kind of view.
func BenchmarkPoolViews(b *testing.B) {
	const workers, keys = 8, 1000
	ctx := context.Background()
	fn := func(context.Context) {}
	one := func(p *pool.Pool, v pool.View) []pool.View { return []pool.View{v} }
	for _, side := range []struct {
		name  string
		views func(*pool.Pool) []pool.View // nil: the pool itself
	}{
		{"thence", nil},
		{"high", func(p *pool.Pool) []pool.View { return one(p, p.Priority(pool.High)) }},
		{"key", func(p *pool.Pool) []pool.View {
			vs := make([]pool.View, keys)
			for k := range vs {
				vs[k] = p.Key(k)
			}
			return vs
		}},
		{"tenant", func(p *pool.Pool) []pool.View {
			return []pool.View{p.Tenant("gold", 3), p.Tenant("silver", 1)}
		}},
		{"sub", func(p *pool.Pool) []pool.View { return one(p, p.Sub(4)) }},
	} {
		b.Run(side.name, func(b *testing.B) {
			p := pool.New(workers)
			submit := func(int) error { return p.Go(ctx, fn) }
			if side.views != nil {
				views := side.views(p)
				submit = func(i int) error { return views[i%len(views)].Go(ctx, fn) }
			}
			for i := range 2 * keys {
				must(b, submit(i))
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				must(b, submit(i))
			}
			must(b, p.Shutdown(ctx))
		})
	}
}

// Submit empty tasks to pools of all sizes, each with all its workers at hand.
func BenchmarkPoolWorkers(b *testing.B) {
	ctx := context.Background()
	fn := func(context.Context) {}
	for _, side := range []struct {
		name    string
		workers int
	}{
		{"thence", 8},
		{"workers1", 1},
		{"workers100", 100},
		{"workers1000", 1000},
		{"workers10000", 10_000},
		{"workers100000", 100_000},
	} {
		workers := side.workers
		b.Run(side.name, func(b *testing.B) {
			p := pool.New(workers, pool.IdleTimeout(time.Hour))
			var begun sync.WaitGroup
			begun.Add(workers)
			gate := make(chan struct{})
			for range workers {
				must(b, p.Go(ctx, func(context.Context) {
					begun.Done()
					<-gate
				}))
			}
			begun.Wait()
			close(gate)
			for p.Stats().Running > 0 {
				time.Sleep(time.Millisecond)
			}
			equal(b, workers, p.Stats().Workers)
			runtime.GC()
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				must(b, p.Go(ctx, fn))
			}
			_, err := pool.Submit(ctx, p, one).Await(ctx) // all before it have begun
			b.StopTimer()
			must(b, err)
			must(b, p.Shutdown(ctx))
		})
	}
}

// A million tasks that wait in the queue. The bytes are those of the heap after
// a collection; the tasks share one function.
func BenchmarkPoolQueued(b *testing.B) {
	const n = 1_000_000
	ctx := context.Background()
	heap := func() float64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	for _, side := range []string{"thence", "high"} {
		b.Run(side, func(b *testing.B) {
			before := heap()
			p := pool.New(1, pool.Queue(n, pool.Block))
			begun, gate := make(chan struct{}), make(chan struct{})
			must(b, p.Go(ctx, func(context.Context) {
				close(begun)
				<-gate
			}))
			<-begun
			fn := func(context.Context) {}
			submit := func() error { return p.Go(ctx, fn) }
			if side == "high" {
				high := p.Priority(pool.High)
				submit = func() error { return high.Go(ctx, fn) }
			}
			for b.Loop() {
				if p.Stats().Queued == n {
					continue // once is enough, however often it is asked for
				}
				for range n {
					must(b, submit())
				}
			}
			b.ReportMetric((heap()-before)/n, "bytes/item")
			close(gate)
			must(b, p.Shutdown(ctx))
		})
	}
}

// How long tasks of 1 ms wait for one of 8 workers that are busy for 80 % of
// the time: they come at random, and the same for all sides.
func BenchmarkPoolWait(b *testing.B) {
	const workers, n = 8, 4000
	const load, lasts = 0.8, time.Millisecond
	gap := float64(lasts) / (workers * load)

	each := func(name string, open func() (submit func(func()), end func())) {
		b.Run(name, func(b *testing.B) {
			var all []time.Duration
			for b.Loop() {
				random := rand.New(rand.NewPCG(1, 2))
				submit, end := open()
				waited := make([]time.Duration, n)
				var done sync.WaitGroup
				done.Add(n)
				due := time.Now()
				for i := range n {
					due = due.Add(time.Duration(random.ExpFloat64() * gap))
					time.Sleep(time.Until(due))
					at := time.Now()
					submit(func() {
						waited[i] = time.Since(at)
						time.Sleep(lasts)
						done.Done()
					})
				}
				done.Wait()
				end()
				all = slices.Concat(all, waited)
			}
			percentiles(b, all)
		})
	}
	ctx := context.Background()
	each("thence", func() (func(func()), func()) {
		p := pool.New(workers)
		return func(fn func()) { must(b, p.Go(ctx, func(context.Context) { fn() })) },
			func() { must(b, p.Shutdown(ctx)) }
	})
	each("chan1024", func() (func(func()), func()) {
		c := make(chan func(), 1024)
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for fn := range c {
					fn()
				}
			})
		}
		return func(fn func()) { c <- fn }, func() { close(c); wg.Wait() }
	})
}
