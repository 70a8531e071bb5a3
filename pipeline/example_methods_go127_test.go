//go:build go1.27

package pipeline_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
)

// Each method does what the function of its name does: see there.

func numbers() pipeline.Flow[int] { return pipeline.FromSlice([]int{1, 2, 3, 4}) }

func show[T any](f pipeline.Flow[T]) { fmt.Println(f.Collect(context.Background())) }

func ExampleFlow_Map() {
	show(numbers().Map(func(n int) string { return strings.Repeat("*", n) }))
	// Output: [* ** *** ****] <nil>
}

func ExampleFlow_Via() {
	var half pipeline.Stage[int, int] = func(in pipeline.Flow[int]) pipeline.Flow[int] { return in.Take(2) }
	show(numbers().Via(half))
	// Output: [1 2] <nil>
}

func ExampleFlow_Batch() {
	show(numbers().Batch(3, 0))
	// Output: [[1 2 3] [4]] <nil>
}

func ExampleFlow_BatchWeight() {
	show(numbers().BatchWeight(5, func(n int) int64 { return int64(n) }, 0))
	// Output: [[1 2] [3] [4]] <nil>
}

func ExampleFlow_Window() {
	show(numbers().Window(2, 1))
	// Output: [[1 2] [2 3] [3 4]] <nil>
}

func ExampleFlow_Broadcast() {
	even := func(in pipeline.Flow[int]) pipeline.Flow[int] { return in.Filter(func(n int) bool { return n%2 == 0 }) }
	large := func(in pipeline.Flow[int]) pipeline.Flow[int] { return in.Filter(func(n int) bool { return n > 3 }) }
	show(numbers().Broadcast(even, large))
	// Output: [2 4 4] <nil>
}

func ExampleFlow_GroupBy() {
	odd := func(n int) bool { return n%2 == 1 }
	sums := numbers().GroupBy(odd, func(odd bool, in pipeline.Flow[int]) pipeline.Flow[string] {
		return in.Batch(100, 0).Map(func(all []int) string { return fmt.Sprint(odd, " ", all) })
	})
	show(sums)
	// Output: [true [1 3] false [2 4]] <nil>
}

func ExampleFlow_Partition() {
	odd := func(n int) bool { return n%2 == 1 }
	square := func(_ context.Context, n int) (int, error) { return n * n, nil }
	all, err := numbers().Partition(odd, square, pipeline.Workers(2)).Collect(context.Background())
	slices.Sort(all)
	fmt.Println(all, err)
	// Output: [1 4 9 16] <nil>
}

func ExampleFlow_Split() {
	small := func(n int) bool { return n < 3 }
	negate := func(in pipeline.Flow[int]) pipeline.Flow[int] { return in.Map(func(n int) int { return -n }) }
	same := func(in pipeline.Flow[int]) pipeline.Flow[int] { return in }
	show(numbers().Split(small, negate, same))
	// Output: [-1 -2 3 4] <nil>
}

func ExampleFlow_Zip() {
	letters := pipeline.FromSlice([]string{"a", "b"})
	show(numbers().Zip(letters, func(n int, s string) string { return fmt.Sprint(n, s) }))
	// Output: [1a 2b] <nil>
}

func ExampleFlow_Reduce() {
	fmt.Println(numbers().Reduce(context.Background(), 1, func(product, n int) int { return product * n }))
	// Output: 24 <nil>
}

func ExampleFlow_Distinct() {
	show(numbers().Distinct(func(n int) int { return n / 2 }, 1))
	// Output: [1 2 4] <nil>
}

func ExampleFlow_Expand() {
	pages := func(_ context.Context, n int) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) { _ = yield(n, nil) && yield(10*n, nil) }
	}
	show(numbers().Expand(pages))
	// Output: [1 10 2 20 3 30 4 40] <nil>
}

func ExampleFlow_FlatMap() {
	show(numbers().FlatMap(func(n int) iter.Seq[int] { return slices.Values(make([]int, n)) }).Take(3))
	// Output: [0 0 0] <nil>
}

func ExampleFlow_MapAsync() {
	ask := func(ctx context.Context, n int) *future.Future[int] {
		return future.Go(ctx, func(context.Context) (int, error) { return n * n, nil })
	}
	show(numbers().MapAsync(ask))
	// Output: [1 4 9 16] <nil>
}

func ExampleFlow_Scan() {
	show(numbers().Scan(0, func(sum, n int) int { return sum + n }))
	// Output: [1 3 6 10] <nil>
}
