package ratelimit

import (
	"time"
)

// SetLimit changes the rate, from now on. The tokens that are there stay, and
// so do the debts; those who sleep in Wait are given new times, and so wake
// earlier or later. A [Reservation] keeps the time that it was given. A limit
// of 0 puts those who sleep on hold until another one is set.
//
// A limit of [Inf] forgets the debts: those who sleep go at once, reservations
// made before have nothing to give back, and when another limit is set, the
// bucket is full.
func (l *Limiter) SetLimit(limit Limit) { l.SetLimitAt(time.Now(), limit) }

// SetLimitAt is SetLimit as of t.
func (l *Limiter) SetLimitAt(t time.Time, limit Limit) {
	limit = limit.checked("SetLimit")
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucketAtLocked(t)
	l.replaceLocked(b, t, limit, b.burst)
	l.tendLocked()
}

// SetBurst changes how many tokens the bucket holds, from now on. Tokens
// beyond a smaller burst are gone; a greater one fills in time. Whoever sleeps
// in WaitN for more than the new burst is refused at once, and those behind
// move up.
func (l *Limiter) SetBurst(burst int) { l.SetBurstAt(time.Now(), burst) }

// SetBurstAt is SetBurst as of t.
func (l *Limiter) SetBurstAt(t time.Time, burst int) {
	checkedBurst("SetBurst", burst)
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucketAtLocked(t)
	for _, w := range l.line.over(burst) {
		l.freeLocked(b, l.line.remove(w, b))
		d := b.refuse(OverBurst, t, InfDuration)
		d.Limit, d.Remaining = burst, min(burst, d.Remaining)
		w.settle(refusal(d, w.n, 0))
	}
	l.replaceLocked(b, t, b.limit, burst)
	l.tendLocked()
}

// replaceLocked puts a new bucket in the place of b, as of t: the same tokens,
// no more than the smaller of the two holds, and the same line of waiters at
// their new places.
func (l *Limiter) replaceLocked(b *bucket, t time.Time, limit Limit, burst int) {
	word := b.word.Swap(frozen) // takers now come to the lock
	l.recent = recent{}
	epoch := b.epochAt(t, word)
	if limit == Inf || b.limit == Inf {
		next := newBucket(limit, burst, 0, epoch)
		next.era = b.era + 1
		l.bucket.Store(next)
		return
	}
	now := b.clock(t)
	in := b.at(now)
	full := in - b.cost(min(burst, b.burst))

	// The new scale must have room for what is owed, too.
	owed := max(max(word, full)-in, 0)/b.token + 1
	next := newBucket(limit, burst, owed, epoch)
	next.era = b.era
	next.come = b.supplied(now)
	next.base = next.come
	switch {
	case word == fresh && burst <= b.burst:
	case word <= full:
		next.word.Store(-next.cost(min(burst, b.burst)))
		l.line.move(b, next) // t may lie ahead of those who sleep
	default:
		next.startAt(b.total(word))
		l.line.move(b, next)
	}
	l.bucket.Store(next)
}

// epochAt returns t as the epoch of the bucket after b: monotonic if that of b
// is, and no earlier than where a b that was used could go back to.
func (b *bucket) epochAt(t time.Time, word int64) time.Time {
	first := b.epoch.Add(time.Duration(-b.last))
	if b.limit != Inf && word != fresh && t.Before(first) {
		return first
	}
	if same := b.epoch.Add(t.Sub(b.epoch)); same.Equal(t) {
		return same
	}
	return t // further away than a Duration reaches
}
