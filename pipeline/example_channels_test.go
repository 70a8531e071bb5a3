package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thence-go/thence/pipeline"
	"github.com/thence-go/thence/pool"
	"github.com/thence-go/thence/ratelimit"
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
	naturals := pipeline.Generate(func(_ context.Context, yield func(int) bool) error {
		for n := 1; yield(n); n++ {
		}
		return nil
	})
	for n, err := range naturals.All(context.Background()) {
		if err != nil || n*n > 100 {
			fmt.Println(n, err)
			break // nothing of the flow is running after the loop
		}
	}
	// Output: 11 <nil>
}

func Example_batchesInTime() {
	events := pipeline.FromSlice([]int{1, 2, 3, 4, 5})
	store := func(_ context.Context, batch []int) error {
		fmt.Println("insert", batch)
		return nil
	}

	_ = pipeline.Batch(events, 2, time.Second).ForEach(context.Background(), store)
	// Output:
	// insert [1 2]
	// insert [3 4]
	// insert [5]
}

func Example_stages() {
	words := pipeline.FromSlice([]string{"to", "bee"})
	lengths := pipeline.Then(words, func(_ context.Context, w string) (int, error) {
		return len(w), nil
	})
	fmt.Println(lengths.Collect(context.Background()))
	// Output: [2 3] <nil>
}

func Example_orDone() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	in := make(chan int) // nobody closes it
	go func() { in <- 1; in <- 2 }()

	for n, err := range pipeline.FromChan(in).All(ctx) {
		if err != nil {
			fmt.Println(errors.Is(err, context.Canceled)) // the last pair says why it ended
			break
		}
		if n == 2 {
			cancel()
		}
	}
	// Output: true
}

func Example_mergeChannels() {
	north, south := given("fog", "rain"), given("sun")

	reports := pipeline.Merge(pipeline.FromChan(north), pipeline.FromChan(south))
	n, err := reports.Count(context.Background())
	fmt.Println(n, err)
	// Output: 3 <nil>
}

func Example_teeToSinks() {
	var sum int
	var largest []int
	orders := pipeline.FromSlice([]int{10, 250, 30})

	err := pipeline.Tee(context.Background(), orders,
		func(ctx context.Context, f pipeline.Flow[int]) (err error) {
			sum, err = pipeline.Reduce(ctx, f, 0, func(a, b int) int { return a + b })
			return err
		},
		func(ctx context.Context, f pipeline.Flow[int]) (err error) {
			largest, err = f.Filter(func(n int) bool { return n > 100 }).Collect(ctx)
			return err
		})
	fmt.Println(sum, largest, err)
	// Output: 290 [250] <nil>
}

func Example_rateLimit() {
	visit := func(_ context.Context, url string) error {
		fmt.Println("visit", url)
		return nil
	}

	urls := pipeline.FromSlice([]string{"/a", "/b"})
	limiter := ratelimit.NewLimiter(ratelimit.Every(10*time.Millisecond), 1)
	_ = urls.Throttle(limiter).ForEach(context.Background(), visit)
	// Output:
	// visit /a
	// visit /b
}

func Example_workerPool() {
	render := func(_ context.Context, page int) (string, error) { return fmt.Sprint("page ", page), nil }
	p := pool.New(3) // other flows and tasks may share it
	defer p.Close()

	jobs := pipeline.FromSlice([]int{1, 2, 3})
	pages := pipeline.Then(jobs, render, pipeline.Workers(3), pipeline.On(p))
	fmt.Println(pages.Collect(context.Background()))
	// Output: [page 1 page 2 page 3] <nil>
}

func Example_eventBus() {
	ctx := context.Background()

	bus := pipeline.NewTopic[string]()
	audit := bus.Subscribe(100, pipeline.Block)     // whoever publishes waits for it
	screen := bus.Subscribe(1, pipeline.DropOldest) // sees the latest

	_ = bus.Publish(ctx, "started")
	_ = bus.Publish(ctx, "ready")
	bus.Close()

	fmt.Println(audit.Collect(ctx))
	fmt.Println(screen.Collect(ctx))
	// Output:
	// [started ready] <nil>
	// [ready] <nil>
}
