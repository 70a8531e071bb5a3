// Package ratelimittest is a conformance suite for limiters: numbered rules
// that say what a limiter does when it grants and when it refuses, which those
// of package ratelimit keep, and which yours can be run against. Only tests
// import it.
//
//	func TestMyLimiter(t *testing.T) {
//		ratelimittest.Conform(t, ratelimittest.Adapter{
//			New:   func() any { return mine.New(10, time.Second) },
//			Burst: 10,
//			Most:  ratelimittest.Window(10, time.Second),
//		})
//	}
//
// # What does my limiter have to have?
//
// One of two methods, or both: Take(n) of a [ratelimit.Taker] and Wait of a
// [Waiter]. Rules that need what it does not have, Give for example, are
// skipped as not offered: that is no failure.
//
// # Which rules are there?
//
// [Rules] lists them, each with a number that stays, what it demands and why:
//
//	1  Take        4  Take and Wait
//	2  Give        5  bubbles and leaks
//	3  Wait
//
// They are exact: "when RetryAfter is over" is that nanosecond. What a limiter
// promises over all is in the adapter: see [Bucket] and [Window].
//
// # How are the rules run?
//
// Each in a testing/synctest bubble of its own, which [Conform] makes, so that
// nothing sleeps for real, and what hangs is found at once and fails that rule
// alone. What blocks where synctest cannot see it, on a mutex for example,
// counts as hung after ten seconds of real time. Limiters that have a clock of
// their own, or start a goroutine in New, fail. Run it with -race as well.
//
// [Survey] is for limiters that are known to break rules: it says what came of
// each, and fails nothing.
package ratelimittest
