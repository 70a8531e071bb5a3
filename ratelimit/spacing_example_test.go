package ratelimit_test

import (
	"context"
	"fmt"
	"time"

	"github.com/thence-go/thence/ratelimit"
)

// One event every ten milliseconds, however fast they come.
func ExamplePacer() {
	p := ratelimit.NewPacer(10*time.Millisecond, 0)
	start := time.Now()
	for range 4 {
		if err := p.Wait(context.Background()); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println("evenly spaced:", time.Since(start) >= 30*time.Millisecond)
	// Output: evenly spaced: true
}

func ExamplePacer_SetEvery() {
	p := ratelimit.NewPacer(time.Hour, 0)
	_ = p.Wait(context.Background())
	go p.SetEvery(time.Millisecond) // whoever waits then has new times, too
	fmt.Println(p.Wait(context.Background()))
	// Output: <nil>
}

// A quota of three in any hour.
func ExampleSlidingWindow_Take() {
	w := ratelimit.NewSlidingWindow(3, time.Hour)
	fmt.Println(w.Take(2).Remaining, "left")

	d := w.Take(2)
	fmt.Println(d.OK, d.Reason, "- try again in", d.RetryAfter.Round(time.Minute))
	// Output:
	// 1 left
	// false used up for now - try again in 1h0m0s
}

func ExampleSlidingWindow_Give() {
	w := ratelimit.NewSlidingWindow(1, time.Hour)
	fmt.Println(w.Allow(), w.Allow())
	w.Give(1) // it did not happen after all
	fmt.Println(w.Allow())
	// Output:
	// true false
	// true
}

func ExampleSlidingWindow_Wait() {
	w := ratelimit.NewSlidingWindow(2, 10*time.Millisecond)
	start := time.Now()
	for range 3 {
		_ = w.Wait(context.Background())
	}
	fmt.Println(time.Since(start) >= 10*time.Millisecond)
	// Output: true
}

// From one event every thirty milliseconds to one every ten, in a second of use.
func ExampleWarmUp() {
	w := ratelimit.NewWarmUp(100, time.Second, 3)
	fmt.Printf("%.1f a second\n", w.Limit())

	start := time.Now()
	for range 3 {
		_ = w.Wait(context.Background())
	}
	fmt.Println("slow at first:", time.Since(start) >= 50*time.Millisecond)
	fmt.Println("and faster now:", w.Limit() > 100.0/3)
	// Output:
	// 33.3 a second
	// slow at first: true
	// and faster now: true
}

// A client that finds out how much its server bears.
func ExampleAdaptive() {
	a := ratelimit.NewAdaptive(ratelimit.AdaptiveConfig{Min: 2, Max: 100})
	call := func(ctx context.Context) error {
		release, err := a.Acquire(ctx)
		if err != nil {
			return err
		}
		defer release(ratelimit.Ignore) // unless it is released before
		// ... the call: if it times out, release(ratelimit.Dropped)
		release(ratelimit.Success)
		return nil
	}
	fmt.Println(call(context.Background()), a.InFlight(), a.Limit())
	// Output: <nil> 0 2
}

func ExampleAdaptive_TryAcquire() {
	a := ratelimit.NewAdaptive(ratelimit.AdaptiveConfig{Min: 1, Max: 100})
	release, ok := a.TryAcquire()
	fmt.Println(ok)
	_, second := a.TryAcquire()
	fmt.Println(second)
	release(ratelimit.Success)
	// Output:
	// true
	// false
}
