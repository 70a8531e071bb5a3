package ratelimit

import (
	"math"
	"time"
)

// Take takes n tokens if they are there now, and says what is left; or it takes
// none, and says why and when to try again. It never blocks. [Limiter.Allow] is
// cheaper where yes or no is enough.
//
// If others wait or have reserved, what comes in is theirs first: then nothing
// remains, and RetryAfter is when their turn and this one's would be over.
func (l *Limiter) Take(n int) Decision {
	l.seize()
	d := l.look(time.Now(), n)
	l.letGo(n, d.OK)
	return d
}

// refuse returns the refusal of a request at t.
func (b *bucket) refuse(why Reason, t time.Time, delay time.Duration) Decision {
	d := Decision{Reason: why, RetryAfter: delay, Limit: b.burst, Remaining: math.MaxInt}
	if b.limit == Inf {
		d.Limit = math.MaxInt
		return d
	}
	in := b.at(b.clock(t))
	word := min(b.word.Load(), farthest) // it may be frozen by now
	d.Remaining = b.whole(in - max(word, in-b.size))
	return d
}

// whole returns how many whole tokens the units are, none if they are owed.
func (b *bucket) whole(units int64) int { return int(max(units, 0) / b.token) }
