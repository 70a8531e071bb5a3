package bench

import (
	"context"
	"errors"
	"iter"
	"sync"

	"github.com/samber/ro"
	"github.com/sourcegraph/conc/stream"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
	"github.com/thence-go/thence/pool"
)

// flowSide sends the ints below n through increment and then, on 4 workers,
// through double, and returns the sum.
type flowSide struct {
	name string
	run  func(n int, double func(int) int) (int, error)
}

var errOrder = errors.New("out of order")

func flowSum(n int) int { return n * (n + 1) }

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func increment(v int) int { return v + 1 }

func add(s, v int) int { return s + v }

// doubleAfter returns a function that doubles after so many rounds of work.
func doubleAfter(rounds int) func(int) int {
	if rounds == nothing {
		return func(v int) int { return 2 * v }
	}
	return func(v int) int {
		worked(rounds)
		return 2 * v
	}
}

// summing adds up results that should come in order.
type summing struct {
	sum, last int
	disorder  bool
}

func (s summing) add(v int) summing {
	return summing{s.sum + v, v, s.disorder || v <= s.last}
}

func (s summing) result() (int, error) {
	if s.disorder {
		return 0, errOrder
	}
	return s.sum, nil
}

func loopFlow(n int, double func(int) int) (int, error) {
	s := 0
	for v := range count(n) {
		s += double(increment(v))
	}
	return s, nil
}

var unordered = pipeline.Unordered()

func thenceMap(opts ...pipeline.Option) func(int, func(int) int) (int, error) {
	return thenceFlow(len(opts) == 0, func(f pipeline.Flow[int], double func(int) int) pipeline.Flow[int] {
		return pipeline.Map(f, double, append(opts, pipeline.Workers(stepWorkers))...)
	})
}

func thenceThen(opts ...pipeline.Option) func(int, func(int) int) (int, error) {
	return thenceFlow(len(opts) == 0, func(f pipeline.Flow[int], double func(int) int) pipeline.Flow[int] {
		fn := func(_ context.Context, v int) (int, error) { return double(v), nil }
		return pipeline.Then(f, fn, append(opts, pipeline.Workers(stepWorkers))...)
	})
}

func thenceFlow(ordered bool, step func(pipeline.Flow[int], func(int) int) pipeline.Flow[int]) func(int, func(int) int) (int, error) {
	return func(n int, double func(int) int) (int, error) {
		ctx := context.Background()
		f := step(pipeline.Map(pipeline.From(count(n)), increment), double)
		if !ordered {
			return pipeline.Reduce(ctx, f, 0, add)
		}
		s, err := pipeline.Reduce(ctx, f, summing{}, summing.add)
		if err != nil {
			return 0, err
		}
		return s.result()
	}
}

// fanOut is the usual pipeline of channels: a source that applies first, and 4
// workers that apply second.
func fanOut[T any](source iter.Seq[T], first, second func(T) T, queue int) <-chan T {
	in, out := make(chan T, queue), make(chan T, queue)
	go func() {
		defer close(in)
		for v := range source {
			in <- first(v)
		}
	}()
	var wg sync.WaitGroup
	for range stepWorkers {
		wg.Go(func() {
			for v := range in {
				out <- second(v)
			}
		})
	}
	go func() {
		wg.Wait()
		close(out)
	}()
	return out
}

func chanFlow(n int, double func(int) int) (int, error) {
	s := 0
	for v := range fanOut(count(n), increment, double, 64) {
		s += v
	}
	return s, nil
}

// chanStagesFlow is chanFlow with a goroutine for the first map too.
func chanStagesFlow(n int, double func(int) int) (int, error) {
	c := make(chan int, 64)
	go func() {
		defer close(c)
		for v := range count(n) {
			c <- v
		}
	}()
	chanSeq := func(yield func(int) bool) {
		for v := range c {
			if !yield(v) {
				return
			}
		}
	}
	s := 0
	for v := range fanOut(chanSeq, increment, double, 64) {
		s += v
	}
	return s, nil
}

// chanCtxFlow is chanFlow that can be canceled: each send watches a ctx too.
func chanCtxFlow(n int, double func(int) int) (int, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	in, out := make(chan int, 64), make(chan int, 64)
	send := func(c chan<- int, v int) bool {
		select {
		case c <- v:
			return true
		case <-ctx.Done():
			return false
		}
	}
	go func() {
		defer close(in)
		for v := range count(n) {
			if !send(in, increment(v)) {
				return
			}
		}
	}()
	var wg sync.WaitGroup
	for range stepWorkers {
		wg.Go(func() {
			for v := range in {
				if !send(out, double(v)) {
					return
				}
			}
		})
	}
	go func() {
		wg.Wait()
		close(out)
	}()
	s := 0
	for v := range out {
		s += v
	}
	return s, nil
}

func roFlow(n int, double func(int) int) (int, error) {
	return roSum(ro.Pipe3(
		ro.Range(0, int64(n)),
		ro.Map(func(v int64) int { return increment(int(v)) }),
		ro.Map(double),
		ro.Sum[int]()))
}

func roAsyncFlow(n int, double func(int) int) (int, error) {
	return roSum(ro.Pipe5(
		ro.Range(0, int64(n)),
		ro.Map(func(v int64) int { return increment(int(v)) }),
		ro.ObserveOn[int](64),
		ro.Map(double),
		ro.ObserveOn[int](64),
		ro.Sum[int]()))
}

func roSum(o ro.Observable[int]) (int, error) {
	vs, err := ro.Collect(o)
	if err != nil {
		return 0, err
	}
	return sum(vs), nil
}

func concStreamFlow(n int, double func(int) int) (int, error) {
	var s summing
	st := stream.New().WithMaxGoroutines(stepWorkers)
	for v := range count(n) {
		v := increment(v)
		st.Go(func() stream.Callback {
			v := double(v)
			return func() { s = s.add(v) }
		})
	}
	st.Wait()
	return s.result()
}

// futuresFlow keeps the order by a queue of futures, one an item.
func futuresFlow(n int, double func(int) int) (int, error) {
	ctx := context.Background()
	p := pool.New(stepWorkers)
	defer p.Close()
	fs := make(chan *future.Future[int], 64)
	go func() {
		defer close(fs)
		for v := range count(n) {
			v := increment(v)
			fs <- pool.Submit(ctx, p, func(context.Context) (int, error) { return double(v), nil })
		}
	}()
	var s summing
	for f := range fs {
		v, err := f.Await(ctx)
		if err != nil {
			return 0, err
		}
		s = s.add(v)
	}
	return s.result()
}

// chanOfChanFlow keeps the order by a queue of channels, one an item.
func chanOfChanFlow(n int, double func(int) int) (int, error) {
	type job struct {
		v      int
		result chan int
	}
	jobs, results := make(chan job, 64), make(chan chan int, 64)
	go func() {
		defer close(results)
		defer close(jobs)
		for v := range count(n) {
			j := job{increment(v), make(chan int, 1)}
			jobs <- j
			results <- j.result
		}
	}()
	for range stepWorkers {
		go func() {
			for j := range jobs {
				j.result <- double(j.v)
			}
		}()
	}
	var s summing
	for c := range results {
		s = s.add(<-c)
	}
	return s.result()
}
