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

// Three at once; whoever wants two waits until two are free.
func ExampleConcurrency() {
	c := ratelimit.NewConcurrency(3)
	fmt.Println(c.TryAcquire(2), c.TryAcquire(2))

	go c.Release(2)
	if err := c.Acquire(context.Background(), 2); err != nil {
		fmt.Println(err)
	}
	fmt.Println("in")
	// Output:
	// true false
	// in
}

func ExampleConcurrency_Acquire() {
	c := ratelimit.NewConcurrency(3)
	if err := c.Acquire(context.Background(), 1); err != nil {
		fmt.Println(err)
		return
	}
	defer c.Release(1)
	fmt.Println("one of three")
	// Output: one of three
}

// A capacity that shrinks waits for those inside to leave.
func ExampleConcurrency_Resize() {
	c := ratelimit.NewConcurrency(2)
	c.TryAcquire(2)
	c.Resize(1)
	c.Release(1)
	fmt.Println(c.TryAcquire(1))
	c.Release(1)
	fmt.Println(c.TryAcquire(1))
	// Output:
	// false
	// true
}

// A lease tells who is inside.
func ExampleConcurrency_Hold() {
	c := ratelimit.NewConcurrency(3)
	lease, err := c.Hold(context.Background(), "nightly backup", 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer lease.Release()
	for _, h := range c.Holders() {
		fmt.Println(h.Name, "holds", h.N)
	}
	// Output: nightly backup holds 2
}

func ExampleConcurrency_TryAcquire() {
	c := ratelimit.NewConcurrency(1)
	fmt.Println(c.TryAcquire(1), c.TryAcquire(1))
	// Output: true false
}

func ExampleConcurrency_Release() {
	c := ratelimit.NewConcurrency(1)
	c.TryAcquire(1)
	c.Release(1)
	fmt.Println(c.TryAcquire(1))
	// Output: true
}

func ExampleConcurrency_Holders() {
	c := ratelimit.NewConcurrency(2)
	for _, name := range []string{"first", "second"} {
		lease, err := c.Hold(context.Background(), name, 1)
		if err != nil {
			fmt.Println(err)
			return
		}
		defer lease.Release()
	}
	for _, h := range c.Holders() {
		fmt.Println(h.Name, h.N)
	}
	// Output:
	// first 1
	// second 1
}

func ExampleLease_Release() {
	c := ratelimit.NewConcurrency(1)
	lease, err := c.Hold(context.Background(), "me", 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	lease.Release()
	lease.Release() // does nothing
	fmt.Println(len(c.Holders()), c.TryAcquire(1))
	// Output: 0 true
}

// Two requests for each user, and one more a minute.
func ExampleKeyed() {
	k := ratelimit.NewKeyed[string](ratelimit.Every(time.Minute), 2, 10_000)
	for _, user := range []string{"ann", "ann", "bob", "ann"} {
		fmt.Println(user, k.Allow(user))
	}
	// Output:
	// ann true
	// ann true
	// bob true
	// ann false
}

// Who pays gets more.
func ExampleNewKeyedFunc() {
	pays := map[string]bool{"ann": true}
	k := ratelimit.NewKeyedFunc(func(user string) (ratelimit.Limit, int) {
		if pays[user] {
			return 100, 100
		}
		return ratelimit.Every(time.Minute), 1
	}, 10_000)
	fmt.Println(k.Take("ann", 1).Remaining, k.Take("bob", 1).Remaining)
	// Output: 99 0
}

func ExampleKeyed_Allow() {
	k := ratelimit.NewKeyed[int](ratelimit.Every(time.Hour), 1, 100)
	fmt.Println(k.Allow(1), k.Allow(1), k.Allow(2))
	// Output: true false true
}

// There is room for one key, and its bucket is not full.
func ExampleKeyed_Take() {
	k := ratelimit.NewKeyed[string](ratelimit.Every(time.Hour), 1, 1)
	k.Take("ann", 1)
	d := k.Take("bob", 1)
	fmt.Println(d.OK, d.Reason, "- try again in", d.RetryAfter.Round(time.Hour))
	// Output: false too many keys - try again in 1h0m0s
}

func ExampleKeyed_Wait() {
	k := ratelimit.NewKeyed[string](ratelimit.Every(10*time.Millisecond), 1, 100)
	start := time.Now()
	for range 3 {
		if err := k.Wait(context.Background(), "ann"); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println("evenly spaced:", time.Since(start) >= 20*time.Millisecond)
	// Output: evenly spaced: true
}

func ExampleKeyed_Len() {
	k := ratelimit.NewKeyed[string](ratelimit.Every(time.Hour), 1, 100)
	k.Allow("ann")
	k.Allow("bob")
	fmt.Println(k.Len())
	// Output: 2
}

// Three at once, and five an hour.
func ExampleChain() {
	often := ratelimit.NewLimiter(ratelimit.Every(time.Minute), 3)
	long := ratelimit.NewLimiter(ratelimit.Every(time.Hour/5), 5)
	c := ratelimit.NewChain(often, long)
	for range 4 {
		fmt.Println(c.Take(1).OK)
	}
	fmt.Println("left of five:", int(long.Tokens()))
	// Output:
	// true
	// true
	// true
	// false
	// left of five: 2
}

func ExampleChain_Take() {
	c := ratelimit.NewChain(
		ratelimit.NewLimiter(ratelimit.Every(time.Minute), 2),
		ratelimit.NewLimiter(ratelimit.Every(time.Hour), 2),
	)
	c.Take(2)
	fmt.Println("try again in", c.Take(1).RetryAfter.Round(time.Hour))
	// Output: try again in 1h0m0s
}

func ExampleChain_Give() {
	c := ratelimit.NewChain(ratelimit.NewLimiter(0, 2), ratelimit.NewLimiter(0, 1))
	if c.Take(1).OK {
		c.Give(1) // it was not needed after all
	}
	fmt.Println(c.Take(1).OK)
	// Output: true
}

func ExampleChain_Wait() {
	c := ratelimit.NewChain(ratelimit.NewLimiter(1000, 1), ratelimit.NewLimiter(100, 1))
	start := time.Now()
	for range 3 {
		if err := c.Wait(context.Background()); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println("by the slower one:", time.Since(start) >= 20*time.Millisecond)
	// Output: by the slower one: true
}
