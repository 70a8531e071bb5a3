package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pipeline"
)

// every yields from, from+1, ... with a pause before each.
func every(pause time.Duration, from, n int) pipeline.Flow[int] {
	return pipeline.Generate(func(ctx context.Context, yield func(int) bool) error {
		for i := range n {
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return nil
			}
			if !yield(from + i) {
				return nil
			}
		}
		return nil
	})
}

// blocked yields n items and then nothing, until it is stopped.
func blocked(n int) pipeline.Flow[int] {
	return pipeline.Generate(func(ctx context.Context, yield func(int) bool) error {
		for i := range n {
			yield(i)
		}
		<-ctx.Done()
		return context.Cause(ctx)
	})
}

func TestMergeTakesItemsAsTheyCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pipeline.Merge(every(2*time.Second, 0, 3), every(3*time.Second, 10, 1), pipeline.FromSlice[int](nil))
		items, err := f.Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, []int{0, 10, 1, 2}, items)
	})
}

func TestMergeEndsWithTheFirstFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fails := pipeline.Then(every(time.Second, 0, 1), func(context.Context, int) (int, error) { return 0, errBoom })
		_, err := pipeline.Merge(blocked(3), fails).Collect(t.Context())
		require.ErrorIs(t, err, errBoom)
		n, err := pipeline.Merge[int]().Count(t.Context())
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

// A Batch behind flows that are fused with it is one batch for all of them, with
// what they have held back.
func TestMergeFlushesOnce(t *testing.T) {
	late := func(in pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.Map(pipeline.Batch(in, 10, 0), func(b []int) int { return b[0] })
	}
	f := pipeline.Split(pipeline.FromSlice(upTo(10)), func(i int) bool { return i < 9 }, identity, late)
	batches, err := pipeline.Batch(f, 20, 0).Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, [][]int{upTo(10)}, batches)
}

func TestConcatStartsAFlowWhenTheOneBeforeHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var at time.Duration
		second := pipeline.Generate(func(_ context.Context, yield func(int) bool) error {
			at = time.Since(begun)
			yield(7)
			return nil
		})
		f := pipeline.Concat(every(time.Second, 0, 3), second, pipeline.FromSlice(upTo(1000)))
		items, err := f.Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, append([]int{0, 1, 2, 7}, upTo(1000)...), items)
		require.Equal(t, 3*time.Second, at)

		never := pipeline.Generate(func(context.Context, func(int) bool) error { t.Error("it ran"); return nil })
		items, err = pipeline.Concat(pipeline.FromSlice(upTo(5)), never).Take(5).Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, upTo(5), items)
		fails := pipeline.Then(pipeline.FromSlice(upTo(5)), func(context.Context, int) (int, error) { return 0, errBoom })
		_, err = pipeline.Concat(fails, never).Collect(t.Context())
		require.ErrorIs(t, err, errBoom)
	})
}

func TestZipEndsWithTheShorterFlow(t *testing.T) {
	pair := func(a, b int) [2]int { return [2]int{a, b} }
	synctest.Test(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 3, 1000} {
			want := make([][2]int, n)
			for i := range want {
				want[i] = [2]int{i, i}
			}
			for name, f := range map[string]pipeline.Flow[[2]int]{
				"first":    pipeline.Zip(pipeline.FromSlice(upTo(n)), blocked(n), pair),
				"second":   pipeline.Zip(endless(), pipeline.FromSlice(upTo(n)), pair),
				"parallel": pipeline.Zip(pipeline.Then(pipeline.FromSlice(upTo(n)), double, pipeline.Workers(3)), endless(), func(a, b int) [2]int { return [2]int{a / 2, b} }),
			} {
				if name == "first" && n > 0 {
					f = pipeline.Zip(pipeline.FromSlice(upTo(n)), blocked(n+1), pair)
				}
				got, err := f.Collect(t.Context())
				require.NoError(t, err, name)
				require.Equal(t, want, append([][2]int{}, got...), name)
			}
		}
	})
}

// How far the quick one reads ahead does not depend on how slow the other is.
func TestZipReadsAheadABoundedNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		read := 0
		quick := pipeline.Map(endless(), func(i int) int { read++; return i })
		_, err := pipeline.Zip(quick, every(time.Hour, 0, 3), plus).Collect(t.Context())
		require.NoError(t, err)
		require.LessOrEqual(t, read, 3+3*4096)
	})
}

