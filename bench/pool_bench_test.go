package bench

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc/iter"
	concpool "github.com/sourcegraph/conc/pool"

	"github.com/thence-go/thence/bench/subject"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

// The number after a name is the capacity of the queue. thence has its default
// of 1024, and pond1024 is given the same; pond and workerpool have no bound,
// ants and conc have no queue.
var pools = []subject.Side{
	subject.Thence("thence"),
	subject.Thence("thence64", pool.Queue(64, pool.Block)),
	subject.Thence("thence4096", pool.Queue(4096, pool.Block)),
	subject.Chan("chan64", 64),
	subject.Chan("chan4096", 4096),
	subject.Pond("pond"),
	subject.Pond("pond1024", pond.WithQueueSize(1024)),
	subject.Ants("ants"),
	subject.Conc("conc"),
	subject.Workerpool("workerpool"),
}

// Empty tasks: what remains is what the pool costs.
func BenchmarkPoolEmpty(b *testing.B) { eachPool(b, 8, nothing, produceOne) }

func BenchmarkPoolParallel(b *testing.B) { eachPool(b, 8, nothing, produceParallel) }

func BenchmarkPoolThousand(b *testing.B) { eachPool(b, 1000, nothing, produceOne) }

// A microsecond of work a task, with the same work in a plain loop.
func BenchmarkPoolWork(b *testing.B) {
	eachPool(b, 8, about1us, produceOne)
	b.Run("loop", func(b *testing.B) {
		for range b.N {
			worked(about1us)
		}
	})
}

func eachPool(b *testing.B, workers, rounds int, produce func(*testing.B, subject.Pool)) {
	for _, side := range pools {
		b.Run(side.Name, func(b *testing.B) {
			verifyPool(b, side, workers)
			task := func() {}
			if rounds != nothing {
				task = func() { worked(rounds) }
			}
			p, err := side.Open(workers, task)
			must(b, err)
			defer p.Close()
			b.ReportAllocs()
			b.ResetTimer()
			produce(b, p)
			must(b, p.Drain())
			b.StopTimer()
		})
	}
}

func produceOne(b *testing.B, p subject.Pool) {
	for range b.N {
		if err := p.Submit(); err != nil {
			b.Fatal(err)
		}
	}
}

func produceParallel(b *testing.B, p subject.Pool) {
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := p.Submit(); err != nil {
				b.Error(err)
			}
		}
	})
}

// verifyPool sees that each submission runs once: an empty task cannot tell.
func verifyPool(b *testing.B, side subject.Side, workers int) {
	const n = 1000
	var ran atomic.Int64
	p, err := side.Open(workers, func() { ran.Add(1) })
	must(b, err)
	for range n {
		must(b, p.Submit())
	}
	must(b, p.Drain())
	p.Close()
	equal(b, n, ran.Load())
}

// Submit one task to 8 workers and wait for its result.
func BenchmarkPoolOne(b *testing.B) {
	const workers = 8
	ctx := context.Background()

	b.Run("thence", func(b *testing.B) {
		p := pool.New(workers)
		defer p.Close()
		b.ReportAllocs()
		for b.Loop() {
			v, err := pool.Submit(ctx, p, one).Await(ctx)
			must(b, err)
			equal(b, 1, v)
		}
	})
	b.Run("go", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c := make(chan int, 1)
			go func() {
				v, _ := one(ctx)
				c <- v
			}()
			equal(b, 1, <-c)
		}
	})
	b.Run("chan", func(b *testing.B) {
		type job struct{ result chan int }
		jobs := make(chan job, 64)
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for j := range jobs {
					v, _ := one(ctx)
					j.result <- v
				}
			})
		}
		b.ReportAllocs()
		for b.Loop() {
			j := job{make(chan int, 1)}
			jobs <- j
			equal(b, 1, <-j.result)
		}
		close(jobs)
		wg.Wait()
	})
	b.Run("ants", func(b *testing.B) {
		p, err := ants.NewPool(workers)
		must(b, err)
		defer p.Release()
		b.ReportAllocs()
		for b.Loop() {
			c := make(chan int, 1)
			must(b, p.Submit(func() {
				v, _ := one(ctx)
				c <- v
			}))
			equal(b, 1, <-c)
		}
	})
	b.Run("pond", func(b *testing.B) {
		p := pond.NewResultPool[int](workers)
		defer p.StopAndWait()
		get := func() (int, error) { return one(ctx) }
		b.ReportAllocs()
		for b.Loop() {
			v, err := p.SubmitErr(get).Wait()
			must(b, err)
			equal(b, 1, v)
		}
	})
}

func one(context.Context) (int, error) { return 1, nil }

