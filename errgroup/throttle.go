package errgroup

import "context"

// Throttle has every call wait for l before it starts, such as a limiter of
// package ratelimit. l is asked last, when the call has its place at the limit,
// so what it paces is the starts.
//
// Go waits for l, on the goroutine of its caller, with a context that ends when
// the caller's or the scope's does. TryGo waits for it too: it refuses only
// what finds no room at the limit. An error of l that is not such an end is a
// failure of the call, which then does not run.
func Throttle(l interface {
	Wait(ctx context.Context) error
}) Option {
	if l == nil {
		panic("errgroup: Throttle needs a limiter, got nil: leave the option out to start calls at once")
	}
	return option{"Throttle", throttles, func(c *config) { c.throttle = l }}
}
