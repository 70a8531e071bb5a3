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
	even := func(in pipeline.Flow[int]) pipeline.Flow[string] {
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