// Submit a thousand tasks to 8 workers, then collect all results.
func BenchmarkPoolResults(b *testing.B) {
	const n, workers = 1000, 8
	ctx := context.Background()
	get := func() (int, error) { return one(ctx) }

	b.Run("thence", func(b *testing.B) {
		p := pool.New(workers)
		defer p.Close()
		fs := make([]*future.Future[int], n)
		loop(b, n, func() {
			for i := range fs {
				fs[i] = pool.Submit(ctx, p, one)
			}
			got := 0
			for _, f := range fs {
				v, err := f.Await(ctx)
				must(b, err)
				got += v
			}
			equal(b, n, got)
		})
	})
	// Each task has a channel of its own for its result, as each has a future
	// above.
	b.Run("chan_each", func(b *testing.B) {
		type result struct {
			v   int
			err error
		}
		jobs := make(chan func(), 1024)
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for fn := range jobs {
					fn()
				}
			})
		}
		rs := make([]chan result, n)
		loop(b, n, func() {
			for i := range rs {
				r := make(chan result, 1)
				rs[i] = r
				jobs <- func() {
					v, err := one(ctx)
					r <- result{v, err}
				}
			}
			got := 0
			for _, c := range rs {
				r := <-c
				must(b, r.err)
				got += r.v
			}
			equal(b, n, got)
		})
		close(jobs)
		wg.Wait()
	})
	// One channel for all: which result is whose is lost.
	b.Run("chan", func(b *testing.B) {
		type result struct {
			v   int
			err error
		}
		jobs := make(chan func() (int, error), 1024)
		results := make(chan result, n)
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for fn := range jobs {
					v, err := fn()
					results <- result{v, err}
				}
			})
		}
		loop(b, n, func() {
			for range n {
				jobs <- get
			}
			got := 0
			for range n {
				r := <-results
				must(b, r.err)
				got += r.v
			}
			equal(b, n, got)
		})
		close(jobs)
		wg.Wait()
	})
	b.Run("conc", func(b *testing.B) {
		loop(b, n, func() {
			p := concpool.NewWithResults[int]().WithErrors().WithMaxGoroutines(workers)
			for range n {
				p.Go(get)
			}
			vs, err := p.Wait()
			must(b, err)
			equal(b, n, sum(vs))
		})
	})
	b.Run("pond", func(b *testing.B) {
		p := pond.NewResultPool[int](workers)
		defer p.StopAndWait()
		loop(b, n, func() {
			g := p.NewGroup()
			for range n {
				g.SubmitErr(get)
			}
			vs, err := g.Wait()
			must(b, err)
			equal(b, n, sum(vs))
		})
	})
	b.Run("ants", func(b *testing.B) {
		p, err := ants.NewPool(workers)
		must(b, err)
		defer p.Release()
		vs, errs := make([]int, n), make([]error, n)
		loop(b, n, func() {
			var wg sync.WaitGroup
			wg.Add(n)
			for i := range n {
				must(b, p.Submit(func() {
					defer wg.Done()
					vs[i], errs[i] = get()
				}))
			}
			wg.Wait()
			for _, err := range errs {
				must(b, err)
			}
			equal(b, n, sum(vs))
		})
	})
}

// Call an empty function for each of a million ints, on as many workers as
// there are processors.
func BenchmarkPoolForEach(b *testing.B) {
	const n = 1_000_000
	ctx := context.Background()
	items := make([]int, n)
	for i := range items {
		items[i] = 1
	}
	workers := runtime.GOMAXPROCS(0)

	// Each side runs once with a function that counts.
	verify := func(b *testing.B, each func(fn func(int))) {
		var got atomic.Int64
		each(func(v int) { got.Add(int64(v)) })
		equal(b, n, got.Load())
	}

	b.Run("thence", func(b *testing.B) {
		p := pool.New(workers)
		defer p.Close()
		verify(b, func(fn func(int)) {
			must(b, pool.ForEach(ctx, p, items, func(_ context.Context, v int) error {
				fn(v)
				return nil
			}))
		})
		empty := func(context.Context, int) error { return nil }
		loop(b, n, func() { must(b, pool.ForEach(ctx, p, items, empty)) })
	})
	b.Run("conc", func(b *testing.B) {
		verify(b, func(fn func(int)) { iter.ForEach(items, func(v *int) { fn(*v) }) })
		empty := func(*int) {}
		loop(b, n, func() { iter.ForEach(items, empty) })
	})
	b.Run("chunks", func(b *testing.B) {
		each := func(fn func(int)) {
			var wg sync.WaitGroup
			for chunk := range slices.Chunk(items, (n+workers-1)/workers) {
				wg.Go(func() {
					for _, v := range chunk {
						fn(v)
					}
				})
			}
			wg.Wait()
		}
		verify(b, each)
		empty := func(int) {}
		loop(b, n, func() { each(empty) })
	})
}
