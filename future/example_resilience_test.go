package future_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/thence-go/thence/future"
)

// Retry makes a function of a function, so it goes wherever that one went.
func ExampleRetry() {
	n := 0
	flaky := func(ctx context.Context) (string, error) {
		if n++; n < 3 {
			return "", errors.New("connection refused")
		}
		return "pong", nil
	}

	ping := future.Retry(future.RetryPolicy{Attempts: 5, Base: time.Millisecond}, flaky)
	fmt.Println(future.Go(context.Background(), ping).Await(context.Background()))
	fmt.Println(n, "attempts")
	// Output:
	// pong <nil>
	// 3 attempts
}

// How often it was tried is in the error, and so is what went wrong.
func ExampleRetryError() {
	errRefused := errors.New("connection refused")
	ping := future.Retry(future.RetryPolicy{Attempts: 2, Base: time.Millisecond},
		func(context.Context) (int, error) { return 0, errRefused })

	_, err := ping(context.Background())
	var failed *future.RetryError
	if errors.As(err, &failed) {
		fmt.Println(failed.Attempts, errors.Is(err, errRefused))
	}
	// Output: 2 true
}

func ExamplePermanent() {
	errNotFound := errors.New("not found")
	n := 0
	get := future.Retry(future.RetryPolicy{Attempts: 5}, func(context.Context) (int, error) {
		n++
		return 0, future.Permanent(errNotFound)
	})

	_, err := get(context.Background())
	fmt.Println(n, errors.Is(err, errNotFound))
	// Output: 1 true
}

// The server says when to come back.
func ExampleRetryAfter() {
	start, n := time.Now(), 0
	get := future.Retry(future.RetryPolicy{}, func(context.Context) (int, error) {
		if n++; n == 1 {
			return 0, future.RetryAfter(200*time.Millisecond, errors.New("429 Too Many Requests"))
		}
		return 42, nil
	})

	fmt.Println(get(context.Background()))
	fmt.Println(time.Since(start) >= 200*time.Millisecond)
	// Output:
	// 42 <nil>
	// true
}

// One budget for all calls of a service: when it is down, retries cease.
func ExampleNewBudget() {
	budget := future.NewBudget(0.2, 0) // one retry for five successes
	down := true
	get := future.Retry(future.RetryPolicy{Base: time.Millisecond, Budget: budget}, func(context.Context) (string, error) {
		if down {
			return "", errors.New("503 Service Unavailable")
		}
		return "ok", nil
	})

	_, err := get(context.Background())
	fmt.Println(errors.Is(err, future.ErrBudget))

	down = false
	for range 5 {
		_, _ = get(context.Background())
	}
	down = true
	_, err = get(context.Background())
	var failed *future.RetryError
	fmt.Println(errors.As(err, &failed), failed.Attempts)
	// Output:
	// true
	// true 2
}

// The second attempt starts beside the first, and ends it.
func ExampleHedge() {
	attempts := make(chan int, 2)
	attempts <- 1
	attempts <- 2
	read := future.Hedge(future.HedgePolicy{Delay: 5 * time.Millisecond}, func(ctx context.Context) (string, error) {
		n := <-attempts
		if n == 1 { // this replica hangs
			<-ctx.Done()
			return "", ctx.Err()
		}
		return fmt.Sprint("answer of attempt ", n), nil
	})

	fmt.Println(read(context.Background()))
	// Output: answer of attempt 2 <nil>
}
