package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/thence-go/thence/pipeline"
	"github.com/thence-go/thence/pool"
)

func ExampleWorkers() {
	var all sync.WaitGroup
	all.Add(3)
	together := func(_ context.Context, n int) (int, error) {
		all.Done()
		all.Wait() // until all three are here
		return 2 * n, nil
	}
	doubled := pipeline.Then(pipeline.FromSlice([]int{1, 2, 3}), together, pipeline.Workers(3))
	fmt.Println(doubled.Collect(context.Background()))
	// Output: [2 4 6] <nil>
}

func ExampleUnordered() {
	half := func(_ context.Context, n int) (int, error) { return n / 2, nil }
	halves := pipeline.Then(pipeline.FromSlice([]int{2, 4, 6}), half, pipeline.Workers(3), pipeline.Unordered())
	got, err := halves.Collect(context.Background())
	slices.Sort(got) // they come as they are ready
	fmt.Println(got, err)
	// Output: [1 2 3] <nil>
}

func ExampleAhead() {
	load := func(_ context.Context, name string) ([]byte, error) { return []byte(name), nil }
	names := pipeline.FromSlice([]string{"a", "b", "c"})
	files := pipeline.Then(names, load, pipeline.Workers(2), pipeline.Ahead(1)) // one waits, beside the workers' own
	fmt.Println(files.Count(context.Background()))
	// Output: 3 <nil>
}

func ExampleOn() {
	p := pool.New(2)
	defer p.Close()
	half := func(_ context.Context, n int) (int, error) { return n / 2, nil }
	halves := pipeline.Then(pipeline.FromSlice([]int{2, 4}), half, pipeline.On(p), pipeline.Workers(2))
	fmt.Println(halves.Collect(context.Background()))
	// Output: [1 2] <nil>
}

func ExampleName() {
	ids := pipeline.Then(pipeline.FromSlice([]string{"1", "x"}), pipeline.Try(strconv.Atoi), pipeline.Name("parse"))
	fmt.Println(ids.Drain(context.Background()))
	// Output: pipeline: stage "parse" failed at item 1: strconv.Atoi: parsing "x": invalid syntax
}

func ExampleTry() {
	ids := pipeline.Then(pipeline.FromSlice([]string{"1", "2"}), pipeline.Try(strconv.Atoi))
	fmt.Println(ids.Collect(context.Background()))
	// Output: [1 2] <nil>
}

func ExampleDo() {
	check := func(_ context.Context, n int) error {
		if n < 0 {
			return pipeline.ErrSkip
		}
		return nil
	}
	fmt.Println(pipeline.Then(pipeline.FromSlice([]int{1, -2, 3}), pipeline.Do(check)).Collect(context.Background()))
	// Output: [1 3] <nil>
}

func ExampleDeadLetter() {
	bury := func(_ context.Context, l pipeline.Letter[string]) error {
		fmt.Printf("%q: %v\n", l.Item, l.Err)
		return nil
	}
	parse := pipeline.DeadLetter(bury, pipeline.Try(strconv.ParseBool))
	fmt.Println(pipeline.Then(pipeline.FromSlice([]string{"true", "maybe"}), parse).Collect(context.Background()))
	// Output:
	// "maybe": strconv.ParseBool: parsing "maybe": invalid syntax
	// [true] <nil>
}

func ExampleError_Error() {
	err := &pipeline.Error{Stage: "store", Item: 7, Err: errors.New("disk full")}
	fmt.Println(err.Error())
	// Output: pipeline: stage "store" failed at item 7: disk full
}

func ExampleError_Unwrap() {
	err := pipeline.Then(pipeline.FromSlice([]string{"x"}), pipeline.Try(strconv.Atoi)).Drain(context.Background())
	var failed *pipeline.Error
	fmt.Println(errors.As(err, &failed), errors.Is(err, strconv.ErrSyntax))
	fmt.Println(failed.Stage, failed.Item, failed.Unwrap())
	// Output:
	// true true
	// then#1 0 strconv.Atoi: parsing "x": invalid syntax
}
