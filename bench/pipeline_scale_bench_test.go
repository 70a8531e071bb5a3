package bench

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thence-go/thence/pipeline"
)

const twenty = 20

// The steps of a flow of twenty: values, so that no side can fold them into one.
func twentySteps() (steps [twenty]func(int) int) {
	for i := range steps {
		steps[i] = func(v int) int { return v ^ i }
	}
	return steps
}

// Twenty cheap steps over a million ints, against one loop that calls the same
// functions one after the other.
func BenchmarkFlowTwentySteps(b *testing.B) {
	steps := twentySteps()
	items := make([]int, million)
	want := 0
	for i := range items {
		items[i] = i
		v := i
		for _, step := range steps {
			v = step(v)
		}
		want += v
	}
	b.Run("thence", func(b *testing.B) {
		f := pipeline.FromSlice(items)
		for _, step := range steps {
			f = pipeline.Map(f, step)
		}
		loop(b, million, func() {
			got, err := pipeline.Reduce(context.Background(), f, 0, add)
			must(b, err)
			equal(b, want, got)
		})
	})
	b.Run("loop", func(b *testing.B) {
		loop(b, million, func() {
			got := 0
			for _, v := range items {
				for _, step := range steps {
					v = step(v)
				}
				got += v
			}
			equal(b, want, got)
		})
	})
}

// Start and end a flow of a source, three steps with goroutines of their own and
// a sink, over ten items; by hand, with a goroutine and a channel for each, and
// with what it takes to stop at an error.
func BenchmarkFlowStart(b *testing.B) {
	const n = 10
	ctx := context.Background()
	step := func(_ context.Context, v int) (int, error) { return v + 1, nil }
	b.Run("thence", func(b *testing.B) {
		f := pipeline.From(count(n))
		for range 3 {
			f = pipeline.Then(f, step)
		}
		loop(b, 1, func() {
			got := 0
			must(b, f.ForEach(ctx, func(_ context.Context, v int) error {
				got += v
				return nil
			}))
			equal(b, n*(n-1)/2+3*n, got)
		})
	})
	b.Run("chan", func(b *testing.B) {
		loop(b, 1, func() {
			got, err := fiveStages(ctx, n, step)
			must(b, err)
			equal(b, n*(n-1)/2+3*n, got)
		})
	})
}

func fiveStages(ctx context.Context, n int, step func(context.Context, int) (int, error)) (int, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	source := make(chan int, 64)
	wg.Go(func() {
		defer close(source)
		for i := range n {
			select {
			case source <- i:
			case <-ctx.Done():
				return
			}
		}
	})
	in := source
	for range 3 {
		from, out := in, make(chan int, 64)
		wg.Go(func() {
			defer close(out)
			for v := range from {
				v, err := step(ctx, v)
				if err != nil {
					cancel(err)
					return
				}
				select {
				case out <- v:
				case <-ctx.Done():
					return
				}
			}
		})
		in = out
	}
	sum := 0
	for v := range in {
		sum += v
	}
	wg.Wait()
	return sum, context.Cause(ctx)
}

// The most memory that a flow of b.N items holds beyond what there was before,
// looked at every few milliseconds, for each item: it tends to nothing, since a
// flow's memory does not depend on how long it is.
func BenchmarkFlowMemory(b *testing.B) {
	b.Run("thence", func(b *testing.B) {
		var before, now runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		most, over := atomic.Uint64{}, make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			for tick := time.Tick(20 * time.Millisecond); ; {
				select {
				case <-tick:
					runtime.ReadMemStats(&now)
					most.Store(max(most.Load(), now.HeapInuse))
				case <-over:
					return
				}
			}
		})
		f := pipeline.Map(pipeline.Map(pipeline.From(count(b.N)), increment), increment, pipeline.Workers(stepWorkers))
		b.ReportAllocs()
		b.ResetTimer()
		n, err := f.Count(context.Background())
		b.StopTimer()
		must(b, err)
		equal(b, int64(b.N), n)
		close(over)
		wg.Wait()
		b.ReportMetric(max(0, float64(most.Load())-float64(before.HeapInuse))/float64(b.N), "bytes/item")
	})
}

// A million ints over a thousand keys, on 4 workers: in order within a key, and
// in no order by the step that knows no keys.
func BenchmarkFlowPartition(b *testing.B) {
	const keys = 1000
	key := func(v int) int { return v % keys }
	step := func(_ context.Context, v int) (int, error) { return 2 * v, nil }
	for _, side := range []struct {
		name string
		flow func(pipeline.Flow[int]) pipeline.Flow[int]
	}{
		{"thence", func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Partition(f, key, step, pipeline.Workers(stepWorkers), unordered)
		}},
		{"in_order", func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Partition(f, key, step, pipeline.Workers(stepWorkers))
		}},
		{"then", func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Then(f, step, pipeline.Workers(stepWorkers), unordered)
		}},
	} {
		b.Run(side.name, func(b *testing.B) {
			f := side.flow(pipeline.From(count(million)))
			loop(b, million, func() {
				got, err := pipeline.Reduce(context.Background(), f, 0, add)
				must(b, err)
				equal(b, million*(million-1), got)
			})
		})
	}
}
