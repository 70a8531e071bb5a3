package pool_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

// A bounded pool, results as futures, and an orderly end.
func Example() {
	ctx := context.Background()
	p := pool.New(4)

	var lengths []*future.Future[int]
	for _, word := range []string{"from", "that", "place", "onwards"} {
		lengths = append(lengths, pool.Submit(ctx, p, func(ctx context.Context) (int, error) {
			return len(word), nil
		}))
	}
	fmt.Println(future.All(lengths...).Await(ctx))
	fmt.Println(p.Shutdown(ctx))
	// Output:
	// [4 4 5 7] <nil>
	// <nil>
}

func ExampleMap() {
	ctx := context.Background()
	p := pool.New(2)
	defer p.Close()
	upper := func(ctx context.Context, s string) (string, error) { return strings.ToUpper(s), nil }
	fmt.Println(pool.Map(ctx, p, []string{"a", "b", "c"}, upper))
	// Output: [A B C] <nil>
}

func ExampleForEach() {
	ctx := context.Background()
	p := pool.New(2)
	defer p.Close()
	err := pool.ForEach(ctx, p, []string{"a", ""}, func(ctx context.Context, s string) error {
		if s == "" {
			return errors.New("empty name")
		}
		return nil
	})
	fmt.Println(err)
	// Output: future: input 1: empty name
}

func ExamplePool_Go() {
	ctx := context.Background()
	p := pool.New(1)
	_ = p.Go(ctx, func(ctx context.Context) { fmt.Println("in the background") })
	_ = p.Shutdown(ctx)
	fmt.Println(errors.Is(p.Go(ctx, func(ctx context.Context) {}), pool.ErrClosed))
	// Output:
	// in the background
	// true
}

// A full queue that turns tasks away.
func ExamplePool_TryGo() {
	ctx := context.Background()
	p := pool.New(1, pool.Queue(1, pool.Block))
	release := make(chan struct{})
	started := make(chan struct{})
	_ = p.Go(ctx, func(ctx context.Context) { close(started); <-release })
	<-started
	fmt.Println(p.TryGo(ctx, func(ctx context.Context) {}))
	fmt.Println(errors.Is(p.TryGo(ctx, func(ctx context.Context) {}), pool.ErrFull))
	close(release)
	_ = p.Shutdown(ctx)
	// Output:
	// <nil>
	// true
}

// A task may wait for tasks of its own pool, even if it is the only worker.
func ExampleSubmit_nested() {
	ctx := context.Background()
	p := pool.New(1)
	defer p.Close()
	var sum func(ctx context.Context, n int) (int, error)
	sum = func(ctx context.Context, n int) (int, error) {
		if n == 0 {
			return 0, nil
		}
		rest, err := pool.Submit(ctx, p, func(ctx context.Context) (int, error) { return sum(ctx, n-1) }).Await(ctx)
		return n + rest, err
	}
	fmt.Println(sum(ctx, 10))
	// Output: 55 <nil>
}

func ExamplePool_Shutdown() {
	p := pool.New(1, pool.Name("mail"))
	started := make(chan struct{})
	_ = p.Go(context.Background(), func(ctx context.Context) { close(started); <-ctx.Done() })
	<-started
	late := pool.Submit(context.Background(), p, func(ctx context.Context) (int, error) { return 1, nil })

	soon, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("out of patience"))
	fmt.Println(p.Shutdown(soon))
	_, err := late.Await(context.Background())
	fmt.Println(errors.Is(err, pool.ErrNotRun))
	// Output:
	// pool mail: shutdown: 1 tasks not run, 1 still running (a task for 0s): out of patience
	// true
}

func ExamplePool_Stats() {
	ctx := context.Background()
	p := pool.New(2)
	for range 3 {
		_ = p.Go(ctx, func(ctx context.Context) {})
	}
	_ = p.Shutdown(ctx)
	s := p.Stats()
	fmt.Println(s.Submitted, s.Completed, s.Running)
	// Output: 3 3 0
}
