package bench

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/thence-go/thence/bench/subject"
	"github.com/thence-go/thence/pipeline"
)

// The pools that the curves show.
var curvePools = []subject.Side{
	subject.Thence("thence"),
	subject.Chan("chan64", 64),
	subject.Pond("pond"),
	subject.Ants("ants"),
}

func at(b *testing.B, side string, size int, run func(*testing.B)) {
	b.Run(fmt.Sprintf("%s/%d", side, size), run)
}

// Empty tasks on 1 to 100 000 workers.
func BenchmarkCurveWorkers(b *testing.B) {
	for _, side := range curvePools {
		for workers := 1; workers <= 100_000; workers *= 10 {
			at(b, side.Name, workers, func(b *testing.B) {
				p, err := side.Open(workers, func() {})
				must(b, err)
				defer p.Close()
				b.ResetTimer()
				produceOne(b, p)
				must(b, p.Drain())
				b.StopTimer()
			})
		}
	}
}

// A thousand to ten million empty tasks on 8 workers, the pool made for them.
func BenchmarkCurveTasks(b *testing.B) {
	for _, side := range curvePools {
		for tasks := 1000; tasks <= 10_000_000; tasks *= 10 {
			at(b, side.Name, tasks, func(b *testing.B) {
				loop(b, tasks, func() {
					p, err := side.Open(8, func() {})
					must(b, err)
					for range tasks {
						must(b, p.Submit())
					}
					must(b, p.Drain())
					p.Close()
				})
			})
		}
	}
}

// A microsecond of work in each of many tasks and items, on one processor and
// on all of them.
func BenchmarkCurveProcs(b *testing.B) {
	const n = 100_000
	most := runtime.GOMAXPROCS(0)
	on := func(procs int, run func()) func() {
		return func() {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			run()
		}
	}
	for procs := 1; procs <= most; procs++ {
		for _, side := range curvePools {
			at(b, side.Name+"_pool", procs, func(b *testing.B) {
				loop(b, n, on(procs, func() {
					p, err := side.Open(8, func() { worked(about1us) })
					must(b, err)
					for range n {
						must(b, p.Submit())
					}
					must(b, p.Drain())
					p.Close()
				}))
			})
		}
		for _, side := range workSides {
			at(b, side.name+"_flow", procs, func(b *testing.B) {
				double := doubleAfter(about1us)
				loop(b, n, on(procs, func() {
					got, err := side.run(n, double)
					must(b, err)
					equal(b, flowSum(n), got)
				}))
			})
		}
	}
}

var workSides = []flowSide{
	{"thence", thenceMap(unordered)},
	{"chan64", chanFlow},
	{"loop", loopFlow},
}

// Items that are mapped on 4 workers, with no work in them and with up to some
// 10 us. The sizes are the ns that the work takes on the side of the loop, more
// or less.
func BenchmarkCurveWork(b *testing.B) {
	for _, side := range workSides {
		for _, size := range []struct{ ns, rounds, items int }{
			{10, about100ns / 10, million},
			{100, about100ns, million},
			{1000, about1us, million / 10},
			{10_000, 10 * about1us, million / 100},
		} {
			at(b, side.name, size.ns, func(b *testing.B) {
				double := doubleAfter(size.rounds)
				loop(b, size.items, func() {
					got, err := side.run(size.items, double)
					must(b, err)
					equal(b, flowSum(size.items), got)
				})
			})
		}
	}
}

// Flows of 1 to 50 cheap steps: thence has them fused, thence_then in
// goroutines of their own, chan64 a goroutine and a channel for each.
func BenchmarkCurveStages(b *testing.B) {
	const n = 100_000
	ctx := context.Background()
	step := func(_ context.Context, v int) (int, error) { return v + 1, nil }
	for _, side := range []struct {
		name string
		run  func(steps int) (int, error)
	}{
		{"thence", func(steps int) (int, error) {
			f := pipeline.From(count(n))
			for range steps {
				f = pipeline.Map(f, increment)
			}
			return pipeline.Reduce(ctx, f, 0, add)
		}},
		{"thence_then", func(steps int) (int, error) {
			f := pipeline.From(count(n))
			for range steps {
				f = pipeline.Then(f, step)
			}
			return pipeline.Reduce(ctx, f, 0, add)
		}},
		{"chan64", func(steps int) (int, error) { return chanStages(n, steps), nil }},
		{"loop", func(steps int) (int, error) {
			fns := slices.Repeat([]func(int) int{increment}, steps)
			s := 0
			for v := range count(n) {
				for _, fn := range fns {
					v = fn(v)
				}
				s += v
			}
			return s, nil
		}},
	} {
		for _, steps := range []int{1, 2, 5, 10, 20, 50} {
			at(b, side.name, steps, func(b *testing.B) {
				loop(b, n, func() {
					got, err := side.run(steps)
					must(b, err)
					equal(b, n*(n-1)/2+n*steps, got)
				})
			})
		}
	}
}

func chanStages(n, steps int) int {
	source := make(chan int, 64)
	go func() {
		defer close(source)
		for v := range count(n) {
			source <- v
		}
	}()
	from := source
	for range steps {
		in, out := from, make(chan int, 64)
		go func() {
			defer close(out)
			for v := range in {
				out <- increment(v)
			}
		}()
		from = out
	}
	s := 0
	for v := range from {
		s += v
	}
	return s
}

// Items of 100 to a million keys, in order within one, on 4 workers.
func BenchmarkCurveKeys(b *testing.B) {
	step := func(_ context.Context, v int) (int, error) { return 2 * v, nil }
	for keys := 100; keys <= million; keys *= 10 {
		at(b, "thence", keys, func(b *testing.B) {
			f := pipeline.Partition(pipeline.From(count(million)), func(v int) int { return v % keys }, step,
				pipeline.Workers(stepWorkers), unordered)
			loop(b, million, func() {
				got, err := pipeline.Reduce(context.Background(), f, 0, add)
				must(b, err)
				equal(b, million*(million-1), got)
			})
		})
	}
}
