package pipeline_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pipeline"
)

func ExampleFlow_Conflate() {
	sum := func(old, new int) int { return old + new }
	total := 0
	amounts := pipeline.FromSlice([]int{1, 2, 3, 4}).Conflate(sum)
	_ = amounts.ForEach(context.Background(), func(_ context.Context, n int) error {
		total += n // fewer times than there are amounts, if it is slow
		return nil
	})
	fmt.Println(total)
	// Output: 10
}

func sum(a, b int) int { return a + b }

func TestConflateWhileTheConsumerIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got [][]int
		lists := pipeline.Map(paced(time.Second, 15), func(i int) []int { return []int{i} })
		lists = lists.Conflate(func(old, new []int) []int { return append(old, new...) })
		require.NoError(t, lists.ForEach(t.Context(), func(_ context.Context, l []int) error {
			got = append(got, l)
			time.Sleep(6*time.Second + time.Millisecond)
			return nil
		}))
		require.Equal(t, [][]int{{0}, {1, 2, 3, 4, 5, 6}, {7, 8, 9, 10, 11, 12}, {13, 14}}, got)
	})
}

// A consumer that is quick gets each item as it came.
func TestConflateWithAQuickConsumer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := paced(time.Second, 15).Conflate(func(int, int) int { t.Error("merged"); return 0 })
		require.Equal(t, upTo(15), slowly(t, f, time.Second-1))
		require.Equal(t, upTo(15), slowly(t, pipeline.Map(f, func(i int) int { return i }), time.Second-1))
	})
}

// Nothing is lost: what comes out is made of all that went in, in order, and
// merge runs for one item at a time.
func TestConflateMergesAll(t *testing.T) {
	eachWay(t, func(t *testing.T, opts []pipeline.Option) {
		for name, behind := range map[string]func(pipeline.Flow[int]) pipeline.Flow[int]{
			"terminal": func(f pipeline.Flow[int]) pipeline.Flow[int] { return f },
			"map": func(f pipeline.Flow[int]) pipeline.Flow[int] {
				return pipeline.Map(f, func(i int) int { return i })
			},
			"workers": func(f pipeline.Flow[int]) pipeline.Flow[int] {
				return pipeline.Then(f, pipeline.Do(func(context.Context, int) error { return nil }), opts...)
			},
		} {
			inside := 0
			merge := func(old, new int) int {
				inside++
				defer func() { inside-- }()
				if inside != 1 {
					t.Error("two at once")
				}
				return old + new
			}
			f := pipeline.Then(pipeline.FromSlice(upTo(20_000)), double, opts...)
			total, err := pipeline.Reduce(t.Context(), behind(f.Conflate(merge)), 0, sum)
			require.NoError(t, err)
			require.Equal(t, 19_999*20_000, total, name)
		}
	})
}
