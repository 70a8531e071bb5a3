package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
)

func ExampleFlatMap() {
	words := pipeline.FlatMap(pipeline.FromSlice([]string{"to be", "or not"}), strings.FieldsSeq)
	fmt.Println(words.Collect(context.Background()))
	// Output: [to be or not] <nil>
}

func ExampleExpand() {
	pages := func(_ context.Context, user string) iter.Seq2[string, error] {
		return func(yield func(string, error) bool) {
			for page := 1; page <= 2; page++ {
				if !yield(fmt.Sprint(user, page), nil) {
					return
				}
			}
		}
	}
	f := pipeline.Expand(pipeline.FromSlice([]string{"ann", "bob"}), pages, pipeline.Workers(2))
	fmt.Println(f.Collect(context.Background()))
	// Output: [ann1 ann2 bob1 bob2] <nil>
}

func ExampleMapAsync() {
	ask := func(ctx context.Context, id int) *future.Future[string] {
		return future.Go(ctx, func(context.Context) (string, error) { return fmt.Sprint("user ", id), nil })
	}
	fmt.Println(pipeline.MapAsync(pipeline.FromSlice([]int{1, 2}), ask, pipeline.Workers(8)).Collect(context.Background()))
	// Output: [user 1 user 2] <nil>
}

func ExampleFlow_Tap() {
	_ = pipeline.FromSlice([]int{1, 2}).Tap(func(i int) { fmt.Println("saw", i) }).Drain(context.Background())
	// Output:
	// saw 1
	// saw 2
}

func ExampleScan() {
	sums := pipeline.Scan(pipeline.FromSlice([]int{1, 2, 3}), 10, func(sum, i int) int { return sum + i })
	fmt.Println(sums.Collect(context.Background()))
	// Output: [11 13 16] <nil>
}

func ExampleFlow_Skip() {
	fmt.Println(pipeline.FromSlice([]string{"name", "ann", "bob"}).Skip(1).Collect(context.Background()))
	// Output: [ann bob] <nil>
}

func ExampleDistinct() {
	same := func(i int) int { return i }
	f := pipeline.FromSlice([]int{1, 1, 2, 1, 3, 1, 2})
	fmt.Println(pipeline.Distinct(f, same, 2).Collect(context.Background()))
	// Output: [1 2 3 2] <nil>
}

func ExampleWindow() {
	f := pipeline.FromSlice([]int{1, 2, 3, 4, 5, 6})
	for _, step := range []int{4, 2, 5} {
		fmt.Println(pipeline.Window(f, 4, step).Collect(context.Background()))
	}
	// Output:
	// [[1 2 3 4] [5 6]] <nil>
	// [[1 2 3 4] [3 4 5 6]] <nil>
	// [[1 2 3 4] [6]] <nil>
}

func ExampleBatchWeight() {
	length := func(s string) int64 { return int64(len(s)) }
	f := pipeline.From(slices.Values([]string{"a", "bcd", "ef", "much too long", "g"}))
	fmt.Println(pipeline.BatchWeight(f, 4, length, 0).Collect(context.Background()))
	// Output: [[a bcd] [ef] [much too long] [g]] <nil>
}

func ExampleFlow_OnUndelivered() {
	files := pipeline.FromSeq2(func(yield func(string, error) bool) {
		_ = yield("a", nil) && yield("b", nil) && yield("", errors.New("disk gone"))
	})
	files = files.OnUndelivered(func(file string) { fmt.Println("close", file) })
	err := pipeline.Batch(files, 3, 0).Drain(context.Background())
	fmt.Println(err)
	// Output:
	// close a
	// close b
	// pipeline: stage "source" failed at item 2: disk gone
}
