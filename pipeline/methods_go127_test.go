//go:build go1.27

package pipeline_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
)

func TestMethodsAreTheFunctions(t *testing.T) {
	ctx := t.Context()
	f := pipeline.FromSlice(upTo(20))
	var even pipeline.Stage[int, string] = func(in pipeline.Flow[int]) pipeline.Flow[string] {
		return in.Filter(func(i int) bool { return i%2 == 0 }).Map(strconv.Itoa)
	}
	weight := func(i int) int64 { return int64(i % 3) }
	resolved := func(_ context.Context, i int) *future.Future[string] { return future.Resolved(strconv.Itoa(i)) }
	appended := func(s string, i int) string { return s + strconv.Itoa(i) }
	for name, c := range map[string]struct{ method, function func() (any, error) }{
		"Map": {
			func() (any, error) { return f.Map(strconv.Itoa).Collect(ctx) },
			func() (any, error) { return pipeline.Map(f, strconv.Itoa).Collect(ctx) },
		},
		"Then": {
			func() (any, error) { return f.Then(double, pipeline.Workers(2)).Collect(ctx) },
			func() (any, error) { return pipeline.Then(f, double, pipeline.Workers(2)).Collect(ctx) },
		},
		"Via": {
			func() (any, error) { return f.Via(even).Collect(ctx) },
			func() (any, error) { return pipeline.Via(f, even).Collect(ctx) },
		},
		"Batch": {
			func() (any, error) { return f.Batch(3, time.Second).Collect(ctx) },
			func() (any, error) { return pipeline.Batch(f, 3, time.Second).Collect(ctx) },
		},
		"BatchWeight": {
			func() (any, error) { return f.BatchWeight(3, weight, 0).Collect(ctx) },
			func() (any, error) { return pipeline.BatchWeight(f, 3, weight, 0).Collect(ctx) },
		},
		"Distinct": {
			func() (any, error) { return f.Distinct(increment, 2).Collect(ctx) },
			func() (any, error) { return pipeline.Distinct(f, increment, 2).Collect(ctx) },
		},
		"Expand": {
			func() (any, error) { return f.Expand(noErrors(again), pipeline.Workers(2)).Collect(ctx) },
			func() (any, error) { return pipeline.Expand(f, noErrors(again)).Collect(ctx) },
		},
		"FlatMap": {
			func() (any, error) { return f.FlatMap(again).Collect(ctx) },
			func() (any, error) { return pipeline.FlatMap(f, again).Collect(ctx) },
		},
		"MapAsync": {
			func() (any, error) { return f.MapAsync(resolved).Collect(ctx) },
			func() (any, error) { return pipeline.MapAsync(f, resolved).Collect(ctx) },
		},
		"Scan": {
			func() (any, error) { return f.Scan("", appended).Collect(ctx) },
			func() (any, error) { return pipeline.Scan(f, "", appended).Collect(ctx) },
		},
		"Window": {
			func() (any, error) { return f.Window(3, 2).Collect(ctx) },
			func() (any, error) { return pipeline.Window(f, 3, 2).Collect(ctx) },
		},
		"Broadcast": {
			func() (any, error) { return f.Broadcast(even, even).Collect(ctx) },
			func() (any, error) { return pipeline.Broadcast(f, even, even).Collect(ctx) },
		},
		"GroupBy": {
			func() (any, error) { return f.GroupBy(modulo(3), sums).Collect(ctx) },
			func() (any, error) { return pipeline.GroupBy(f, modulo(3), sums).Collect(ctx) },
		},
		"Partition": {
			func() (any, error) { return f.Partition(modulo(3), double).Collect(ctx) },
			func() (any, error) { return pipeline.Partition(f, modulo(3), double).Collect(ctx) },
		},
		"Split": {
			func() (any, error) { return f.Split(isEven, even, even).Collect(ctx) },
			func() (any, error) { return pipeline.Split(f, isEven, even, even).Collect(ctx) },
		},
		"Zip": {
			func() (any, error) { return f.Zip(f, plus).Collect(ctx) },
			func() (any, error) { return pipeline.Zip(f, f, plus).Collect(ctx) },
		},
		"Reduce": {
			func() (any, error) {
				return f.Reduce(ctx, "", func(s string, i int) string { return s + strconv.Itoa(i) })
			},
			func() (any, error) {
				return pipeline.Reduce(ctx, f, "", func(s string, i int) string { return s + strconv.Itoa(i) })
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			want, err := c.function()
			require.NoError(t, err)
			got, err := c.method()
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

// A Batch of a Batch of a Batch: the type does not need itself without end.
func TestBatchesOfBatches(t *testing.T) {
	one := func([][]int) int64 { return 1 }
	got, err := pipeline.FromSlice(upTo(8)).Batch(2, 0).Window(2, 2).BatchWeight(2, one, 0).Collect(context.Background())
	require.NoError(t, err)
	require.Equal(t, [][][][]int{{{{0, 1}, {2, 3}}, {{4, 5}, {6, 7}}}}, got)
}
