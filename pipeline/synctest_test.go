package pipeline_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pipeline"
)

func TestTwoBubblesInARow(t *testing.T) { testkit.TwoBubbles(t, wholeAPI) }

// wholeAPI calls everything that the package exports.
func wholeAPI(t *testing.T) {
	ctx := t.Context()
	e := newExecutor(2)
	letters := 0
	var parse pipeline.Stage[string, int] = func(in pipeline.Flow[string]) pipeline.Flow[int] {
		to := func(context.Context, pipeline.Letter[string]) error { letters++; return nil }
		return pipeline.Then(in, pipeline.DeadLetter(to, pipeline.Try(strconv.Atoi)),
			pipeline.Name("parse"), pipeline.On(e), pipeline.Workers(1), pipeline.Ahead(8))
	}
	words := pipeline.Generate(func(_ context.Context, yield func(string) bool) error {
		for i := range 1000 {
			time.Sleep(time.Microsecond)
			if !yield(strconv.Itoa(i)) {
				return nil
			}
		}
		yield("many")
		return nil
	})
	told, left := 0, 0
	f := pipeline.Via(words, parse).
		Filter(func(i int) bool { return i%2 == 0 }).
		OnUndelivered(func(int) { left++ }).
		Progress(100*time.Microsecond, func(pipeline.Progress) { told++ })
	f = pipeline.Then(pipeline.Map(f, increment), double, pipeline.Workers(3), pipeline.Unordered())
	batches := pipeline.Batch(f, 7, time.Millisecond)

	n, err := pipeline.Reduce(ctx, batches, 0, func(n int, b []int) int { return n + len(b) })
	require.NoError(t, err)
	require.Equal(t, 500, n)
	require.Equal(t, 1, letters)
	require.Greater(t, told, 5)
	require.Zero(t, left)

	count, err := f.Count(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 500, count)
	require.NoError(t, f.Drain(ctx))
	require.NoError(t, f.ForEach(ctx, func(context.Context, int) error { return nil }, pipeline.Workers(2)))
	items, err := pipeline.Then(pipeline.From(func(yield func(int) bool) { yield(1) }), pipeline.Do(func(context.Context, int) error { return nil })).Collect(ctx)
	require.NoError(t, err)
	require.Equal(t, []int{1}, items)
	_, err = pipeline.FromSeq2(func(yield func(int, error) bool) { yield(0, errBoom) }).Collect(ctx)
	require.ErrorIs(t, err, errBoom)
	_, err = pipeline.Then(pipeline.FromSlice(upTo(3)), func(context.Context, int) (int, error) { return 0, pipeline.ErrSkip }).Collect(ctx)
	require.NoError(t, err)
	for range f.All(ctx) {
		break
	}
	plain, failing := stepsWith(pipeline.FromSlice(upTo(20)), func() error { return nil })
	for _, steps := range []map[string]pipeline.Flow[int]{plain, failing} {
		for _, f := range steps {
			require.NoError(t, f.Drain(ctx))
		}
	}
	retried := pipeline.Retry(future.RetryPolicy{}, pipeline.Within(time.Second, double))
	instead := func(context.Context, int, error) (int, error) { return 0, nil }
	require.NoError(t, pipeline.Then(f, pipeline.Skip(pipeline.Replace(instead, retried))).Drain(ctx))
	for name, f := range branchFlows() {
		n, err := f.Take(100).Count(ctx)
		require.NoError(t, err, name)
		require.EqualValues(t, 100, n, name)
	}
	drain := func(ctx context.Context, f pipeline.Flow[int]) error { return f.Drain(ctx) }
	require.NoError(t, pipeline.Tee(ctx, endless().Take(100), drain, drain))
	r := f.InFlight(5).Start(ctx, ignore[int])
	time.Sleep(time.Microsecond)
	require.NotEmpty(t, r.Mermaid())
	require.NoError(t, r.Stop(ctx))
	r.Cancel(nil)
	<-r.Done()
	require.NotEmpty(t, r.Stats())
	_ = r.Bottleneck()
	_, err = f.First(ctx)
	require.NoError(t, err)
	c := make(chan int, 500)
	require.NoError(t, f.SendTo(ctx, c))
	require.Len(t, c, 500)
	e.tasks.Wait()
}
