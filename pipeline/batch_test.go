package pipeline_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pipeline"
)

func TestBatchBySize(t *testing.T) {
	for _, wait := range []time.Duration{0, time.Second} {
		for _, c := range []struct{ items, size, batches int }{{0, 3, 0}, {1, 3, 1}, {3, 3, 1}, {1000, 3, 334}, {1000, 1, 1000}, {1000, 5000, 1}} {
			t.Run(fmt.Sprint(wait, c), func(t *testing.T) {
				batches, err := pipeline.Batch(pipeline.FromSlice(upTo(c.items)), c.size, wait).Collect(t.Context())
				require.NoError(t, err)
				require.Len(t, batches, c.batches)
				var all []int
				for i, b := range batches {
					require.NotEmpty(t, b)
					if i < len(batches)-1 {
						require.Len(t, b, c.size)
					}
					all = append(all, b...)
				}
				require.Equal(t, upTo(c.items), append([]int{}, all...))
			})
		}
	}
}

func TestBatchBehindWorkers(t *testing.T) {
	for _, wait := range []time.Duration{0, time.Second} {
		eachWay(t, func(t *testing.T, opts []pipeline.Option) {
			f := pipeline.Batch(pipeline.Then(pipeline.FromSlice(upTo(1000)), double, opts...), 7, wait)
			n, err := pipeline.Reduce(t.Context(), f, 0, func(n int, b []int) int { return n + len(b) })
			require.NoError(t, err)
			require.Equal(t, 1000, n)
		})
	}
}

// The wait counts from a batch's first item, to the instant, and begins anew
// with the next batch.
func TestBatchByTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		f := pipeline.From(func(yield func(int) bool) {
			for i, gap := range []int{5, 1, 1, 20, 9, 30, 0, 0, 0, 0, 3} {
				time.Sleep(time.Duration(gap) * time.Millisecond)
				if !yield(i) {
					return
				}
			}
			time.Sleep(time.Hour)
		})
		type batch struct {
			at    int
			items []int
		}
		var got []batch
		for b, err := range pipeline.Batch(f, 4, 10*time.Millisecond).All(t.Context()) {
			require.NoError(t, err)
			got = append(got, batch{int(time.Since(begun).Milliseconds()), b})
		}
		require.Equal(t, []batch{
			{15, []int{0, 1, 2}}, // 5, 6, 7
			{37, []int{3, 4}},    // 27, 36
			{66, []int{5, 6, 7, 8}},
			{76, []int{9, 10}}, // 66, 69
		}, got)
	})
}

// A batch in the making is not handed on when the flow fails.
func TestBatchOfAFailedFlow(t *testing.T) {
	for _, wait := range []time.Duration{0, time.Second} {
		f := pipeline.FromSeq2(func(yield func(int, error) bool) {
			_ = yield(1, nil) && yield(2, nil) && yield(0, errBoom)
		})
		got, err := pipeline.Batch(f, 10, wait).Collect(t.Context())
		require.ErrorIs(t, err, errBoom)
		require.Empty(t, got)
	}
}
