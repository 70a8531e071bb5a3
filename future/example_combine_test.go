package future_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/thence-go/thence/future"
)

// Calls with a time limit and a fallback each.
func Example_fanOut() {
	ctx := context.Background()
	price := func(shop string) func(context.Context) (int, error) {
		return func(ctx context.Context) (int, error) {
			if shop == "down" {
				return 0, errors.New("no connection")
			}
			return 40, nil
		}
	}

	var prices []*future.Future[int]
	for _, shop := range []string{"good", "down"} {
		prices = append(prices, future.Go(ctx, price(shop)).
			Timeout(3*time.Second).
			WithFallback(-1))
	}
	fmt.Println(future.All(prices...).Await(ctx))
	// Output: [40 -1] <nil>
}

func ExampleAllSettled() {
	ctx := context.Background()
	results, _ := future.AllSettled(
		future.Resolved("a"),
		future.Failed[string](errors.New("disk full")),
	).Await(ctx)
	for _, r := range results {
		fmt.Println(r.Value, r.Err)
	}
	// Output:
	// a <nil>
	//  disk full
}

func ExampleAny() {
	ctx := context.Background()
	mirror := future.Go(ctx, func(ctx context.Context) (string, error) {
		<-ctx.Done() // never answers
		return "", ctx.Err()
	})
	first := future.Any(mirror, future.Failed[string](errors.New("down")), future.Resolved("main"))
	fmt.Println(first.Await(ctx))

	_, err := mirror.Await(ctx)
	fmt.Println(errors.Is(err, future.ErrCanceled), errors.Is(err, future.ErrNotNeeded))
	// Output:
	// main <nil>
	// true true
}

func ExampleRace() {
	ctx := context.Background()
	answer := future.NewPromise[string]()
	_, err := future.Race(answer.Future(), future.Failed[string](errors.New("line cut"))).Await(ctx)
	fmt.Println(err)
	// Output: future: input 1: line cut
}

func ExampleQuorum() {
	ctx := context.Background()
	third := future.NewPromise[int]()
	results, err := future.Quorum(2, future.Resolved(7), future.Resolved(7), third.Future()).Await(ctx)
	fmt.Println(len(results), err)
	fmt.Println(errors.Is(results[2].Err, future.ErrStoppedWaiting))
	// Output:
	// 3 <nil>
	// true
}

func ExampleJoin2() {
	ctx := context.Background()
	name := future.Resolved("ada")
	age := future.Resolved(36)
	f := future.Join2(name, age, func(ctx context.Context, name string, age int) (string, error) {
		return fmt.Sprintf("%s is %d", name, age), nil
	})
	fmt.Println(f.Await(ctx))
	// Output: ada is 36 <nil>
}

func ExampleJoin3() {
	sum := func(ctx context.Context, a, b, c int) (int, error) { return a + b + c, nil }
	f := future.Join3(future.Resolved(1), future.Resolved(2), future.Resolved(3), sum)
	fmt.Println(f.Await(context.Background()))
	// Output: 6 <nil>
}

func ExampleJoin4() {
	sum := func(ctx context.Context, a, b, c, d int) (int, error) { return a + b + c + d, nil }
	one := future.Resolved(1)
	fmt.Println(future.Join4(one, one, one, one, sum).Await(context.Background()))
	// Output: 4 <nil>
}

func ExampleJoin5() {
	sum := func(ctx context.Context, a, b, c, d, e int) (int, error) { return a + b + c + d + e, nil }
	one := future.Resolved(1)
	fmt.Println(future.Join5(one, one, one, one, one, sum).Await(context.Background()))
	// Output: 5 <nil>
}

// The rest is canceled once a good answer has come.
func ExampleAsCompleted() {
	ctx := context.Background()
	slow := future.NewPromise[int]()
	for i, r := range future.AsCompleted(ctx, slow.Future(), future.Resolved(120), future.Resolved(90)) {
		fmt.Println(i, r.Value, r.Err)
		if r.Value < 100 {
			break
		}
	}
	fmt.Println(slow.Resolve(80))
	// Output:
	// 1 120 <nil>
	// 2 90 <nil>
	// false
}