func TestSplitKeepsTheOrderOfFusedBranches(t *testing.T) {
	f := pipeline.Split(pipeline.FromSlice(upTo(100)), isEven,
		func(in pipeline.Flow[int]) pipeline.Flow[string] {
			return pipeline.Map(in, func(i int) string { return fmt.Sprint("even ", i) })
		},
		func(in pipeline.Flow[int]) pipeline.Flow[string] {
			return pipeline.Map(in, func(i int) string { return fmt.Sprint("odd ", i) })
		})
	items, err := f.Take(3).Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"even 0", "odd 1", "even 2"}, items)
}

func TestABranchThatHasHadEnough(t *testing.T) {
	few := func(n int64) stage { return func(in pipeline.Flow[int]) pipeline.Flow[int] { return in.Take(n) } }
	far := func(n int64) stage {
		return func(in pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Then(pipeline.Then(in, double), double, pipeline.Workers(2)).Take(n)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		// It does not stop the others.
		for _, s := range []stage{few(0), few(3), far(0), far(3)} {
			n, err := pipeline.Broadcast(pipeline.FromSlice(upTo(1000)), s, identity).Count(t.Context())
			require.NoError(t, err)
			require.Contains(t, []int64{1000, 1003}, n)
			n, err = pipeline.Split(pipeline.FromSlice(upTo(1000)), isEven, s, identity).Count(t.Context())
			require.NoError(t, err)
			require.Contains(t, []int64{500, 503}, n)
		}
		// When all have, upstream stops, also when it has nothing to yield.
		for _, pair := range [][2]stage{{few(3), few(5)}, {far(3), few(5)}, {far(3), far(5)}, {few(0), far(5)}} {
			n, err := pipeline.Broadcast(blocked(200), pair[0], pair[1]).Count(t.Context())
			require.NoError(t, err)
			require.Contains(t, []int64{5, 8}, n)
			_, err = pipeline.Split(blocked(200), isEven, pair[0], pair[1]).Count(t.Context())
			require.NoError(t, err)
		}
	})
}

func TestBroadcastShowsEveryItemToEveryStage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pipeline.Broadcast(pipeline.FromSlice(upTo(1000)), identity, asThen(func() error { return nil }, pipeline.Workers(3)), asMap(func() error { return nil }))
		items, err := f.Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, items, 3000)
		slices.Sort(items)
		for i, v := range items {
			require.Equal(t, i/3, v)
		}
	})
}

// A stage that does not use its input, or uses it wrongly, hangs nothing.
func TestAStageAndItsInput(t *testing.T) {
	ignores := func(pipeline.Flow[int]) pipeline.Flow[int] { return pipeline.FromSlice([]int{-1}) }
	twice := func(in pipeline.Flow[int]) pipeline.Flow[int] { return pipeline.Concat(in, in) }
	var leaked pipeline.Flow[int]
	leaks := func(in pipeline.Flow[int]) pipeline.Flow[int] { leaked = in; return in }
	steals := func(in pipeline.Flow[int]) pipeline.Flow[int] { return pipeline.Merge(in, leaked) }
	with := map[string]func(a, b stage) pipeline.Flow[int]{
		"split": func(a, b stage) pipeline.Flow[int] {
			return pipeline.Split(pipeline.FromSlice(upTo(1000)), isEven, a, b)
		},
		"broadcast": func(a, b stage) pipeline.Flow[int] { return pipeline.Broadcast(pipeline.FromSlice(upTo(1000)), a, b) },
		"group": func(a, b stage) pipeline.Flow[int] {
			return pipeline.GroupBy(pipeline.FromSlice(upTo(1000)), modulo(2), func(k int, in pipeline.Flow[int]) pipeline.Flow[int] { return []stage{a, b}[k](in) })
		},
	}
	for name, make := range with {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				none, err := pipeline.Broadcast(endless(), ignores, ignores).Count(t.Context())
				require.NoError(t, err)
				require.EqualValues(t, 2, none)
				items, err := make(ignores, ignores).Collect(t.Context())
				require.NoError(t, err)
				require.Equal(t, []int{-1, -1}, items)
				n, err := make(ignores, identity).Count(t.Context())
				require.NoError(t, err)
				require.Contains(t, []int64{501, 1001}, n)
				_, err = make(twice, identity).Collect(t.Context())
				require.ErrorContains(t, err, "ran its input twice")
				_, err = make(leaks, steals).Collect(t.Context())
				require.ErrorContains(t, err, "outside of that branch")
				_, err = leaked.Collect(t.Context())
				require.ErrorContains(t, err, "outside of that branch")
				late := func(in pipeline.Flow[int]) pipeline.Flow[int] {
					return pipeline.GroupBy(endless(), modulo(3), func(_ int, other pipeline.Flow[int]) pipeline.Flow[int] {
						return pipeline.Merge(other, in)
					})
				}
				_, err = make(late, identity).Collect(t.Context())
				require.ErrorContains(t, err, "outside of that branch")
			})
		})
	}
}

