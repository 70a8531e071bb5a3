//go:build go1.27

package pipeline_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pipeline"
)

func TestMethodsAreTheFunctions(t *testing.T) {
	ctx := t.Context()
	f := pipeline.FromSlice(upTo(20))
	var even pipeline.Stage[int, string] = func(in pipeline.Flow[int]) pipeline.Flow[string] {
		return in.Filter(func(i int) bool { return i%2 == 0 }).Map(strconv.Itoa)
	}
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
	got, err := pipeline.FromSlice(upTo(8)).Batch(2, 0).Batch(2, 0).Batch(2, 0).Collect(context.Background())
	require.NoError(t, err)
	require.Equal(t, [][][][]int{{{{0, 1}, {2, 3}}, {{4, 5}, {6, 7}}}}, got)
}
