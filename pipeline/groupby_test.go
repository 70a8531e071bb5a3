package pipeline_test

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/race"
	"github.com/thence-go/thence/pipeline"
)

// sums makes one item of each group: its key and its sum.
func sums(k int, in pipeline.Flow[int]) pipeline.Flow[[2]int] {
	return pipeline.Map(pipeline.Batch(in, math.MaxInt, 0), func(all []int) [2]int {
		sum := 0
		for _, v := range all {
			sum += v
		}
		return [2]int{k, sum}
	})
}

func TestGroupBy(t *testing.T) {
	for name, step := range map[string]stage{
		"fused": identity, "own": asThen(func() error { return nil }),
		"parallel": asThen(func() error { return nil }, pipeline.Workers(3)), "unordered": asThen(func() error { return nil }, pipeline.Workers(3), pipeline.Unordered()),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, n := range []int{0, 1, 5, 1000} {
					f := pipeline.GroupBy(pipeline.FromSlice(upTo(n)), modulo(5), func(k int, in pipeline.Flow[int]) pipeline.Flow[[2]int] {
						return sums(k, step(in))
					})
					var want [][2]int
					for k := range min(n, 5) {
						sum := 0
						for i := k; i < n; i += 5 {
							sum += i
						}
						want = append(want, [2]int{k, sum})
					}
					got, err := f.Collect(t.Context())
					require.NoError(t, err)
					if name == "fused" {
						require.Equal(t, want, got) // in the order in which they were opened
					}
					require.ElementsMatch(t, want, got)
				}
			})
		})
	}
}

// A branch that has had enough ends, with what it holds back; the next item of
// its key opens another one.
func TestGroupByABranchThatHasHadEnough(t *testing.T) {
	opened := 0
	f := pipeline.GroupBy(pipeline.FromSlice(upTo(20)), modulo(2), func(k int, in pipeline.Flow[int]) pipeline.Flow[[]int] {
		opened++
		return pipeline.Batch(in.Take(4), 3, 0)
	})
	got, err := f.Collect(context.Background())
	require.NoError(t, err)
	require.Equal(t, [][]int{{0, 2, 4}, {6}, {1, 3, 5}, {7}, {8, 10, 12}, {14}, {9, 11, 13}, {15}, {16, 18}, {17, 19}}, got2(got))
	require.Equal(t, 6, opened)
}

// got2 sorts batches by the group that they are of.
func got2(got [][]int) [][]int {
	slices.SortStableFunc(got, func(a, b []int) int {
		order := func(v int) int { return v/8*2 + v%2 }
		return order(a[0]) - order(b[0])
	})
	return got
}

// Nothing is left of branches that have ended while the flow goes on: neither
// goroutines nor memory.
func TestGroupByForgetsBranches(t *testing.T) {
	if race.Enabled || testing.Short() {
		t.Skip("long")
	}
	goroutines := runtime.NumGoroutine()
	for name, each := range map[string]func(int, pipeline.Flow[int]) pipeline.Flow[int]{
		"fused": func(_ int, in pipeline.Flow[int]) pipeline.Flow[int] { return in.Take(1) },
		"own": func(_ int, in pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Then(in.Take(1), double)
		},
		"nested": func(_ int, in pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.GroupBy(in.Take(2), func(int) int { return 0 }, func(_ int, in pipeline.Flow[int]) pipeline.Flow[int] {
				return pipeline.Then(in, double).Take(2)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := pipeline.GroupBy(endless(), func(i int) int { return i / 2 }, each)
			// What waits to be read comes and goes: the least of several looks
			// tells what is kept.
			const looks, apart, far = 6, 2000, 60_000
			early, late := uint64(math.MaxUint64), uint64(math.MaxUint64)
			n := 0
			for range f.All(t.Context()) {
				n++
				switch {
				case n%apart != 0:
				case n <= looks*apart:
					early = min(early, heap())
				case n >= far:
					late = min(late, heap())
					require.Less(t, runtime.NumGoroutine(), goroutines+20_000)
				}
				if n == far+looks*apart {
					break
				}
			}
			require.Less(t, late, early+4<<20)
		})
	}
}

// Branches that have had enough and do not end are waited for.
func TestGroupByWaitsForBranchesThatAreEnding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		opened := 0
		n, err := pipeline.GroupBy(endless(), func(i int) int { return i }, func(_ int, in pipeline.Flow[int]) pipeline.Flow[int] {
			opened++
			return pipeline.Then(in.Take(1), func(ctx context.Context, i int) (int, error) {
				select {
				case <-time.After(time.Minute):
				case <-ctx.Done():
				}
				return i, ctx.Err()
			})
		}).Count(ctx)
		require.Error(t, err)
		require.InDelta(t, 257*60, opened, 257)
		require.InDelta(t, opened, n, 2*257)
	})
}

func TestGroupByOpensOnlySoMany(t *testing.T) {
	f := pipeline.GroupBy(pipeline.FromSlice(upTo(1<<16)), func(i int) int { return i }, sameForAll)
	n, err := f.Count(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1<<16, n)
	f = pipeline.GroupBy(pipeline.FromSlice(upTo(1<<16+1)), func(i int) int { return i }, sameForAll)
	require.ErrorContains(t, f.Drain(t.Context()), "more than 65536 branches")
	f = pipeline.GroupBy(pipeline.FromSlice(upTo(1000)), func(int) float64 { return math.NaN() },
		func(_ float64, in pipeline.Flow[int]) pipeline.Flow[int] { return in.Take(1) })
	n, err = f.Count(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1000, n)
}

// What stands in a branch may be anything: sides, executors, goroutines.
func TestGroupByWithEverythingInABranch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExecutor(2)
		told := make(chan string, 1000)
		each := func(k int, in pipeline.Flow[int]) pipeline.Flow[int] {
			in = in.Progress(time.Hour, func(p pipeline.Progress) { told <- fmt.Sprint(k, " ", p.Done) })
			in = pipeline.Then(in, double, pipeline.On(e), pipeline.Workers(2))
			in = pipeline.Merge(in, pipeline.FromSlice([]int{-k}))
			return pipeline.Map(pipeline.Zip(pipeline.Concat(in, pipeline.FromSlice([]int{-k})), endless(), func(a, _ int) int { return a }), increment)
		}
		n, err := pipeline.GroupBy(pipeline.FromSlice(upTo(100)), modulo(10), each, pipeline.Name("groups")).Count(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 120, n)
		require.Len(t, told, 10)
		e.tasks.Wait()
		e.do(func(ctx context.Context) { // on the very executor that it needs
			n, err = pipeline.GroupBy(pipeline.Then(pipeline.FromSlice(upTo(100)), double, pipeline.On(e)), modulo(10), each).Count(ctx)
		})
		require.NoError(t, err)
		require.EqualValues(t, 110, n)
	})
}
