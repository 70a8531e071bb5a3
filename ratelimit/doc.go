// Package ratelimit bounds how often things happen.
//
// [Limiter] is a token bucket with the names and meanings of
// golang.org/x/time/rate, so that code moves over by its import:
//
//	import rate "github.com/thence-go/thence/ratelimit"
//
// # Which one do I need?
//
//   - [Limiter], if a rate is to hold and a burst does no harm: most callers.
//   - [Keyed], for a Limiter a user, a tenant or an address: any number of
//     keys in bounded memory.
//   - [Chain], if several limits have to let an event through, as so many a
//     second and so many an hour.
//   - [Pacer], if events are to be spaced evenly, with no burst.
//   - [SlidingWindow], if no window of time may have more than n: the quota of
//     an interface that counts them.
//   - [WarmUp], if what is called is slow when it is cold.
//   - [Concurrency], if it is not how often that matters but how much at once.
//   - [Adaptive], if nobody knows how much what is called bears: it bounds how
//     many calls are in flight, and follows their latency.
//
// # Which method do I need?
//
//   - [Limiter.Wait], if the event has to happen, if later.
//   - [Limiter.Allow], if it may be dropped.
//   - [Limiter.Take], if a refusal is to be told to somebody: when to try again,
//     and what is left.
//   - [Limiter.Reserve], if you do your own waiting.
//   - [Limiter.Give], if the event of a Take did not happen.
//
// # Does it block?
//
// Only Wait, WaitN, Acquire and Hold do. All others return at once; Allow and
// Reserve of a Limiter are one atomic operation on one word, and Allow
// allocates nothing.
//
// # Is it ordered?
//
// Those who wait are served first come, first served. Each has taken its place
// ahead of time, so neither an Allow nor a Wait for less overtakes one. There
// is no limit to how many wait; bound that where they come from.
//
// # What happens on cancel?
//
// A Wait whose context ends has taken nothing: those behind it move up at once
// into its place. It returns a [*WaitError], which matches the context's error
// and its cause. A Wait whose context would end before the tokens come does
// not even begin: it returns a [*LimitError] that matches
// context.DeadlineExceeded and says when to try again. A Wait whose context has
// ended before the call is refused, even if a token is there.
//
// The WaitError is this package's own, which imports no other one: it does not
// match future.ErrStoppedWaiting. Ask for it with errors.As.
//
// # What happens when the limit changes?
//
// [Limiter.SetLimit] and [Limiter.SetBurst] hold for those who are asleep,
// too: they are given new times. A limit of 0 is a pause. A limit of [Inf]
// forgets what is owed: whoever sleeps goes at once, and when another limit
// comes back, the bucket is full.
//
// # How exact is it?
//
// To the nanosecond, in integers, for any length of time: no event is let
// through a nanosecond early or late, and rounding does not add up, however
// often the limit changes. (A bucket that takes decades to fill is exact to a
// few nanoseconds, one of billions of tokens to a part of a token.)
//
// This holds for all rates of which some tokens, 128 at most, come in a whole
// number of nanoseconds, as 10, 3 or 1e9 a second and Every(d) for any d of up to
// ten days, after which a Limit, being a float, knows d to a part in 2^51. Of
// others, such as 999983 a second, a bucket that was full is known to 1/64 of a
// nanosecond at its rate. That is less than a nanosecond, unless the limit is
// then made more than 64 times slower.
//
// Callers whose timestamps arrive out of order get no more than the burst and
// the rate allow for the time between them.
//
// # What is different from x/time/rate?
//
//   - Exact if timestamps arrive out of order, where x/time/rate hands out the
//     time between them again and again.
//   - Someone who gives up makes room for those who wait behind.
//   - SetLimit reaches those who sleep; SetBurst refuses those who want more.
//   - Errors can be matched: [ErrLimit], [*LimitError], [*WaitError], and
//     through them context.Canceled, context.DeadlineExceeded and the cause.
//   - A reservation that is canceled in the very nanosecond in which it is due
//     gives its tokens back; x/time/rate, whose floats may put it a nanosecond
//     earlier, may then keep them.
//   - At a limit of 0, Reserve is not OK without a token, and Wait waits for
//     another limit.
//   - A negative or NaN rate, and a negative burst, panic; a negative n is
//     refused.
//   - There is no Sometimes.
//
// # Can it be tested?
//
// Inside testing/synctest all of it runs in virtual time, exactly. Package
// ratelimittest has the rules that a limiter keeps, for yours, too.
//
// # And over HTTP?
//
// Package ratehttp has a middleware for servers and a transport for clients.
package ratelimit
