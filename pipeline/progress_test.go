package pipeline_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pipeline"
)

func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []pipeline.Progress
		step := sleeper(func(int) time.Duration { return 10 * time.Millisecond })
		err := pipeline.Then(pipeline.FromSlice(upTo(100)), step).
			Progress(300*time.Millisecond, func(p pipeline.Progress) { got = append(got, p) }).
			Drain(t.Context())
		require.NoError(t, err)
		require.Len(t, got, 4)
		for i, p := range got[:3] {
			require.Equal(t, time.Duration(i+1)*300*time.Millisecond, p.Elapsed)
			require.InDelta(t, 30*(i+1), p.Done, 1)
			require.EqualValues(t, 100, p.Total)
			require.InDelta(t, 100, p.Rate, 4)
			require.InDelta(t, time.Second-p.Elapsed, p.ETA, float64(40*time.Millisecond))
		}
		require.Equal(t, pipeline.Progress{Done: 100, Total: 100, Elapsed: time.Second, Rate: 100}, got[3])
	})
}

func TestProgressOfAnUnknownTotal(t *testing.T) {
	for name, f := range map[string]pipeline.Flow[int]{
		"source": pipeline.From(func(yield func(int) bool) { _ = yield(1) && yield(2) }),
		"filter": pipeline.FromSlice(upTo(4)).Filter(func(i int) bool { return i > 1 }),
	} {
		t.Run(name, func(t *testing.T) {
			var last pipeline.Progress
			require.NoError(t, f.Progress(time.Hour, func(p pipeline.Progress) { last = p }).Drain(t.Context()))
			require.EqualValues(t, 2, last.Done)
			require.Zero(t, last.Total)
			require.Zero(t, last.ETA)
		})
	}
}

// The last word is said about a failed run too.
func TestProgressOfAFailedRun(t *testing.T) {
	var last pipeline.Progress
	f := pipeline.FromSeq2(func(yield func(int, error) bool) { _ = yield(1, nil) && yield(0, errBoom) })
	require.ErrorIs(t, f.Progress(time.Hour, func(p pipeline.Progress) { last = p }).Drain(t.Context()), errBoom)
	require.EqualValues(t, 1, last.Done)
}
