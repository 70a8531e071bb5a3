package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/thence-go/thence/pipeline"
)

func ExampleFrom() {
	words := pipeline.From(strings.FieldsSeq("to be or not"))
	fmt.Println(words.Collect(context.Background()))
	fmt.Println(words.Count(context.Background())) // the sequence begins again
	// Output:
	// [to be or not] <nil>
	// 4 <nil>
}

func ExampleFromSlice() {
	fmt.Println(pipeline.FromSlice([]int{3, 1, 2}).Collect(context.Background()))
	// Output: [3 1 2] <nil>
}

func ExampleFromSeq2() {
	var rows iter.Seq2[string, error] = func(yield func(string, error) bool) {
		_ = yield("ann", nil) && yield("", errors.New("connection lost"))
	}
	fmt.Println(pipeline.FromSeq2(rows).Drain(context.Background()))
	// Output: pipeline: stage "source" failed at item 1: connection lost
}

func ExampleGenerate() {
	powers := pipeline.Generate(func(_ context.Context, yield func(int) bool) error {
		for n := 1; yield(n); n *= 2 {
		}
		return nil // yield has reported false: nobody needs more
	})
	fmt.Println(powers.Take(5).Collect(context.Background()))
	// Output: [1 2 4 8 16] <nil>
}

func ExampleMap() {
	lengths := pipeline.Map(pipeline.FromSlice([]string{"to", "bee"}), func(w string) int { return len(w) })
	fmt.Println(lengths.Collect(context.Background()))
	// Output: [2 3] <nil>
}

func ExampleFlow_Filter() {
	even := pipeline.FromSlice([]int{1, 2, 3, 4}).Filter(func(n int) bool { return n%2 == 0 })
	fmt.Println(even.Collect(context.Background()))
	// Output: [2 4] <nil>
}

func ExampleVia() {
	var firstTwo pipeline.Stage[int, int] = func(in pipeline.Flow[int]) pipeline.Flow[int] { return in.Take(2) }
	fmt.Println(pipeline.Via(pipeline.FromSlice([]int{1, 2, 3}), firstTwo).Collect(context.Background()))
	// Output: [1 2] <nil>
}

func ExampleFlow_ForEach() {
	err := pipeline.FromSlice([]string{"a", "b"}).ForEach(context.Background(), func(_ context.Context, s string) error {
		fmt.Println(s)
		return nil
	})
	fmt.Println(err)
	// Output:
	// a
	// b
	// <nil>
}

func ExampleFlow_Collect() {
	fmt.Println(pipeline.From(slices.Values([]int{1, 2})).Collect(context.Background()))
	// Output: [1 2] <nil>
}

func ExampleFlow_Count() {
	fmt.Println(pipeline.FromSlice([]int{7, 8, 9}).Skip(1).Count(context.Background()))
	// Output: 2 <nil>
}

func ExampleFlow_Drain() {
	seen := 0
	err := pipeline.FromSlice([]int{7, 8, 9}).Tap(func(int) { seen++ }).Drain(context.Background())
	fmt.Println(seen, err)
	// Output: 3 <nil>
}

func ExampleReduce() {
	add := func(sum, n int) int { return sum + n }
	fmt.Println(pipeline.Reduce(context.Background(), pipeline.FromSlice([]int{1, 2, 3}), 0, add))
	// Output: 6 <nil>
}
