package bench

import (
	"context"
	"sync"
	"testing"

	"github.com/alitto/pond/v2"
	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	"github.com/samber/mo"
	"github.com/sourcegraph/conc"
	concpool "github.com/sourcegraph/conc/pool"

	"github.com/thence-go/thence/future"
)

// Make a future, resolve it, await it.
func BenchmarkFutureSettled(b *testing.B) {
	ctx := context.Background()

	b.Run("thence", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p := future.NewPromise[int]()
			p.Resolve(1)
			v, err := p.Future().Await(ctx)
			must(b, err)
			equal(b, 1, v)
		}
	})
	b.Run("chan", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c := make(chan int, 1)
			c <- 1
			equal(b, 1, <-c)
		}
	})
	b.Run("closed", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v, c := 0, make(chan struct{})
			v = 1
			close(c)
			<-c
			equal(b, 1, v)
		}
	})
	b.Run("mo", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v, err := mo.NewFuture(func(resolve func(int), _ func(error)) { resolve(1) }).Collect()
			must(b, err)
			equal(b, 1, v)
		}
	})
}

// Launch a function, wait for its result.
func BenchmarkFutureSpawn(b *testing.B) {
	ctx := context.Background()
	cancelable, cancel := context.WithCancel(ctx)
	defer cancel()

	one := func(context.Context) (int, error) { return 1, nil }
	b.Run("thence", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v, err := future.Go(ctx, one).Await(ctx)
			must(b, err)
			equal(b, 1, v)
		}
	})
	b.Run("thence_ctx", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v, err := future.Go(cancelable, one).Await(cancelable)
			must(b, err)
			equal(b, 1, v)
		}
	})
	type result struct {
		v   int
		err error
	}
	b.Run("chan", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c := make(chan result, 1)
			go func() {
				v, err := one(ctx)
				c <- result{v, err}
			}()
			r := <-c
			must(b, r.err)
			equal(b, 1, r.v)
		}
	})
	b.Run("chan_ctx", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c := make(chan result, 1)
			go func() {
				v, err := one(cancelable)
				c <- result{v, err}
			}()
			select {
			case r := <-c:
				must(b, r.err)
				equal(b, 1, r.v)
			case <-cancelable.Done():
				b.Fatal(context.Cause(cancelable))
			}
		}
	})
	b.Run("waitgroup", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var r result
			var wg sync.WaitGroup
			wg.Go(func() { r.v, r.err = one(ctx) })
			wg.Wait()
			must(b, r.err)
			equal(b, 1, r.v)
		}
	})
	b.Run("mo", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v, err := mo.NewFuture(func(resolve func(int), reject func(error)) {
				v, err := one(ctx)
				if err != nil {
					reject(err)
					return
				}
				resolve(v)
			}).Collect()
			must(b, err)
			equal(b, 1, v)
		}
	})
	b.Run("conc", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var r result
			var wg conc.WaitGroup
			wg.Go(func() { r.v, r.err = one(ctx) })
			wg.Wait()
			must(b, r.err)
			equal(b, 1, r.v)
		}
	})
	b.Run("failsafe", func(b *testing.B) {
		run := failsafe.With(retrypolicy.NewWithDefaults[int]())
		get := func() (int, error) { return one(ctx) }
		b.ReportAllocs()
		for b.Loop() {
			v, err := run.GetAsync(get).Get()
			must(b, err)
			equal(b, 1, v)
		}
	})
	b.Run("pond", func(b *testing.B) {
		p := pond.NewResultPool[int](0)
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

// Each link of a chain adds one.
const links = 10

func addOne(_ context.Context, v int) (int, error) { return v + 1, nil }
func moAddOne(v int) (int, error)                  { return v + 1, nil }

// Ten links on a future that has settled.
func BenchmarkFutureChainSettled(b *testing.B) {
	ctx := context.Background()

	b.Run("thence", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f := future.Resolved(0)
			for range links {
				f = future.Then(f, addOne)
			}
			v, err := f.Await(ctx)
			must(b, err)
			equal(b, links, v)
		}
	})
	b.Run("mo", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f := mo.NewFuture(func(resolve func(int), _ func(error)) { resolve(0) })
			_, err := f.Collect()
			must(b, err)
			for range links {
				f = f.Then(moAddOne)
			}
			v, err := f.Collect()
			must(b, err)
			equal(b, links, v)
		}
	})
	b.Run("chan", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c := make(chan int, 1)
			c <- 0
			equal(b, links, <-chanChain(ctx, c))
		}
	})
}

// Ten links on a task that waits at a gate, which then opens. thence_promise
// has a promise at the head of the chain instead, where mo has nothing like it.
func BenchmarkFutureChainPending(b *testing.B) {
	ctx := context.Background()

	b.Run("thence", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			gate := make(chan struct{})
			f := future.Go(ctx, func(context.Context) (int, error) {
				<-gate
				return 0, nil
			})
			for range links {
				f = future.Then(f, addOne)
			}
			close(gate)
			v, err := f.Await(ctx)
			must(b, err)
			equal(b, links, v)
		}
	})
	b.Run("thence_promise", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p := future.NewPromise[int]()
			f := p.Future()
			for range links {
				f = future.Then(f, addOne)
			}
			p.Resolve(0)
			v, err := f.Await(ctx)
			must(b, err)
			equal(b, links, v)
		}
	})
	b.Run("mo", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			gate := make(chan struct{})
			f := mo.NewFuture(func(resolve func(int), _ func(error)) {
				<-gate
				resolve(0)
			})
			for range links {
				f = f.Then(moAddOne)
			}
			close(gate)
			v, err := f.Collect()
			must(b, err)
			equal(b, links, v)
		}
	})
	b.Run("chan", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			head := make(chan int, 1)
			end := chanChain(ctx, head)
			head <- 0
			equal(b, links, <-end)
		}
	})
}

