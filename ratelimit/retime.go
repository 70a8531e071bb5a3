package ratelimit

import (
	"math/bits"
	"time"
)

// SetLimit changes the rate, from now on. The tokens that are there stay, and
// so do the debts; those who sleep in Wait are given new times, and so wake
// earlier or later. A [Reservation] keeps the time that it was given. A limit
// of 0 puts those who sleep on hold until another one is set.
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
		w.settle(overBurst(w.n, burst))
	}
	l.replaceLocked(b, t, b.limit, burst)
	l.tendLocked()
}

// A move says where what stood on the scale of one bucket stands on that of
// the next, whose epoch is the moment of the move: the tokens between it and
// that moment stay the same.
type move struct {
	to    *bucket
	in    int64  // what had come in by then, on the old scale
	part  uint64 // and what was cut off, in 2^-64 units
	finer int    // the new frac less the old one
}

// place moves a place on the scale, to the nearest one. With what at rounds,
// nothing comes later for it, and nothing earlier by as much as a unit, which
// is less than a nanosecond: what was exact stays exact.
func (m *move) place(at int64) int64 {
	lo, borrow := bits.Sub64(0, m.part, 0)
	hi := at - m.in - int64(borrow)
	if m.finer >= 0 {
		most := int64(maxUnits) >> m.finer
		hi = min(max(hi, -most), most)<<m.finer | int64(lo>>(64-m.finer))
		lo <<= m.finer
	} else {
		lo = lo>>-m.finer | uint64(hi)<<(64+m.finer)
		hi >>= -m.finer
	}
	return hi + int64(lo>>63)
}

// replaceLocked puts a new bucket in the place of b, as of t: the same tokens,
// no more than the smaller of the two holds, and the same line of waiters at
// their new places.
func (l *Limiter) replaceLocked(b *bucket, t time.Time, limit Limit, burst int) *bucket {
	word := b.word.Swap(frozen) // takers now come to the lock
	now := b.clock(t)
	in := b.at(now)
	full := in - b.cost(min(burst, b.burst))

	// The new scale must have room for what is owed, too.
	owed := max(max(word, full)-in, 0)>>b.frac + 1
	next := newBucket(limit, burst, owed, b.epochAt(t, word))
	b.moved = move{to: next, in: in, part: b.part(now), finer: int(next.frac) - int(b.frac)}
	switch {
	case limit == Inf, b.limit == Inf:
	case word == fresh && burst <= b.burst:
	case word <= full:
		next.word.Store(-next.cost(min(burst, b.burst)))
		l.line.move(&b.moved) // t may lie ahead of those who sleep
	default:
		next.word.Store(b.moved.place(word))
		l.line.move(&b.moved)
	}
	l.bucket.Store(next)
	return next
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
