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
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		t := time.Now()
		b := l.bucketAtLocked(t)
		switch {
		case n < 0, n > b.burst && b.limit != Inf:
			return b.refuse(OverBurst, t, InfDuration)
		case b.limit == Inf:
			return Decision{OK: true, Limit: math.MaxInt, Remaining: math.MaxInt}
		}
		now := b.clock(t)
		end, delay, how := b.book(now, n, func(time.Duration) bool { return false })
		switch how {
		case taken:
			l.noteLocked(b, n, end)
			return Decision{OK: true, Limit: b.burst, Remaining: b.whole(b.at(now) - end)}
		case refused:
			return b.refuse(Exhausted, t, delay)
		}
	}
}

// noteLocked remembers for Give that n tokens were taken, which left word. The
// time is read anew: somebody may have taken some since the last one.
func (l *Limiter) noteLocked(b *bucket, n int, word int64) {
	if n > 0 {
		l.recent.take(b.cost(n), word, b.at(b.clock(time.Now())), b.size)
	}
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
