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

func ExampleFlow_Buffer() {
	lines := pipeline.FromSlice([]string{"a", "b", "c"}).Buffer(100, pipeline.Block)
	fmt.Println(lines.Collect(context.Background()))
	// Output: [a b c] <nil>
}

// paced makes 0, 1, ... n-1, one when each d has passed.
func paced(d time.Duration, n int) pipeline.Flow[int] {
	return pipeline.Generate(func(ctx context.Context, yield func(int) bool) error {
		for i := range n {
			select {
			case <-time.After(d):
			case <-ctx.Done():
				return ctx.Err()
			}
			if !yield(i) {
				return nil
			}
		}
		return nil
	})
}

// slowly collects what a consumer gets that takes d for each item.
func slowly(t *testing.T, f pipeline.Flow[int], d time.Duration) (got []int) {
	require.NoError(t, f.ForEach(t.Context(), func(_ context.Context, i int) error {
		got = append(got, i)
		time.Sleep(d)
		return nil
	}))
	return got
}

// The consumer takes 0 after 1 s, when 10 more come before it takes the next.
func TestBufferWhileTheConsumerIsBusy(t *testing.T) {
	for _, c := range []struct {
		o    pipeline.Overflow
		room int
		want []int
	}{
		{pipeline.DropOldest, 1, []int{0, 10, 14}},
		{pipeline.DropOldest, 3, []int{0, 8, 12, 13, 14}},
		{pipeline.DropNewest, 1, []int{0, 1, 11}},
		{pipeline.DropNewest, 3, []int{0, 1, 2, 3, 11}},
		{pipeline.DropOldest, 100, upTo(15)},
		{pipeline.DropNewest, 100, upTo(15)},
		{pipeline.Block, 1, upTo(15)},
		{pipeline.Block, 3, upTo(15)},
	} {
		t.Run(fmt.Sprint(c.o, " ", c.room), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := paced(time.Second, 15).Buffer(c.room, c.o)
				require.Equal(t, c.want, slowly(t, f, 10*time.Second+time.Millisecond))
			})
		})
	}
}

// Before a fused step, two more are on their way.
func TestBufferBeforeAFusedStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pipeline.Map(paced(time.Second, 15).Buffer(1, pipeline.DropOldest), func(i int) int { return i })
		require.Equal(t, []int{0, 1, 2, 14}, slowly(t, f, 20*time.Second))
		f = pipeline.Map(paced(time.Second, 15).Buffer(1, pipeline.DropNewest), func(i int) int { return i })
		require.Equal(t, []int{0, 1, 2, 3}, slowly(t, f, 20*time.Second))
	})
}

// With Block at most n wait beside the one in the consumer's hand; a part of
// them may be what the consumer can take at once, a quarter at most.
func TestBufferWithBlockIsABound(t *testing.T) {
	for _, n := range []int{1, 2, 5, 100, 10_000} {
		synctest.Test(t, func(t *testing.T) {
			yielded := 0
			source := pipeline.Generate(func(_ context.Context, yield func(int) bool) error {
				for yield(yielded) {
					yielded++
				}
				return nil
			})
			for _, err := range source.Buffer(n, pipeline.Block).All(t.Context()) {
				require.NoError(t, err)
				synctest.Wait()
				require.LessOrEqual(t, yielded, n+1)
				require.GreaterOrEqual(t, yielded, n-n/4+1)
				break
			}
		})
	}
}

func TestBufferBehindAndBeforeWorkers(t *testing.T) {
	eachWay(t, func(t *testing.T, opts []pipeline.Option) {
		for _, n := range []int{1, 7, 5000} {
			synctest.Test(t, func(t *testing.T) {
				f := pipeline.Then(pipeline.FromSlice(upTo(10_000)), double, opts...).Buffer(n, pipeline.Block)
				f = pipeline.Then(f, double, opts...)
				items, err := f.Collect(t.Context())
				require.NoError(t, err)
				sum := 0
				for _, v := range items {
					sum += v
				}
				require.Len(t, items, 10_000)
				require.Equal(t, 4*9999*10_000/2, sum)
			})
		}
	})
}

// A buffer that drops makes a flow that nothing upstream waits for.
func TestBufferThatDropsHoldsNobodyUp(t *testing.T) {
	for _, o := range []pipeline.Overflow{pipeline.DropOldest, pipeline.DropNewest} {
		synctest.Test(t, func(t *testing.T) {
			begun := time.Now()
			made := time.Duration(0)
			f := paced(time.Second, 100).Filter(func(int) bool { made = time.Since(begun); return true })
			slowly(t, f.Buffer(2, o), time.Hour)
			require.Equal(t, 100*time.Second, made)
		})
	}
}

func TestOnUndeliveredSeesWhatABufferHolds(t *testing.T) {
	for o, want := range map[pipeline.Overflow][]int{
		pipeline.DropOldest: {7, 8, 9}, pipeline.DropNewest: {1, 2, 3},
	} {
		synctest.Test(t, func(t *testing.T) {
			var left []int
			f := paced(time.Second, 10).OnUndelivered(func(i int) { left = append(left, i) }).Buffer(3, o)
			for range f.All(t.Context()) {
				time.Sleep(time.Minute)
				break
			}
			require.Equal(t, want, left)
		})
	}
}
