package pipelinetest_test

import (
	"context"
	"io"
	"iter"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
	"github.com/thence-go/thence/pipeline/pipelinetest"
)

func init() { // panics are loud by default, and these tests make many
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
}

type (
	flow    = pipeline.Flow[int]
	adapter = pipelinetest.Adapter[int, int]
)

func self(i int) int         { return i }
func alone(i int) []int      { return []int{i} }
func together(s []int) []int { return s }

func echo(_ context.Context, i int) (int, error) { return i, nil }

// jittery takes another time for each item.
func jittery(ctx context.Context, i int) (int, error) {
	select {
	case <-time.After(time.Duration(i*7919%100) * time.Millisecond):
		return i, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// one is a stage that lets every item go on, in order.
func one(s pipeline.Stage[int, int]) adapter {
	return adapter{Stage: s, Item: self, Of: alone, Whole: true, Ordered: true}
}

// with changes what an adapter declares.
func with[B any](a pipelinetest.Adapter[int, B], declare func(*pipelinetest.Adapter[int, B])) pipelinetest.Adapter[int, B] {
	declare(&a)
	return a
}

// some is a stage that lets some items go on, in order.
func some(s pipeline.Stage[int, int]) adapter {
	return with(one(s), func(a *adapter) { a.Whole = false })
}

// mixed is a stage that lets every item go on, in no order.
func mixed(s pipeline.Stage[int, int]) adapter {
	return with(one(s), func(a *adapter) { a.Ordered = false })
}

// losing is a stage that drops items when there is no room.
func losing(s pipeline.Stage[int, int]) adapter {
	return with(some(s), func(a *adapter) { a.Varies, a.Drops = true, true })
}

func gathers(s pipeline.Stage[int, []int]) pipelinetest.Adapter[int, []int] {
	return pipelinetest.Adapter[int, []int]{Stage: s, Item: self, Of: together, Whole: true, Ordered: true, Ahead: 1 << 17}
}

func then(opts ...pipeline.Option) pipeline.Stage[int, int] {
	return func(f flow) flow { return pipeline.Then(f, jittery, opts...) }
}

func quick(opts ...pipeline.Option) pipeline.Stage[int, int] {
	return func(f flow) flow { return pipeline.Then(f, echo, opts...) }
}

func mapped(f flow) flow { return pipeline.Map(f, self) }

type noWait struct{}

func (noWait) Wait(ctx context.Context) error { return ctx.Err() }

// waiter lets an item pass every second.
type waiter struct{}

func (waiter) Wait(ctx context.Context) error {
	_, err := jittery(ctx, 10)
	return err
}

func twice(i int) iter.Seq[int] { return slices.Values([]int{i, i}) }

func twiceSlowly(ctx context.Context, i int) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for range 2 {
			if !yield(jittery(ctx, i)) {
				return
			}
		}
	}
}

