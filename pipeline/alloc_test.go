package pipeline_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/race"
	"github.com/thence-go/thence/pipeline"
)

// A flow allocates for its stages, not for its items: ten times the items cost
// the same. What is left over is lanes that grow, a few times each.
func TestNoAllocationForAnItem(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	sum := func(a, b int) int { return a + b }
	eachWay(t, func(t *testing.T, opts []pipeline.Option) {
		allocs := func(n int) float64 {
			items := upTo(n)
			return testing.AllocsPerRun(3, func() {
				f := pipeline.Map(pipeline.FromSlice(items), increment)
				f = pipeline.Then(f, double, opts...).Filter(func(i int) bool { return i%4 != 0 })
				_, err := pipeline.Reduce(context.Background(), f, 0, sum)
				require.NoError(t, err)
			})
		}
		few, many := allocs(10_000), allocs(100_000)
		require.Less(t, many, few+200)
		require.Less(t, many, 700.0)
	})
}

// What a flow holds does not grow with its length.
func TestMemoryIsFlat(t *testing.T) {
	if race.Enabled || testing.Short() {
		t.Skip("long")
	}
	f := pipeline.Then(endless(), double, pipeline.Workers(4))
	var early, late uint64
	n := 0
	for range f.All(t.Context()) {
		switch n++; n {
		case 100_000:
			early = heap()
		case 3_000_000:
			late = heap()
		}
		if late != 0 {
			break
		}
	}
	require.Less(t, late, early+1<<20)
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
