package bench

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/thence-go/thence/future"
)

// Await a future that has settled. copy is what no future can do without: an
// atomic load, and a copy of what it guards.
func BenchmarkFutureAwait(b *testing.B) {
	ctx := context.Background()

	b.Run("thence", func(b *testing.B) {
		f := future.Resolved(1)
		b.ReportAllocs()
		for b.Loop() {
			v, err := f.Await(ctx)
			must(b, err)
			equal(b, 1, v)
		}
	})
	b.Run("copy", func(b *testing.B) {
		var state struct {
			v    int
			err  error
			word atomic.Uint64
		}
		state.v = 1
		state.word.Store(1)
		b.ReportAllocs()
		for b.Loop() {
			if state.word.Load() != 1 {
				b.Fatal("not settled")
			}
			v, err := state.v, state.err
			must(b, err)
			equal(b, 1, v)
		}
	})
	b.Run("closed", func(b *testing.B) {
		v, c := 1, make(chan struct{})
		close(c)
		b.ReportAllocs()
		for b.Loop() {
			<-c
			equal(b, 1, v)
		}
	})
}

// A million promises that nobody has settled yet. The bytes are those of the
// heap after a collection, without the slice that holds them.
func BenchmarkFuturePending(b *testing.B) {
	const n = 1_000_000
	heap := func() float64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}

	b.Run("thence", func(b *testing.B) {
		ps := make([]future.Promise[int], n)
		before := heap()
		loop(b, n, func() {
			for i := range ps {
				ps[i] = future.NewPromise[int]()
			}
		})
		b.ReportMetric((heap()-before)/n, "bytes/item")
		runtime.KeepAlive(ps)
	})
	b.Run("chan", func(b *testing.B) {
		cs := make([]chan int, n)
		before := heap()
		loop(b, n, func() {
			for i := range cs {
				cs[i] = make(chan int, 1)
			}
		})
		b.ReportMetric((heap()-before)/n, "bytes/item")
		runtime.KeepAlive(cs)
	})
}
