package bench

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/samber/ro"

	"github.com/thence-go/thence/pipeline"
)

const (
	million     = 1_000_000
	stepWorkers = 4
)

func runFlow(b *testing.B, side flowSide, n, rounds int) {
	f := doubleAfter(rounds)
	loop(b, n, func() {
		got, err := side.run(n, f)
		must(b, err)
		equal(b, flowSum(n), got)
	})
}

// A million ints through two maps, the second on 4 workers, and summed. ro has
// no step on several workers: its second map runs on one goroutine.
func BenchmarkFlowUnordered(b *testing.B) {
	for _, side := range []flowSide{
		{"thence", thenceMap(pipeline.Unordered())},
		{"thence_then", thenceThen(pipeline.Unordered())},
		{"chan64", chanFlow},
		{"chan64_ctx", chanCtxFlow},
		{"chan64_stages", chanStagesFlow},
		{"ro", roFlow},
		{"ro_async", roAsyncFlow},
		{"loop", loopFlow},
	} {
		b.Run(side.name, func(b *testing.B) { runFlow(b, side, million, nothing) })
	}
}

func BenchmarkFlowOrdered(b *testing.B) {
	for _, side := range []flowSide{
		{"thence", thenceMap()},
		{"thence_then", thenceThen()},
		{"conc_stream", concStreamFlow},
		{"thence_futures", futuresFlow},
		{"chan_of_chan", chanOfChanFlow},
		{"loop", loopFlow},
	} {
		b.Run(side.name, func(b *testing.B) { runFlow(b, side, million, nothing) })
	}
}

// The same with work in the step that has workers.
func BenchmarkFlowWork100ns(b *testing.B) { eachFlow(b, million, about100ns) }

func BenchmarkFlowWork1us(b *testing.B) { eachFlow(b, million/10, about1us) }

// The same while four goroutines of somebody else keep the processors busy.
func BenchmarkFlowBusy(b *testing.B) {
	var over atomic.Bool
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for !over.Load() {
				worked(about1us)
			}
		})
	}
	eachFlow(b, million/10, nothing)
	over.Store(true)
	wg.Wait()
}

func eachFlow(b *testing.B, n, rounds int) {
	for _, side := range []flowSide{
		{"thence", thenceMap(pipeline.Unordered())},
		{"thence_ordered", thenceMap()},
		{"chan64", chanFlow},
		{"loop", loopFlow},
	} {
		b.Run(side.name, func(b *testing.B) { runFlow(b, side, n, rounds) })
	}
}

// How long an item takes from its source to the end of the flow, when the
// source makes one every 100 us, asleep meanwhile, or every 2 us, busy
// meanwhile.
func BenchmarkFlowLatency100us(b *testing.B) {
	eachLatency(b, 500, func(time.Time) { time.Sleep(100 * time.Microsecond) })
}

func BenchmarkFlowLatency2us(b *testing.B) {
	eachLatency(b, 20_000, func(last time.Time) {
		for time.Since(last) < 2*time.Microsecond {
			worked(about100ns)
		}
	})
}

func eachLatency(b *testing.B, n int, pause func(last time.Time)) {
	source := func(yield func(time.Time) bool) {
		last := time.Now()
		for range n {
			pause(last)
			last = time.Now()
			if !yield(last) {
				return
			}
		}
	}
	same := func(t time.Time) time.Time { return t }

	thence := func(opts ...pipeline.Option) func(func(time.Time)) error {
		opts = append(opts, pipeline.Workers(stepWorkers))
		return func(arrived func(time.Time)) error {
			f := pipeline.Map(pipeline.Map(pipeline.From(source), same), same, opts...)
			return f.ForEach(context.Background(), func(_ context.Context, t time.Time) error {
				arrived(t)
				return nil
			})
		}
	}
	for _, side := range []struct {
		name string
		run  func(arrived func(time.Time)) error
	}{
		{"thence", thence(pipeline.Unordered())},
		{"thence_ordered", thence()},
		{"chan64", func(arrived func(time.Time)) error {
			for t := range fanOut(source, same, same, 64) {
				arrived(t)
			}
			return nil
		}},
		{"chunks", func(arrived func(time.Time)) error {
			for t := range fanOutChunks(source, same, same) {
				arrived(t)
			}
			return nil
		}},
		{"ring", func(arrived func(time.Time)) error {
			for t := range fanOutRing(source, same, same) {
				arrived(t)
			}
			return nil
		}},
	} {
		b.Run(side.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				before := len(took)
				took = slices.Grow(took, n)
				must(b, side.run(func(t time.Time) { took = append(took, time.Since(t)) }))
				equal(b, n, len(took)-before)
			}
			percentiles(b, took)
		})
	}
}

// 400 items that take a millisecond each, on 4 workers: 100 ms at best.
func BenchmarkFlowSlowItems(b *testing.B) {
	const n = 400
	slow := func(v int) int {
		time.Sleep(time.Millisecond)
		return 2 * v
	}
	for _, side := range []flowSide{
		{"thence", thenceThen(pipeline.Unordered())},
		{"thence_ordered", thenceThen()},
		{"chan64", chanFlow},
	} {
		b.Run(side.name, func(b *testing.B) {
			for b.Loop() {
				got, err := side.run(n, slow)
				must(b, err)
				equal(b, flowSum(n), got)
			}
		})
	}
}

// A million ints in batches of 100, and summed. thence_wait may also not keep
// an item for longer than a second, which costs it a goroutine, as chan64 has.
func BenchmarkFlowBatch(b *testing.B) {
	const size = 100
	ctx := context.Background()
	add := func(s int, batch []int) int {
		if len(batch) != size {
			panic(fmt.Sprintf("a batch of %d", len(batch)))
		}
		return s + sum(batch)
	}
	want := million * (million - 1) / 2

	thence := func(maxWait time.Duration) func(*testing.B) {
		return func(b *testing.B) {
			loop(b, million, func() {
				f := pipeline.Batch(pipeline.From(count(million)), size, maxWait)
				got, err := pipeline.Reduce(ctx, f, 0, add)
				must(b, err)
				equal(b, want, got)
			})
		}
	}
	b.Run("thence", thence(0))
	b.Run("thence_wait", thence(time.Second))
	b.Run("ro", func(b *testing.B) {
		loop(b, million, func() {
			vs, err := ro.Collect(ro.Pipe2(
				ro.Range(0, million),
				ro.BufferWithCount[int64](size),
				ro.Reduce(func(s int, batch []int64) int {
					for _, v := range batch {
						s += int(v)
					}
					return s
				}, 0)))
			must(b, err)
			equal(b, want, vs[0])
		})
	})
	b.Run("chan64", func(b *testing.B) {
		loop(b, million, func() {
			c, batches := make(chan int, 64), make(chan []int, 64)
			go func() {
				defer close(c)
				for v := range count(million) {
					c <- v
				}
			}()
			go func() {
				defer close(batches)
				batch := make([]int, 0, size)
				for v := range c {
					if batch = append(batch, v); len(batch) == size {
						batches <- batch
						batch = make([]int, 0, size)
					}
				}
				if len(batch) > 0 {
					batches <- batch
				}
			}()
			got := 0
			for batch := range batches {
				got = add(got, batch)
			}
			equal(b, want, got)
		})
	})
	b.Run("loop", func(b *testing.B) {
		loop(b, million, func() {
			got, batch := 0, make([]int, 0, size)
			for v := range count(million) {
				if batch = append(batch, v); len(batch) == size {
					got = add(got, batch)
					batch = make([]int, 0, size)
				}
			}
			equal(b, want, got)
		})
	})
}
