package pipeline_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"github.com/thence-go/thence/pipeline"
)

func ExampleFlow_Take() {
	ids := pipeline.Generate(func(_ context.Context, yield func(int) bool) error {
		for id := 1; yield(id); id++ {
		}
		return nil
	})
	first, err := ids.Take(3).Collect(context.Background())
	fmt.Println(first, err)
	// Output: [1 2 3] <nil>
}

func ExampleFlow_TakeWhile() {
	small := pipeline.FromSlice([]int{1, 2, 9, 3}).TakeWhile(func(n int) bool { return n < 5 })
	ns, err := small.Collect(context.Background())
	fmt.Println(ns, err)
	// Output: [1 2] <nil>
}

func TestTakeEndsWhatIsUpstream(t *testing.T) {
	for _, workers := range []int{1, 4} {
		for _, n := range []int64{0, 1, 7, 100} {
			t.Run(fmt.Sprintf("%d of workers %d", n, workers), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var cause error
					naturals := pipeline.Generate(func(ctx context.Context, yield func(int) bool) error {
						for i := 0; yield(i); i++ {
						}
						<-ctx.Done()
						cause = context.Cause(ctx)
						return cause
					})
					double := func(_ context.Context, i int) (int, error) { return 2 * i, nil }
					some := pipeline.Batch(pipeline.Then(naturals, double, pipeline.Workers(workers)).Take(n), 5, 0)
					batches, err := pipeline.Then(some, func(_ context.Context, b []int) ([]int, error) { return b, nil }).Collect(t.Context())
					require.NoError(t, err)
					next := 0
					for _, b := range batches {
						for _, v := range b {
							require.Equal(t, 2*next, v)
							next++
						}
					}
					require.Equal(t, int(n), next)
					if n > 0 {
						require.Error(t, cause)
					}
				})
			})
		}
	}
}
