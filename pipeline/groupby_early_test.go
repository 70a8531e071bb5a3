package pipeline_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pipeline"
)

// A source may give its first items before the rest of the run has started: the
// branches that they open are started once, when they are whole.
func TestGroupByOpensBranchesWhileTheRunStarts(t *testing.T) {
	grouped := func(in pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.GroupBy(in, modulo(3), func(_ int, in pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Partition(in, modulo(2), double, pipeline.Workers(2))
		})
	}
	f := pipeline.Split(pipeline.FromSlice(upTo(20)), func(int) bool { return true }, grouped, grouped)
	for range 300 {
		n, err := f.Count(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 20, n)
	}
}
