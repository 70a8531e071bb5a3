package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thence-go/thence/pipeline"
)

// The examples of docs/from-channels.md: the patterns of channels as flows.

func Example_fanOutFanIn() {
	resize := func(_ context.Context, name string) (string, error) {
		return strings.TrimSuffix(name, ".raw") + ".png", nil
	}
	files := pipeline.FromSlice([]string{"a.raw", "b.raw", "c.raw"})
	small := pipeline.Then(files, resize, pipeline.Workers(4), pipeline.Unordered())
	names, err := small.Collect(context.Background())
	slices.Sort(names)
	fmt.Println(names, err)
	// Output: [a.png b.png c.png] <nil>
}

func Example_boundedParallelism() {
	notify := func(_ context.Context, user int) error { return nil }
	users := pipeline.FromSlice([]int{1, 2, 3, 4})
	err := users.ForEach(context.Background(), notify, pipeline.Workers(2))
	fmt.Println(err)
	// Output: <nil>
}

func Example_inOrder() {
	length := func(_ context.Context, w string) (int, error) { return len(w), nil }
	words := pipeline.FromSlice([]string{"to", "be", "or", "not"})
	for n, err := range pipeline.Then(words, length, pipeline.Workers(4)).All(context.Background()) {
		fmt.Print(n, err, " ")
	}
	// Output: 2 <nil> 2 <nil> 2 <nil> 3 <nil>
}

func Example_firstError() {
	errNoSpace := errors.New("no space left")
	write := func(_ context.Context, n int) error {
		if n == 3 {
			return errNoSpace
		}
		return nil
	}
	err := pipeline.FromSlice([]int{1, 2, 3, 4, 5}).ForEach(context.Background(), write, pipeline.Name("write"))
	fmt.Println(errors.Is(err, errNoSpace), err)
	// Output: true pipeline: stage "write" failed at item 2: no space left
}

func Example_firstResult() {
	primes := pipeline.Generate(func(_ context.Context, yield func(int) bool) error {
		for n := 2; yield(n); n++ {
		}
		return nil
	}).Filter(func(n int) bool {
		for d := 2; d*d <= n; d++ {
			if n%d == 0 {
				return false
			}
		}
		return true
	})
	for p, err := range primes.All(context.Background()) {
		if err != nil || p > 100 {
			fmt.Println(p, err)
			break // nothing of the flow is running after the loop
		}
	}
	// Output: 101 <nil>
}

func Example_batchesInTime() {
	events := pipeline.FromSlice([]int{1, 2, 3, 4, 5})
	store := func(_ context.Context, batch []int) error {
		fmt.Println("insert", batch)
		return nil
	}
	_ = pipeline.Batch(events, 2, 50*time.Millisecond).ForEach(context.Background(), store)
	// Output:
	// insert [1 2]
	// insert [3 4]
	// insert [5]
}
