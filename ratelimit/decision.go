package ratelimit

import (
	"fmt"
	"math"
	"time"
)

// Decision is a limiter's answer to a request for n tokens: they are taken, or
// why they are not and when to try again. It is a plain value.
type Decision struct {
	OK     bool
	Reason Reason // of a refusal; 0 if OK

	// RetryAfter is how long until the same request would be granted, if
	// nobody else asked meanwhile: 0 if OK, InfDuration for never.
	RetryAfter time.Duration

	// Limit is the most that could ever be taken at once, and Remaining what
	// could be taken now, after this request: what a client is told in the
	// headers of a response. Both are math.MaxInt if there is no limit.
	Limit, Remaining int
}

// boundless is the answer of a limiter without a limit.
var boundless = Decision{OK: true, Limit: math.MaxInt, Remaining: math.MaxInt}

// Reason says why a limiter refused.
type Reason uint8

const (
	// OverBurst: more tokens were asked for than there ever are at once, or
	// fewer than none. Trying again does not help.
	OverBurst Reason = iota + 1

	// TooLate: the context's deadline comes before the tokens do.
	TooLate

	// TooFar: the tokens would come later than the limiter's clock runs: a year
	// at least.
	TooFar

	// Exhausted: the tokens are not there now. This is the answer to those who
	// do not wait.
	Exhausted

	// TooManyKeys: a Keyed has no room for a new key, as none of those that it
	// remembers has a full bucket.
	TooManyKeys
)

func (r Reason) String() string {
	switch r {
	case OverBurst:
		return "over the burst"
	case TooLate:
		return "past the deadline"
	case TooFar:
		return "too far in the future"
	case Exhausted:
		return "used up for now"
	case TooManyKeys:
		return "too many keys"
	}
	return fmt.Sprintf("Reason(%d)", uint8(r))
}

// Taker is what all limiters have in common that count events in time:
// [Limiter], [SlidingWindow] and [Chain] are some, and yours may be one, too.
// Package ratelimittest checks it.
type Taker interface {
	// Take takes n tokens that are there now, or none. It never blocks.
	Take(n int) Decision

	// Give gives back n tokens of a Take whose event did not happen after all.
	// It is for tokens that were taken a moment ago: a limiter may keep back
	// those that would let more through than it promises.
	Give(n int)
}
