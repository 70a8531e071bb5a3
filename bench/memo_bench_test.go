package bench

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/thence-go/thence/future"
)

// Ask a cache for what it has.
func BenchmarkMemoHit(b *testing.B) {
	const n = 1024
	ctx := context.Background()
	load := func(_ context.Context, k int) (int, error) { return k + 1, nil }

	b.Run("thence", func(b *testing.B) {
		m := future.NewMemo(load)
		for k := range n {
			_, err := m.Get(ctx, k)
			must(b, err)
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			v, err := m.Get(ctx, i%n)
			must(b, err)
			equal(b, i%n+1, v)
		}
	})
	b.Run("thence_ttl", func(b *testing.B) { // reads the clock
		m := future.NewMemo(load, future.TTL(time.Hour))
		for k := range n {
			_, err := m.Get(ctx, k)
			must(b, err)
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			v, err := m.Get(ctx, i%n)
			must(b, err)
			equal(b, i%n+1, v)
		}
	})
	b.Run("mutex_map", func(b *testing.B) {
		var mu sync.Mutex
		m := map[int]int{}
		for k := range n {
			m[k] = k + 1
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			mu.Lock()
			v := m[i%n]
			mu.Unlock()
			equal(b, i%n+1, v)
		}
	})
	b.Run("sync_map", func(b *testing.B) {
		var m sync.Map
		for k := range n {
			m.Store(k, k+1)
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			v, _ := m.Load(i % n)
			equal(b, i%n+1, v.(int))
		}
	})
	b.Run("singleflight", func(b *testing.B) { // in front of the map, as it is used
		var mu sync.RWMutex
		var g singleflight.Group
		m := map[int]int{}
		get := func(k int) (int, error) {
			mu.RLock()
			v, ok := m[k]
			mu.RUnlock()
			if ok {
				return v, nil
			}
			loaded, err, _ := g.Do(strconv.Itoa(k), func() (any, error) {
				v, err := load(ctx, k)
				mu.Lock()
				m[k] = v
				mu.Unlock()
				return v, err
			})
			return loaded.(int), err
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			v, err := get(i % n)
			must(b, err)
			equal(b, i%n+1, v)
		}
	})
}

// The same by several goroutines at once.
func BenchmarkMemoParallel(b *testing.B) {
	const n = 1024
	ctx := context.Background()
	load := func(_ context.Context, k int) (int, error) { return k + 1, nil }
	ask := func(b *testing.B, get func(k int) int) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i++ {
				if get(i%n) != i%n+1 {
					panic("the value of another key")
				}
			}
		})
	}

	b.Run("thence", func(b *testing.B) {
		m := future.NewMemo(load)
		for k := range n {
			_, err := m.Get(ctx, k)
			must(b, err)
		}
		ask(b, func(k int) int { v, _ := m.Get(ctx, k); return v })
	})
	b.Run("mutex_map", func(b *testing.B) {
		var mu sync.Mutex
		m := map[int]int{}
		for k := range n {
			m[k] = k + 1
		}
		ask(b, func(k int) int {
			mu.Lock()
			defer mu.Unlock()
			return m[k]
		})
	})
	b.Run("rwmutex_map", func(b *testing.B) {
		var mu sync.RWMutex
		m := map[int]int{}
		for k := range n {
			m[k] = k + 1
		}
		ask(b, func(k int) int {
			mu.RLock()
			defer mu.RUnlock()
			return m[k]
		})
	})
	b.Run("sync_map", func(b *testing.B) {
		var m sync.Map
		for k := range n {
			m.Store(k, k+1)
		}
		ask(b, func(k int) int { v, _ := m.Load(k); return v.(int) })
	})
}

// A hundred thousand keys, each asked for on its own: in batches, or by a
// goroutine a key.
func BenchmarkLoader(b *testing.B) {
	const n = 100_000
	ctx := context.Background()

	b.Run("thence", func(b *testing.B) {
		l := future.NewLoader(func(_ context.Context, ks []int) (map[int]int, error) {
			values := make(map[int]int, len(ks))
			for _, k := range ks {
				values[k] = k + 1
			}
			return values, nil
		})
		fs := make([]*future.Future[int], n)
		loop(b, n, func() {
			for k := range fs {
				fs[k] = l.Go(ctx, k)
			}
			for k, f := range fs {
				v, err := f.Await(ctx)
				must(b, err)
				equal(b, k+1, v)
			}
		})
	})
	b.Run("goroutine", func(b *testing.B) {
		type result struct {
			v   int
			err error
		}
		cs := make([]chan result, n)
		load := func(_ context.Context, k int) (int, error) { return k + 1, nil }
		loop(b, n, func() {
			for k := range cs {
				c := make(chan result, 1)
				cs[k] = c
				go func() {
					v, err := load(ctx, k)
					c <- result{v, err}
				}()
			}
			for k, c := range cs {
				r := <-c
				must(b, r.err)
				equal(b, k+1, r.v)
			}
		})
	})
}
