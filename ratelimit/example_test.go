package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/thence-go/thence/ratelimit"
)

// Ten events a second, and up to three at once.
func Example() {
	l := ratelimit.NewLimiter(10, 3)
	for i := range 5 {
		if l.Allow() {
			fmt.Println("event", i)
		} else {
			fmt.Println("event", i, "dropped")
		}
	}
	// Output:
	// event 0
	// event 1
	// event 2
	// event 3 dropped
	// event 4 dropped
}

func ExampleLimiter_Allow() {
	l := ratelimit.NewLimiter(ratelimit.Every(time.Hour), 1)
	fmt.Println(l.Allow(), l.Allow())
	// Output: true false
}

func ExampleLimiter_Wait() {
	l := ratelimit.NewLimiter(ratelimit.Every(10*time.Millisecond), 1)
	start := time.Now()
	for range 3 {
		if err := l.Wait(context.Background()); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println("evenly spaced:", time.Since(start) >= 20*time.Millisecond)
	// Output: evenly spaced: true
}

// Waiting does not begin if the context would end before it does.
func ExampleLimiter_Wait_deadline() {
	l := ratelimit.NewLimiter(ratelimit.Every(time.Hour), 1)
	l.Allow()

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := l.Wait(ctx)

	var refused *ratelimit.LimitError
	if errors.As(err, &refused) {
		fmt.Println(refused.Reason, "- try again in", refused.RetryAfter().Round(time.Minute))
	}
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	// Output:
	// past the deadline - try again in 1h0m0s
	// true
}

func ExampleLimiter_Reserve() {
	l := ratelimit.NewLimiter(ratelimit.Every(time.Hour), 1)
	now := time.Now()
	for range 3 {
		r := l.ReserveN(now, 1)
		fmt.Println("act in", r.DelayFrom(now))
	}
	// Output:
	// act in 0s
	// act in 1h0m0s
	// act in 2h0m0s
}

func ExampleLimiter_SetLimit() {
	l := ratelimit.NewLimiter(0, 1) // on hold once the token is spent
	l.Allow()
	go l.SetLimit(1000)
	fmt.Println(l.Wait(context.Background()))
	// Output: <nil>
}

func ExampleEvery() {
	fmt.Println(ratelimit.Every(100*time.Millisecond), ratelimit.Every(0) == ratelimit.Inf)
	// Output: 10 true
}

// A refusal says when to try again.
func ExampleLimiter_Take() {
	l := ratelimit.NewLimiter(ratelimit.Every(time.Minute), 3)
	fmt.Println(l.Take(2).Remaining, "left")

	d := l.Take(2)
	fmt.Println(d.OK, d.Reason, "- try again in", d.RetryAfter.Round(time.Minute))
	// Output:
	// 1 left
	// false used up for now - try again in 1m0s
}

// What was taken for an event that did not happen is given back.
func ExampleLimiter_Give() {
	l := ratelimit.NewLimiter(ratelimit.Every(time.Hour), 1)
	send := func() error { return errors.New("not connected") }
	if l.Take(1).OK && send() != nil {
		l.Give(1)
	}
	fmt.Println(l.Take(1).OK)
	// Output: true
}
