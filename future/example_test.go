package future_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/thence-go/thence/future"
)

// Launch two calls, go on with what they return, and await the end.
func Example() {
	ctx := context.Background()
	price := func(ctx context.Context) (int, error) { return 40, nil }
	withTax := func(ctx context.Context, cents int) (int, error) { return cents + cents/20, nil }

	a := future.Then(future.Go(ctx, price), withTax)
	b := future.Then(future.Go(ctx, price), withTax)
	cents, err := future.All(a, b).Await(ctx)
	fmt.Println(cents, err)
	// Output: [42 42] <nil>
}

func ExampleGo() {
	ctx := context.Background()
	f := future.Go(ctx, func(ctx context.Context) (string, error) {
		return "slow answer", nil
	})
	// ... other work ...
	fmt.Println(f.Await(ctx))
	// Output: slow answer <nil>
}

func ExampleNewPromise() {
	p := future.NewPromise[string]()
	callback := func(s string) { p.Resolve(s) } // for an API that calls back
	go callback("pong")

	fmt.Println(p.Future().Await(context.Background()))
	fmt.Println(p.Resolve("again"))
	// Output:
	// pong <nil>
	// false
}

func ExampleThen() {
	ctx := context.Background()
	n := future.Then(future.Resolved("42"), future.Try(strconv.Atoi))
	fmt.Println(n.Await(ctx))
	// Output: 42 <nil>
}

func ExampleMap() {
	double := func(n int) int { return 2 * n }
	fmt.Println(future.Map(future.Resolved(21), double).Await(context.Background()))
	// Output: 42 <nil>
}

func ExampleFuture_Catch() {
	ctx := context.Background()
	f := future.Failed[int](errors.New("no connection")).
		Catch(func(ctx context.Context, err error) (int, error) { return -1, nil })
	fmt.Println(f.Await(ctx))
	// Output: -1 <nil>
}

func ExampleFuture_Finally() {
	f := future.Failed[int](errors.New("no connection")).
		Finally(func() { fmt.Println("closed") })
	_, err := f.Await(context.Background())
	fmt.Println(err)
	// Output:
	// closed
	// no connection
}

// The three outcomes, as errors.Is tells them apart.
func ExampleFuture_Cancel() {
	ctx := context.Background()
	shutdown := errors.New("shutting down")
	f := future.Go(ctx, func(ctx context.Context) (int, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	})
	f.Cancel(shutdown)
	_, err := f.Await(ctx)
	fmt.Println(errors.Is(err, future.ErrCanceled), errors.Is(err, shutdown))
	// Output: true true
}

// To stop waiting is not to cancel.
func ExampleFuture_Await() {
	p := future.NewPromise[int]()
	impatient, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := p.Future().Await(impatient)
	fmt.Println(errors.Is(err, future.ErrStoppedWaiting), errors.Is(err, future.ErrCanceled))

	p.Resolve(42)
	fmt.Println(p.Future().Await(context.Background()))
	// Output:
	// true false
	// 42 <nil>
}

func ExampleFuture_Poll() {
	p := future.NewPromise[int]()
	_, settled := p.Future().Poll()
	fmt.Println(settled)
	p.Resolve(42)
	r, settled := p.Future().Poll()
	fmt.Println(r.Value, r.Err, settled)
	// Output:
	// false
	// 42 <nil> true
}

func ExampleAll() {
	ctx := context.Background()
	fs := []*future.Future[int]{future.Resolved(1), future.Failed[int](errors.New("disk full")), future.Resolved(3)}
	_, err := future.All(fs...).Await(ctx)
	fmt.Println(err)
	// Output: future: input 1: disk full
}

func ExampleDo() {
	save := func(ctx context.Context, name string) error { return nil }
	f := future.Then(future.Resolved("ada"), future.Do(save))
	fmt.Println(f.Await(context.Background()))
	// Output: ada <nil>
}

func ExampleVoid() {
	ping := func(ctx context.Context) error { return nil }
	_, err := future.Go(context.Background(), future.Void(ping)).Await(context.Background())
	fmt.Println(err)
	// Output: <nil>
}
