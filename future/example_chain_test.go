package future_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

func ExampleLazy() {
	ctx := context.Background()
	config := future.Lazy(ctx, func(ctx context.Context) (string, error) {
		fmt.Println("reading")
		return "dark", nil
	})
	fmt.Println("nobody needed it yet")
	fmt.Println(config.Await(ctx))
	fmt.Println(config.Await(ctx))
	// Output:
	// nobody needed it yet
	// reading
	// dark <nil>
	// dark <nil>
}

func ExampleAfter() {
	ctx := context.Background()
	soon := future.After(ctx, time.Millisecond)
	greeting := future.Map(soon, func(time.Time) string { return "good morning" })
	fmt.Println(greeting.Await(ctx))
	// Output: good morning <nil>
}

func ExampleGoOn() {
	ctx := context.Background()
	p := pool.New(2)
	defer p.Close()
	f := future.GoOn(ctx, p, func(ctx context.Context) (int, error) { return 42, nil })
	fmt.Println(f.Await(ctx))
	// Output: 42 <nil>
}

func ExampleFlatMap() {
	ctx := context.Background()
	payAsync := func(cents int) *future.Future[string] {
		return future.Go(ctx, func(ctx context.Context) (string, error) {
			return fmt.Sprintf("paid %d", cents), nil
		})
	}
	fmt.Println(future.FlatMap(future.Resolved(40), payAsync).Await(ctx))
	// Output: paid 40 <nil>
}

func ExampleHandle() {
	ctx := context.Background()
	f := future.Handle(future.Failed[int](errors.New("no connection")),
		func(ctx context.Context, r future.Result[int]) (string, error) {
			switch {
			case r.Canceled():
				return "", r.Err // passes on
			case r.Err != nil:
				return "none", nil
			}
			return fmt.Sprint(r.Value), nil
		})
	fmt.Println(f.Await(ctx))
	// Output: none <nil>
}

func ExampleFuture_WithFallback() {
	f := future.Failed[int](errors.New("no connection")).WithFallback(-1)
	fmt.Println(f.Await(context.Background()))
	// Output: -1 <nil>
}

// The call's ctx ends when the time is up, and nothing claims that it has
// returned.
func ExampleFuture_Timeout() {
	ctx := context.Background()
	call := future.Go(ctx, func(ctx context.Context) (int, error) {
		<-ctx.Done()
		return 0, context.Cause(ctx)
	})
	_, err := call.Timeout(time.Millisecond).Await(ctx)
	fmt.Println(err)
	fmt.Println(errors.Is(err, future.ErrTimeout), errors.Is(err, context.DeadlineExceeded), errors.Is(err, future.ErrCanceled))

	_, err = call.Await(ctx)
	fmt.Println(err)
	// Output:
	// future: timed out after 1ms
	// true true false
	// future: canceled: future: timed out after 1ms
}

func ExampleFuture_Shield() {
	ctx := context.Background()
	write := future.NewPromise[string]() // stands for work that must not be cut short
	request := future.Map(write.Future().Shield(), func(s string) int { return len(s) })
	request.Cancel(errors.New("client went away"))

	fmt.Println(write.Resolve("written"))
	fmt.Println(write.Future().Await(ctx))
	// Output:
	// true
	// written <nil>
}

func ExampleFuture_On() {
	ctx := context.Background()
	p := pool.New(1, pool.Name("cpu"))
	defer p.Close()
	page := future.Resolved("<b>hi</b>")
	parsed := future.Map(page.On(p), func(s string) int { return len(s) }) // on a worker
	fmt.Println(parsed.Await(ctx))
	// Output: 9 <nil>
}

func ExampleFuture_Done() {
	ctx := context.Background()
	f := future.Go(ctx, func(ctx context.Context) (int, error) { return 42, nil })
	select {
	case <-f.Done():
		fmt.Println(f.Err())
	case <-ctx.Done():
	}
	// Output: <nil>
}

func ExampleFuture_Err() {
	p := future.NewPromise[int]()
	fmt.Println(p.Future().Err())
	p.Reject(errors.New("disk full"))
	fmt.Println(p.Future().Err())
	// Output:
	// future: not settled yet
	// disk full
}

func ExampleTry() {
	half := func(n int) (int, error) {
		if n%2 != 0 {
			return 0, errors.New("odd")
		}
		return n / 2, nil
	}
	fmt.Println(future.Then(future.Resolved(84), future.Try(half)).Await(context.Background()))
	// Output: 42 <nil>
}

func ExampleFailed() {
	_, err := future.Failed[int](errors.New("disk full")).Await(context.Background())
	fmt.Println(err)
	// Output: disk full
}

func ExampleResolved() {
	fmt.Println(future.Resolved(42).Await(context.Background()))
	// Output: 42 <nil>
}

// Count what runs, and learn of failures that nobody has looked at.
func ExampleSetHooks() {
	old := future.SetHooks(future.Hooks{
		Settle: func(e future.Event) { fmt.Println(e.Op, e.Err) },
		Unobserved: func(e future.Event) {
			fmt.Println("nobody looked at", e.Err, "of", e.Where())
		},
	})
	defer future.SetHooks(old)

	ctx := context.Background()
	f := future.Go(ctx, func(ctx context.Context) (int, error) { return 0, errors.New("disk full") })
	_, _ = f.Await(ctx)
	// Output: Go disk full
}
