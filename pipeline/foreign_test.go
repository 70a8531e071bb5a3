package pipeline_test

import (
	"context"
	"errors"
	"math"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
	"github.com/thence-go/thence/pool"
)

var errCause = errors.New("the cause")

// The end of the caller's ctx is a cancellation wherever it is noticed, also by
// a slice whose items go through fused steps.
func TestLaw3_CancelOfASliceWithFusedSteps(t *testing.T) {
	same := func(v int) int { return v }
	for name, flow := range map[string]func(pipeline.Flow[int]) pipeline.Flow[int]{
		"Map":    func(f pipeline.Flow[int]) pipeline.Flow[int] { return pipeline.Map(f, same) },
		"Filter": func(f pipeline.Flow[int]) pipeline.Flow[int] { return f.Filter(func(int) bool { return true }) },
		"Progress": func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return f.Progress(time.Hour, func(pipeline.Progress) {})
		},
	} {
		for range 50 {
			ctx, cancel := context.WithCancelCause(context.Background())
			err := flow(pipeline.FromSlice(make([]int, 100_000))).ForEach(ctx, func(context.Context, int) error {
				cancel(errCause)
				return nil
			})
			require.ErrorIs(t, err, future.ErrCanceled, name)
			require.ErrorIs(t, err, errCause, name)
		}
	}
}

// What became of other work is not what became of the flow.
func TestLaw3_OutcomesOfOtherWorkAreFailures(t *testing.T) {
	other := future.NewPromise[int]().Future()
	other.Cancel(errCause)
	_, err := pipeline.Then(pipeline.FromSlice([]int{1}), func(ctx context.Context, _ int) (int, error) {
		return other.Await(ctx)
	}).Collect(context.Background())
	var failed *pipeline.Error
	require.ErrorAs(t, err, &failed)
	require.NotErrorIs(t, err, future.ErrCanceled)
	require.ErrorIs(t, err, errCause)
}

// More workers than the pool has, for as long as the flow lasts: others have
// their turn all the same.
func TestLaw10_AFlowOnAPoolTakesTurns(t *testing.T) {
	for _, flows := range []int{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			p := pool.New(1)
			endless := pipeline.Generate(func(_ context.Context, yield func(int) bool) error {
				for yield(1) {
				}
				return nil
			})
			work := func(context.Context, int) (int, error) { time.Sleep(20 * time.Millisecond); return 1, nil }
			var done []*future.Future[struct{}]
			for range flows {
				done = append(done, future.Go(ctx, future.Void(pipeline.Then(endless, work, pipeline.Workers(2), pipeline.On(p)).Drain)))
			}
			synctest.Wait()
			start := time.Now()
			for range 3 {
				v, err := pool.Submit(ctx, p, func(context.Context) (int, error) { return 7, nil }).Await(ctx)
				require.NoError(t, err)
				require.Equal(t, 7, v)
			}
			require.Less(t, time.Since(start), time.Second)
			cancel()
			for _, f := range done {
				_, err := f.Await(context.Background())
				require.ErrorIs(t, err, future.ErrCanceled)
			}
			require.NoError(t, p.Shutdown(context.Background()))
		})
	}
}

func TestLaw14_AheadHasABound(t *testing.T) {
	require.PanicsWithValue(t, "pipeline: Ahead needs at most 16777216, got "+strconv.Itoa(math.MaxInt), func() { pipeline.Ahead(math.MaxInt) })
}
