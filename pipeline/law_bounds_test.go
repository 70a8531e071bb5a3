package pipeline_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pipeline"
)

// The caller's functions run on the caller's goroutine, the flow's never do.
func TestLaw7_WhereUserCodeRuns(t *testing.T) {
	here := goroutine()
	eachWay(t, func(t *testing.T, opts []pipeline.Option) {
		here := goroutine()
		elsewhere := func(i int) int {
			require.NotEqual(t, here, goroutine())
			return i
		}
		f := pipeline.Map(pipeline.FromSlice(upTo(100)), elsewhere)
		f = pipeline.Map(pipeline.Then(f, pipeline.Try(func(i int) (int, error) { return elsewhere(i), nil }), opts...), elsewhere)
		require.NoError(t, f.ForEach(t.Context(), func(context.Context, int) error {
			require.Equal(t, here, goroutine())
			return nil
		}))
		for range f.All(t.Context()) {
			require.Equal(t, here, goroutine())
		}
		_, err := pipeline.Reduce(t.Context(), f, 0, func(int, int) int {
			require.Equal(t, here, goroutine())
			return 0
		})
		require.NoError(t, err)
	})
	require.Equal(t, here, goroutine())
}

// Without Workers a function runs one item at a time and in order, even behind
// a step with many.
func TestLaw7_OneAtATimeWithoutWorkers(t *testing.T) {
	eachWay(t, func(t *testing.T, opts []pipeline.Option) {
		calls := 0 // the race detector watches it
		f := pipeline.Then(pipeline.FromSlice(upTo(5000)), double, opts...)
		f = pipeline.Map(f, func(i int) int { calls++; return i })
		f = f.Filter(func(int) bool { calls++; return true })
		require.NoError(t, pipeline.Then(f, double, opts...).Drain(t.Context()))
		require.Equal(t, 10_000, calls)
	})
}

func goroutine() string {
	buf := make([]byte, 64)
	var id int
	fmt.Sscanf(string(buf[:runtime.Stack(buf, false)]), "goroutine %d", &id)
	return fmt.Sprint(id)
}

// How far a source is read ahead of a consumer that has stopped reading is
// bounded, whatever the steps between.
func TestLaw8_ReadAheadIsBounded(t *testing.T) {
	eachWay(t, func(t *testing.T, opts []pipeline.Option) {
		synctest.Test(t, func(t *testing.T) {
			made := 0
			f := pipeline.Map(endless(), func(i int) int { made++; return i })
			f = pipeline.Then(f, sleeper(func(int) time.Duration { return time.Millisecond }), opts...)
			f = pipeline.Then(f, double, opts...)
			for range f.All(t.Context()) {
				time.Sleep(24 * time.Hour)
				synctest.Wait()
				require.Less(t, made, 5000)
				break
			}
		})
	})
}

// Sizes that make no sense are refused where the flow is described.
func TestLaw8_BadSizesPanicWhereTheyAreGiven(t *testing.T) {
	f := pipeline.FromSlice(upTo(1))
	var zero pipeline.Flow[int]
	var nilCtx context.Context
	for name, c := range map[string]struct {
		fn   func()
		says string
	}{
		"Workers":     {func() { pipeline.Workers(0) }, "pipeline: Workers needs at least 1, got 0"},
		"Ahead":       {func() { pipeline.Ahead(-1) }, "pipeline: Ahead needs at least 1, got -1"},
		"Name":        {func() { pipeline.Name("") }, "pipeline: Name needs a name, got an empty one"},
		"On":          {func() { pipeline.On(nil) }, "pipeline: On needs an executor, got nil: leave the option out to use goroutines of the flow's own"},
		"Batch":       {func() { pipeline.Batch(f, 0, 0) }, "pipeline: Batch needs a size of at least 1, got 0"},
		"Batch wait":  {func() { pipeline.Batch(f, 1, -1) }, "pipeline: Batch needs a maxWait of 0 (none) or more, got -1ns"},
		"Progress":    {func() { f.Progress(0, nil) }, "pipeline: Progress needs an interval above 0, got 0s"},
		"Progress fn": {func() { f.Progress(1, nil) }, "pipeline: Progress needs a function, got nil"},
		"From":        {func() { pipeline.From[int](nil) }, "pipeline: From needs a sequence, got nil"},
		"FromSeq2":    {func() { pipeline.FromSeq2[int](nil) }, "pipeline: FromSeq2 needs a sequence, got nil"},
		"Generate":    {func() { pipeline.Generate[int](nil) }, "pipeline: Generate needs a function, got nil"},
		"Map":         {func() { pipeline.Map[int, int](f, nil) }, "pipeline: Map needs a function, got nil"},
		"Map flow":    {func() { pipeline.Map(zero, increment) }, "pipeline: Map needs a flow, got the zero Flow: start one with From, FromSlice, FromSeq2 or Generate"},
		"Then":        {func() { pipeline.Then[int, int](f, nil) }, "pipeline: Then needs a function, got nil"},
		"Filter":      {func() { f.Filter(nil) }, "pipeline: Filter needs a function, got nil"},
		"Via":         {func() { pipeline.Via[int, int](f, nil) }, "pipeline: Via needs a stage, got nil"},
		"Try":         {func() { pipeline.Try[int, int](nil) }, "pipeline: Try needs a function, got nil"},
		"Do":          {func() { pipeline.Do[int](nil) }, "pipeline: Do needs a function, got nil"},
		"option":      {func() { f.Filter(func(int) bool { return true }, nil) }, "pipeline: an Option is nil: leave it out"},
		"DeadLetter":  {func() { pipeline.DeadLetter(nil, double) }, "pipeline: DeadLetter needs a function that takes the letters, got nil"},
		"ForEach":     {func() { f.ForEach(t.Context(), nil) }, "pipeline: ForEach needs a function, got nil"},
		"Drain":       {func() { f.Drain(nilCtx) }, "pipeline: Drain needs a context, got nil: pass context.Background() if there is none"},
		"All":         {func() { f.All(nilCtx) }, "pipeline: All needs a context, got nil: pass context.Background() if there is none"},
		"Undelivered": {func() { f.OnUndelivered(nil) }, "pipeline: OnUndelivered needs a function, got nil"},
	} {
		t.Run(name, func(t *testing.T) { require.PanicsWithValue(t, c.says, c.fn) })
	}
}