func ints(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// adapters are those of all steps from int to int.
func adapters() map[string]adapter {
	four, unordered := pipeline.Workers(4), pipeline.Unordered()
	repeats := func(a *adapter) { a.Repeats = true }
	return map[string]adapter{
		"Map":                 one(mapped),
		"Map, workers":        one(func(f flow) flow { return pipeline.Map(f, self, four) }),
		"Map, unordered":      mixed(func(f flow) flow { return pipeline.Map(f, self, four, unordered) }),
		"Filter":              some(func(f flow) flow { return f.Filter(func(i int) bool { return i%2 == 1 }) }),
		"Filter, workers":     some(func(f flow) flow { return f.Filter(func(i int) bool { return i%2 == 1 }, four) }),
		"FlatMap":             with(one(func(f flow) flow { return pipeline.FlatMap(f, twice) }), repeats),
		"FlatMap, workers":    with(one(func(f flow) flow { return pipeline.FlatMap(f, twice, four) }), repeats),
		"FlatMap, unordered":  with(mixed(func(f flow) flow { return pipeline.FlatMap(f, twice, four, unordered) }), repeats),
		"Expand":              with(one(func(f flow) flow { return pipeline.Expand(f, twiceSlowly) }), repeats),
		"Expand, workers":     with(one(func(f flow) flow { return pipeline.Expand(f, twiceSlowly, four) }), repeats),
		"Expand, unordered":   with(mixed(func(f flow) flow { return pipeline.Expand(f, twiceSlowly, four, unordered) }), repeats),
		"Tap":                 one(func(f flow) flow { return f.Tap(func(int) {}) }),
		"Take":                with(one(func(f flow) flow { return f.Take(10) }), func(a *adapter) { a.Reads = 10 }),
		"Take 1":              with(one(func(f flow) flow { return f.Take(1) }), func(a *adapter) { a.Reads = 1 }),
		"Take behind workers": with(one(func(f flow) flow { return then(four)(f).Take(10) }), func(a *adapter) { a.Reads = 10 }),
		"Skip":                some(func(f flow) flow { return f.Skip(10) }),
		"TakeWhile":           with(some(func(f flow) flow { return f.TakeWhile(func(i int) bool { return i < 9 }) }), func(a *adapter) { a.Reads = 10 }),
		"Distinct":            one(func(f flow) flow { return pipeline.Distinct(f, self, 10) }),
		"Throttle":            one(func(f flow) flow { return f.Throttle(waiter{}) }),
		"Throttle, open":      one(func(f flow) flow { return f.Throttle(noWait{}) }),
		"Debounce":            losing(func(f flow) flow { return f.Debounce(100 * time.Millisecond) }),
		"Conflate":            losing(func(f flow) flow { return f.Conflate(func(_, new int) int { return new }) }),
		"Conflate, fused":     losing(func(f flow) flow { return mapped(f.Conflate(func(_, new int) int { return new })) }),
		"Buffer":              one(func(f flow) flow { return f.Buffer(10, pipeline.Block) }),
		"Buffer, fused":       one(func(f flow) flow { return mapped(mapped(f).Buffer(10, pipeline.Block)) }),
		"Buffer, drop oldest": losing(func(f flow) flow { return f.Buffer(10, pipeline.DropOldest) }),
		"Buffer, drop newest": losing(func(f flow) flow { return f.Buffer(10, pipeline.DropNewest) }),
		"Buffer, workers":     one(func(f flow) flow { return f.Buffer(10, pipeline.Block).Filter(func(int) bool { return true }, four) }),
		"Zip":                 one(func(f flow) flow { return pipeline.Zip(f, endless(), func(a, _ int) int { return a }) }),
		"Zip, second":         one(func(f flow) flow { return pipeline.Zip(endless(), f, func(_, b int) int { return b }) }),
		"Zip, shorter": with(one(func(f flow) flow {
			return pipeline.Zip(f, pipeline.FromSlice(ints(10)), func(a, _ int) int { return a })
		}), func(a *adapter) { a.Reads = 10 }),
		"Split":          mixed(func(f flow) flow { return pipeline.Split(f, func(i int) bool { return i%3 == 0 }, mapped, then()) }),
		"Split, workers": mixed(func(f flow) flow { return pipeline.Split(f, func(i int) bool { return i%3 == 0 }, quick(), then(four)) }),
		"Broadcast":      with(mixed(func(f flow) flow { return pipeline.Broadcast(f, mapped, then(four)) }), repeats),
		"GroupBy": mixed(func(f flow) flow {
			return pipeline.GroupBy(f, func(i int) int { return i % 5 }, func(_ int, f flow) flow { return mapped(f) })
		}),
		"GroupBy, then": mixed(func(f flow) flow {
			return pipeline.GroupBy(f, func(i int) int { return i % 5 }, func(_ int, f flow) flow { return then()(f) })
		}),
		"Partition":            mixed(func(f flow) flow { return pipeline.Partition(f, func(i int) int { return i % 5 }, jittery) }),
		"Partition, workers":   mixed(func(f flow) flow { return pipeline.Partition(f, func(i int) int { return i % 5 }, jittery, four) }),
		"Partition, one key":   one(func(f flow) flow { return pipeline.Partition(f, func(int) int { return 0 }, jittery, four) }),
		"MapAsync":             one(func(f flow) flow { return pipeline.MapAsync(f, launch) }),
		"MapAsync, unordered":  mixed(func(f flow) flow { return pipeline.MapAsync(f, launch, unordered) }),
		"Merge of one":         one(func(f flow) flow { return pipeline.Merge(f) }),
		"Merge of two":         with(mixed(func(f flow) flow { return pipeline.Merge(f, mapped(f)) }), repeats),
		"Merge, fused":         with(mixed(func(f flow) flow { return mapped(pipeline.Merge(f, mapped(f))) }), repeats),
		"Concat of one":        one(func(f flow) flow { return pipeline.Concat(f) }),
		"Concat of two":        with(mixed(func(f flow) flow { return pipeline.Concat(f, f) }), repeats),
		"Then":                 one(then()),
		"Then, quick":          one(quick()),
		"Then, workers":        one(then(four)),
		"Then, quick, workers": one(quick(four)),
		"Then, unordered":      mixed(then(four, unordered)),
		"Then, ahead":          one(then(four, pipeline.Ahead(3))),
		"Then, twice":          one(func(f flow) flow { return then(four)(then(four)(f)) }),
		"Then, tried again":    one(func(f flow) flow { return pipeline.Then(f, pipeline.Within(time.Minute, jittery)) }),
		"Via":                  one(func(f flow) flow { return pipeline.Via(f, mapped) }),
		"InFlight":             one(func(f flow) flow { return f.InFlight(3) }),
		"InFlight, workers":    one(func(f flow) flow { return then(four)(f.InFlight(2)) }),
		"OnUndelivered":        one(func(f flow) flow { return f.OnUndelivered(func(int) {}) }),
		"OnUndelivered, then":  one(func(f flow) flow { return then(four)(f.OnUndelivered(func(int) {})) }),
		"Progress":             one(func(f flow) flow { return f.Progress(time.Second, func(pipeline.Progress) {}) }),
	}
}

func endless() flow {
	return pipeline.Generate(func(_ context.Context, yield func(int) bool) error {
		for i := 0; yield(i); i++ {
		}
		return nil
	})
}

func launch(ctx context.Context, i int) *future.Future[int] {
	return future.Go(ctx, func(ctx context.Context) (int, error) { return jittery(ctx, i) })
}

// gatherers are the adapters of all steps that make slices.
func gatherers() map[string]pipelinetest.Adapter[int, []int] {
	type slices = pipeline.Flow[[]int]
	weight := func(i int) int64 { return int64(i%4 + 1) }
	return map[string]pipelinetest.Adapter[int, []int]{
		"Batch":              gathers(func(f flow) slices { return pipeline.Batch(f, 7, 0) }),
		"Batch of one":       gathers(func(f flow) slices { return pipeline.Batch(f, 1, 0) }),
		"Batch, timed":       varying(gathers(func(f flow) slices { return pipeline.Batch(f, 7, time.Minute) })),
		"Batch of workers":   gathers(func(f flow) slices { return pipeline.Batch(then(pipeline.Workers(4))(f), 7, 0) }),
		"BatchWeight":        gathers(func(f flow) slices { return pipeline.BatchWeight(f, 9, weight, 0) }),
		"BatchWeight, timed": varying(gathers(func(f flow) slices { return pipeline.BatchWeight(f, 9, weight, 1500*time.Millisecond) })),
		"Window":             gathers(func(f flow) slices { return pipeline.Window(f, 7, 7) }),
		"Window, overlapping": with(gathers(func(f flow) slices { return pipeline.Window(f, 7, 3) }),
			func(a *pipelinetest.Adapter[int, []int]) { a.Repeats = true }),
		"Window, with gaps": with(gathers(func(f flow) slices { return pipeline.Window(f, 3, 7) }),
			func(a *pipelinetest.Adapter[int, []int]) { a.Whole = false }),
		"Scan": gathers(func(f flow) slices {
			return pipeline.Scan(f, nil, func(_ []int, i int) []int { return []int{i} })
		}),
		"all at the end": with(gathers(func(f flow) slices { return pipeline.Batch(f, 1000, 0) }),
			func(a *pipelinetest.Adapter[int, []int]) { a.AtEnd = true }),
	}
}

func varying(a pipelinetest.Adapter[int, []int]) pipelinetest.Adapter[int, []int] {
	a.Varies = true
	return a
}

// Every step of package pipeline keeps every rule.
func TestStepsConform(t *testing.T) {
	for name, a := range adapters() {
		t.Run(name, func(t *testing.T) { pipelinetest.Conform(t, a) })
	}
	for name, a := range gatherers() {
		t.Run(name, func(t *testing.T) { pipelinetest.Conform(t, a) })
	}
}