// chanChain is a goroutine for each link.
func chanChain(ctx context.Context, c chan int) chan int {
	for range links {
		in, out := c, make(chan int, 1)
		go func() {
			v, _ := addOne(ctx, <-in)
			out <- v
		}()
		c = out
	}
	return c
}

// Launch a thousand, wait for all results. thence_each awaits one after the
// other, without All: what All allocates is the difference.
func BenchmarkFutureAll(b *testing.B) {
	const n = 1000
	ctx := context.Background()
	one := func(context.Context) (int, error) { return 1, nil }
	check := func(b *testing.B, vs []int, err error) {
		b.Helper()
		must(b, err)
		equal(b, n, sum(vs))
	}

	b.Run("thence", func(b *testing.B) {
		fs := make([]*future.Future[int], n)
		loop(b, n, func() {
			for i := range fs {
				fs[i] = future.Go(ctx, one)
			}
			vs, err := future.All(fs...).Await(ctx)
			check(b, vs, err)
		})
	})
	b.Run("thence_each", func(b *testing.B) {
		fs := make([]*future.Future[int], n)
		loop(b, n, func() {
			for i := range fs {
				fs[i] = future.Go(ctx, one)
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
	b.Run("waitgroup", func(b *testing.B) {
		loop(b, n, func() {
			vs, errs := make([]int, n), make([]error, n)
			var wg sync.WaitGroup
			for i := range n {
				wg.Go(func() { vs[i], errs[i] = one(ctx) })
			}
			wg.Wait()
			for _, err := range errs {
				must(b, err)
			}
			check(b, vs, nil)
		})
	})
	b.Run("conc", func(b *testing.B) {
		loop(b, n, func() {
			p := concpool.NewWithResults[int]().WithErrors()
			for range n {
				p.Go(func() (int, error) { return one(ctx) })
			}
			vs, err := p.Wait()
			check(b, vs, err)
		})
	})
	b.Run("pond", func(b *testing.B) {
		p := pond.NewResultPool[int](0)
		defer p.StopAndWait()
		loop(b, n, func() {
			g := p.NewGroup()
			for range n {
				g.SubmitErr(func() (int, error) { return one(ctx) })
			}
			vs, err := g.Wait()
			check(b, vs, err)
		})
	})
}

// A hundred goroutines wait for one future.
func BenchmarkFutureAwaiters(b *testing.B) {
	const n = 100
	ctx := context.Background()
	cancelable, cancel := context.WithCancel(ctx)
	defer cancel()

	// gather starts n goroutines that call wait, and calls open once all are
	// about to.
	gather := func(wait func() bool, open func()) int {
		var ready, done sync.WaitGroup
		var mu sync.Mutex
		ok := 0
		ready.Add(n)
		for range n {
			done.Go(func() {
				ready.Done()
				if wait() {
					mu.Lock()
					ok++
					mu.Unlock()
				}
			})
		}
		ready.Wait()
		open()
		done.Wait()
		return ok
	}
	promise := func(b *testing.B, ctx context.Context) {
		loop(b, n, func() {
			p := future.NewPromise[int]()
			f := p.Future()
			equal(b, n, gather(func() bool {
				v, err := f.Await(ctx)
				return v == 1 && err == nil
			}, func() { p.Resolve(1) }))
		})
	}

	b.Run("thence", func(b *testing.B) { promise(b, ctx) })
	b.Run("thence_ctx", func(b *testing.B) { promise(b, cancelable) })
	b.Run("closed", func(b *testing.B) {
		loop(b, n, func() {
			v, c := 0, make(chan struct{})
			equal(b, n, gather(func() bool {
				<-c
				return v == 1
			}, func() {
				v = 1
				close(c)
			}))
		})
	})
	b.Run("closed_ctx", func(b *testing.B) {
		loop(b, n, func() {
			v, c := 0, make(chan struct{})
			equal(b, n, gather(func() bool {
				select {
				case <-c:
					return v == 1
				case <-cancelable.Done():
					return false
				}
			}, func() {
				v = 1
				close(c)
			}))
		})
	})
	b.Run("mo", func(b *testing.B) {
		loop(b, n, func() {
			gate := make(chan struct{})
			f := mo.NewFuture(func(resolve func(int), _ func(error)) {
				<-gate
				resolve(1)
			})
			equal(b, n, gather(func() bool {
				v, err := f.Collect()
				return v == 1 && err == nil
			}, func() { close(gate) }))
		})
	})
}

func sum(vs []int) int {
	s := 0
	for _, v := range vs {
		s += v
	}
	return s
}