// A slow branch holds the others back at the bound of its queue, and the items
// of the others are not held back before.
func TestASlowBranchHoldsTheOthersBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		seen := 0
		stuck := func(ctx context.Context, i int) (int, error) { <-ctx.Done(); return i, ctx.Err() }
		f := pipeline.Broadcast(endless(),
			func(in pipeline.Flow[int]) pipeline.Flow[int] {
				return pipeline.Map(in, func(i int) int { seen++; return i })
			},
			func(in pipeline.Flow[int]) pipeline.Flow[int] { return pipeline.Then(in, stuck) })
		err := f.Drain(ctx)
		require.ErrorIs(t, err, future.ErrCanceled)
		require.GreaterOrEqual(t, seen, 64)
		require.LessOrEqual(t, seen, 64+64+2) // what its queue holds, and what the step has taken
	})
}

func TestTee(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		var all []int
		var sum, few int
		collect := func(ctx context.Context, f pipeline.Flow[int]) (err error) { all, err = f.Collect(ctx); return err }
		add := func(ctx context.Context, f pipeline.Flow[int]) (err error) {
			sum, err = pipeline.Reduce(ctx, f, 0, plus)
			return err
		}
		take := func(ctx context.Context, f pipeline.Flow[int]) error {
			return f.Take(3).ForEach(ctx, func(context.Context, int) error { few++; return nil })
		}
		leaves := func(context.Context, pipeline.Flow[int]) error { return nil }
		breaks := func(ctx context.Context, f pipeline.Flow[int]) error {
			for range f.All(ctx) {
				break
			}
			return nil
		}
		require.NoError(t, pipeline.Tee(ctx, pipeline.FromSlice(upTo(1000)), collect, add, take, leaves, breaks))
		require.Equal(t, upTo(1000), all)
		require.Equal(t, 499500, sum)
		require.Equal(t, 3, few)
		require.NoError(t, pipeline.Tee(ctx, pipeline.FromSlice[int](nil), collect, add))
		require.Empty(t, all)

		// All have had enough of a source that yields nothing more.
		require.NoError(t, pipeline.Tee(ctx, blocked(10), take, leaves, breaks))

		// The first failure ends the others, with its cause.
		fails := func(ctx context.Context, f pipeline.Flow[int]) error {
			return f.ForEach(ctx, func(context.Context, int) error { return errBoom })
		}
		var other error
		waits := func(ctx context.Context, f pipeline.Flow[int]) error { other = f.Drain(ctx); return other }
		require.ErrorIs(t, pipeline.Tee(ctx, blocked(10), waits, fails), errBoom)
		require.ErrorIs(t, other, future.ErrCanceled)
		require.ErrorIs(t, other, errBoom)
		deaf := func(_ context.Context, f pipeline.Flow[int]) error {
			other = f.Drain(context.Background())
			return other
		}
		err := pipeline.Tee(ctx, asThen(func() error { return errBoom })(endless()), deaf)
		require.ErrorIs(t, err, errBoom)
		require.ErrorIs(t, other, errBoom)
		var e *pipeline.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, "then#1", e.Stage)

		// A flow is run once, and in the sink.
		var leaked pipeline.Flow[int]
		twice := func(ctx context.Context, f pipeline.Flow[int]) error {
			leaked = f
			return errors.Join(f.Drain(ctx), f.Drain(ctx))
		}
		require.ErrorContains(t, pipeline.Tee(ctx, endless().Take(10), twice), "ran its input twice")
		require.Error(t, leaked.Drain(ctx))
	})
}

// Whoever cancels Tee gets a cancellation, and nothing runs after it.
func TestTeeWaitsForItsSinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var gauge testkit.Gauge
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errBoom)
		defer cancel()
		slow := func(ctx context.Context, f pipeline.Flow[int]) error {
			gauge.Enter()
			defer gauge.Leave()
			err := f.Drain(ctx)
			time.Sleep(time.Minute)
			return err
		}
		err := pipeline.Tee(ctx, blocked(100), slow, slow)
		require.ErrorIs(t, err, future.ErrCanceled)
		require.ErrorIs(t, err, errBoom)
		require.Zero(t, gauge.Now())
		require.Equal(t, 2, gauge.Peak())
	})
}
