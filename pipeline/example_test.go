package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/thence-go/thence/pipeline"
)

func Example() {
	lines := strings.Lines("1\n2\nthree\n4\n5\n")
	bad := func(_ context.Context, l pipeline.Letter[string]) error {
		fmt.Println("not a number:", l.Item)
		return nil
	}

	words := pipeline.Map(pipeline.From(lines), strings.TrimSpace)
	numbers := pipeline.Then(words, pipeline.DeadLetter(bad, pipeline.Try(strconv.Atoi)), pipeline.Workers(4))
	odd := numbers.Filter(func(n int) bool { return n%2 == 1 })

	sum, err := pipeline.Reduce(context.Background(), odd, 0, func(sum, n int) int { return sum + n })
	fmt.Println(sum, err)
	// Output:
	// not a number: three
	// 6 <nil>
}

func ExampleThen() {
	fetch := func(ctx context.Context, id int) (string, error) {
		if id == 4 {
			return "", errors.New("no such user")
		}
		return fmt.Sprint("user ", id), nil
	}
	users := pipeline.Then(pipeline.FromSlice([]int{1, 2, 3, 4, 5}), fetch, pipeline.Workers(3), pipeline.Name("fetch"))
	err := users.ForEach(context.Background(), func(_ context.Context, u string) error {
		return nil
	})
	fmt.Println(err)
	// Output: pipeline: stage "fetch" failed at item 3: no such user
}

func ExampleFlow_All() {
	naturals := pipeline.Generate(func(ctx context.Context, yield func(int) bool) error {
		for i := 0; yield(i); i++ {
		}
		return nil
	})
	squares := pipeline.Map(naturals, func(i int) int { return i * i })
	for n, err := range squares.All(context.Background()) {
		if err != nil || n > 10 {
			break // everything upstream has stopped when the loop is left
		}
		fmt.Print(n, " ")
	}
	// Output: 0 1 4 9
}

func ExampleBatch() {
	insert := func(_ context.Context, rows []int) error {
		fmt.Println("insert", rows)
		return nil
	}
	rows := pipeline.FromSlice([]int{1, 2, 3, 4, 5})
	batches := pipeline.Batch(rows, 2, 100*time.Millisecond)
	_ = batches.ForEach(context.Background(), insert)
	// Output:
	// insert [1 2]
	// insert [3 4]
	// insert [5]
}

func ExampleStage() {
	var words pipeline.Stage[string, string] = func(in pipeline.Flow[string]) pipeline.Flow[string] {
		return pipeline.Map(in, strings.ToLower).Filter(func(s string) bool { return s != "" })
	}
	lengths := func(in pipeline.Flow[string]) pipeline.Flow[int] {
		return pipeline.Map(in, func(s string) int { return len(s) })
	}
	f := pipeline.Via(pipeline.Via(pipeline.FromSlice([]string{"From", "", "there"}), words), lengths)
	fmt.Println(f.Collect(context.Background()))
	// Output: [4 5] <nil>
}

func ExampleFlow_Progress() {
	f := pipeline.FromSlice([]int{1, 2, 3}).Progress(time.Hour, func(p pipeline.Progress) {
		fmt.Printf("%d of %d\n", p.Done, p.Total)
	})
	_ = f.Drain(context.Background())
	// Output: 3 of 3
}
