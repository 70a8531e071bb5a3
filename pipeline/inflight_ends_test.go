package pipeline_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pipeline"
)

// What was counted in a branch that has had enough goes nowhere: it does not
// keep the other branch waiting.
func TestABranchThatEndsGivesItsItemsInFlightBack(t *testing.T) {
	slowThenEnough := func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.Then(pipeline.Then(f, resting), resting).Take(4)
	}
	for name, stage := range map[string]pipeline.Stage[int, int]{
		"split": func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Split(f, func(i int) bool { return i%2 == 0 }, slowThenEnough, thenResting)
		},
		"broadcast": func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Broadcast(f, slowThenEnough, thenResting)
		},
		"groupby": func(f pipeline.Flow[int]) pipeline.Flow[int] { return grouped(f, slowThenEnough) },
		"partition in a branch": func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Broadcast(f, func(f pipeline.Flow[int]) pipeline.Flow[int] { return partitioned(2, 2)(f).Take(3) }, thenResting)
		},
		"buffer in a branch": func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Broadcast(f, func(f pipeline.Flow[int]) pipeline.Flow[int] {
				return thenResting(f.Buffer(9, pipeline.Block)).Take(3)
			}, thenResting)
		},
	} {
		for _, n := range []int{1, 6} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					passed := 0
					f := pipeline.Map(pipeline.FromSlice(upTo(200)).InFlight(n), func(i int) int { passed++; return i })
					require.NoError(t, stage(f).Drain(t.Context()))
					require.Equal(t, 200, passed)
				})
			})
		}
	}
}

// What a buffer drops has come to its end.
func TestWhatABufferDropsIsNotInFlight(t *testing.T) {
	for name, stage := range map[string]pipeline.Stage[int, int]{
		"oldest": func(f pipeline.Flow[int]) pipeline.Flow[int] { return f.Buffer(2, pipeline.DropOldest) },
		"newest": func(f pipeline.Flow[int]) pipeline.Flow[int] { return f.Buffer(2, pipeline.DropNewest) },
		"merged": func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return f.Conflate(func(_, new int) int { return new })
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var came atomic.Int64
				f := paced(time.Millisecond, 100).InFlight(5).Tap(func(int) { came.Add(1) })
				begun := time.Now()
				require.NoError(t, stage(f).ForEach(t.Context(), func(context.Context, int) error {
					if came.Load() < 10 {
						time.Sleep(time.Second)
					}
					return nil
				}))
				require.EqualValues(t, 100, came.Load())
				require.Less(t, time.Since(begun), 1500*time.Millisecond, "nothing has waited at the gate")
			})
		})
	}
}

// Where a flow is joined with others its items are at their end, whichever of
// them it is.
func TestAJoinEndsInFlight(t *testing.T) {
	stuck := func(ctx context.Context, i int) (int, error) {
		<-ctx.Done()
		return i, ctx.Err()
	}
	for name, c := range map[string]struct {
		flow func(f pipeline.Flow[int]) pipeline.Flow[int]
		want int // items that pass the gate
	}{
		"merge, first": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Merge(f.InFlight(2), pipeline.FromSlice[int](nil))
		}, 50},
		"merge, last": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Merge(pipeline.FromSlice[int](nil), f.InFlight(2))
		}, 50},
		"merge behind a step": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Merge(pipeline.FromSlice[int](nil), pipeline.Then(f.InFlight(2), double))
		}, 50},
		"a branch, first": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Split(f, func(int) bool { return true },
				func(f pipeline.Flow[int]) pipeline.Flow[int] { return f.InFlight(2) }, identity)
		}, 50},
		"a branch, last": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Split(f, func(int) bool { return false }, identity,
				func(f pipeline.Flow[int]) pipeline.Flow[int] { return f.InFlight(2) })
		}, 50},
		"a branch with a goroutine": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Split(f, func(int) bool { return false }, identity,
				func(f pipeline.Flow[int]) pipeline.Flow[int] { return pipeline.Then(f.InFlight(2), double) })
		}, 50},
		"a branch of groupby": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return grouped(f, func(f pipeline.Flow[int]) pipeline.Flow[int] { return pipeline.Then(f.InFlight(2), double) })
		}, 50},
		"stuck in a branch of groupby": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.GroupBy(f, modulo(1), func(_ int, f pipeline.Flow[int]) pipeline.Flow[int] {
				return pipeline.Then(f.InFlight(2), stuck)
			})
		}, 3},
		"stuck in both branches": {func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Broadcast(f.InFlight(2), func(f pipeline.Flow[int]) pipeline.Flow[int] {
				return pipeline.Then(f, stuck)
			}, identity)
		}, 2}, // two copies of one item,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				taken := 0
				f := pipeline.From(func(yield func(int) bool) {
					for taken < 50 {
						taken++
						if !yield(taken) {
							return
						}
					}
				})
				r := c.flow(f).Start(ctx, func(ctx context.Context, i int) error {
					_, err := stuck(ctx, i)
					return err
				})
				synctest.Wait()
				require.Equal(t, c.want, taken)
				r.Cancel(errBoom)
				require.ErrorIs(t, r.Wait(), errBoom)
			})
		})
	}
}

// What waits for the sinks of Tee is in flight until they take it.
func TestTeeInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var taken atomic.Int64
		most, got := int64(0), 0
		release := make(chan struct{})
		f := pipeline.Map(pipeline.FromSlice(upTo(100)).InFlight(3), func(i int) int { taken.Add(1); return i })
		time.AfterFunc(time.Minute, func() { most = taken.Load(); close(release) })
		require.NoError(t, pipeline.Tee(t.Context(), f,
			func(ctx context.Context, f pipeline.Flow[int]) error {
				<-release
				return f.ForEach(ctx, func(context.Context, int) error { got++; return nil })
			},
			func(ctx context.Context, f pipeline.Flow[int]) error { // has enough
				_, err := f.Take(2).Count(ctx)
				return err
			},
			func(context.Context, pipeline.Flow[int]) error { // does not run it
				<-release
				return nil
			}))
		require.LessOrEqual(t, most, int64(3))
		require.Equal(t, 100, got)
	})
}
