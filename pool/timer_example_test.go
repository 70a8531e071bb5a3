package pool_test

import (
	"context"
	"fmt"
	"time"

	"github.com/thence-go/thence/pool"
)

func ExamplePool_After() {
	ctx := context.Background()
	p := pool.New(2)
	t := p.After(ctx, time.Millisecond, func(ctx context.Context) { fmt.Println("later") })
	never := p.After(ctx, time.Hour, func(ctx context.Context) { fmt.Println("never") })
	fmt.Println("now")
	<-t.Done()
	fmt.Println(t.Stop(), never.Stop())
	_ = p.Shutdown(ctx)
	// Output:
	// now
	// later
	// false true
}

// A timer ends with its ctx.
func ExamplePool_Every() {
	p := pool.New(2)
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	t := p.Every(ctx, pool.Every(time.Millisecond), pool.SkipRun, func(ctx context.Context) {
		n++
		fmt.Println("run", n)
		if n == 3 {
			cancel()
		}
	})
	<-t.Done() // and its last run has returned
	_ = p.Shutdown(context.Background())
	// Output:
	// run 1
	// run 2
	// run 3
}

func ExampleTimer_Stop() {
	ctx := context.Background()
	p := pool.New(1)
	t := p.Every(ctx, pool.Every(time.Hour), pool.QueueOne, func(ctx context.Context) {})
	fmt.Println(t.Stop(), t.Stop())
	<-t.Done()
	_ = p.Shutdown(ctx)
	// Output: true false
}

func ExampleEvery() {
	t := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	fmt.Println(pool.Every(90 * time.Minute).Next(t).Format(time.TimeOnly))
	// Output: 13:30:00
}
