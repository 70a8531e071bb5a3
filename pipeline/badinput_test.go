package pipeline_test

import (
	"context"
	"iter"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pipeline"
)

func TestHugeSizes(t *testing.T) {
	require.PanicsWithValue(t, "pipeline: Workers needs at most 65536, got 65537", func() { pipeline.Workers(1<<16 + 1) })
	f := pipeline.FromSlice(upTo(3))
	for name, f := range map[string]pipeline.Flow[[]int]{
		"sliding":  pipeline.Window(f, math.MaxInt, 1),
		"tumbling": pipeline.Window(f, math.MaxInt, math.MaxInt),
		"batch":    pipeline.Batch(f, math.MaxInt, 0),
	} {
		got, err := f.Collect(t.Context())
		require.NoError(t, err, name)
		require.Equal(t, [][]int{{0, 1, 2}}, got, name)
	}
}

func TestNilSequences(t *testing.T) {
	f := pipeline.FromSlice(upTo(3))
	for name, f := range map[string]pipeline.Flow[int]{
		"FlatMap":         pipeline.FlatMap(f, func(int) iter.Seq[int] { return nil }),
		"FlatMap, shared": pipeline.FlatMap(f, func(int) iter.Seq[int] { return nil }, pipeline.Workers(2)),
		"Expand":          pipeline.Expand(f, func(context.Context, int) iter.Seq2[int, error] { return nil }),
	} {
		_, err := f.Count(t.Context())
		require.ErrorContains(t, err, "must return a sequence, got nil", name)
	}
}
