package ratelimittest

import (
	"context"
	"time"

	"github.com/thence-go/thence/ratelimit"
)

// Adapter is how the rules reach a limiter, and what it promises. New, Burst
// and Most are needed.
type Adapter struct {
	// New makes a limiter that nobody has used: a [ratelimit.Taker], one with
	// Take alone, a [Waiter], or several of these. It is called once or more in
	// each rule, in the rule's bubble.
	New func() any

	// Burst is how many events a new limiter lets through at once: 1 to 1000.
	Burst int

	// Most is how many events, at most, a limiter lets through in a stretch of
	// time of length d that includes both its ends: all those of a moment if d
	// is 0.
	Most func(d time.Duration) int

	// NoPlaces: those who wait hold no tokens in advance, so that a Take may go
	// before them, and nobody behind them knows how long it will take.
	NoPlaces bool
}

// Waiter is a limiter that one can wait for.
type Waiter interface {
	// Wait waits until one event may happen, or returns an error.
	Wait(ctx context.Context) error
}

// Bucket is the promise of a token bucket that holds burst tokens and gains one
// in each interval, as ratelimit.NewLimiter(ratelimit.Every(interval), burst).
func Bucket(interval time.Duration, burst int) func(time.Duration) int {
	return func(d time.Duration) int { return burst + capped(d/interval) }
}

// Window is the promise that no window of length per has more than n events.
func Window(n int, per time.Duration) func(time.Duration) int {
	return func(d time.Duration) int { return capped((min(d/per, 1<<30) + 1) * time.Duration(n)) }
}

// capped keeps what is counted far from where an int ends.
func capped(n time.Duration) int { return int(min(n, 1<<30)) }

// taker and giver are the halves of a ratelimit.Taker.
type (
	taker interface {
		Take(n int) ratelimit.Decision
	}
	giver interface{ Give(n int) }
)
