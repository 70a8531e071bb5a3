package ratelimit

import (
	"math"
	"math/big"
	"sync/atomic"
	"time"
)

const (
	fresh    = math.MinInt64 // a word: nothing was ever taken
	frozen   = math.MaxInt64 // a word: this bucket was replaced
	farthest = 1 << 62       // no word but frozen lies beyond it
)

// A bucket is one rate with one burst. It never changes, but for its word;
// setting another rate or burst replaces the bucket.
type bucket struct {
	// word is the state: how much has been taken, on the scale of supply.at.
	// The bucket holds supply.at(now) - word units, at most size, and is in
	// debt to those who wait or have reserved if that is negative.
	//
	//	fresh   -> word             the first take
	//	word    -> greater          take: from a full bucket, first up to what
	//	                            overflowed, then by the cost
	//	word    -> smaller          give back, under Limiter.mu
	//	any     -> frozen           replaced, under Limiter.mu; for good
	//
	// All of them are one atomic operation, so a taker needs no lock; one that
	// meets frozen looks up the bucket that came after.
	word atomic.Int64
	_    [56]byte // takers on other processors read the rest before they need the word
	supply
	size  int64     // units of a full bucket
	epoch time.Time // where supply starts; fixed for good, monotonic if it can be
	burst int
	limit Limit // Inf: word and supply mean nothing

	// shifted says that the scale carries on that of another rate, and so is
	// off by a part of a unit. Once the bucket is full, one that is not takes
	// its place, else that part would be let through, or lost.
	shifted bool

	// See total.go; they never change, nor do the big.Ints.
	base *big.Int // the total where the scale begins
	come *big.Int // what had been supplied at the epoch: base, if not shifted
	era  int      // how often the limit has changed to Inf or from it
}

var zero = new(big.Int)

func newBucket(r Limit, burst int, room int64, epoch time.Time) *bucket {
	b := &bucket{epoch: epoch, burst: burst, limit: r, base: zero, come: zero}
	b.word.Store(fresh)
	if r == Inf {
		b.last = -1 // no time is in range: takers go the slow way
		return b
	}
	b.supply = newSupply(r, max(room, int64(burst)))
	b.size = b.cost(burst)
	return b
}

type outcome uint8

const (
	refused   outcome = iota
	taken             // the tokens are the caller's
	elsewhere         // not to be told here: ask the current bucket, under the lock
)

// take takes n tokens that are there now, or nothing.
func (b *bucket) take(now int64, n int) outcome {
	if now > b.last || now < -b.last {
		return elsewhere
	}
	if uint(n) > uint(b.burst) {
		return refused // negative n too
	}
	in, cost := b.at(now), b.cost(n)
	for {
		word := b.word.Load()
		if word > in-cost {
			if word == frozen {
				return elsewhere
			}
			return refused
		}
		if b.shifted && word <= in-b.size {
			return elsewhere
		}
		if b.word.CompareAndSwap(word, max(word, in-b.size)+cost) {
			return taken
		}
	}
}

// book takes n tokens that are there now or will come, for n of 0 to burst.
// may is asked whether to wait that long. It returns where on the scale the
// tokens end, and how long until they are there.
func (b *bucket) book(now int64, n int, may func(time.Duration) bool) (end int64, delay time.Duration, how outcome) {
	in, cost := b.at(now), b.cost(n)
	for {
		word := b.word.Load()
		if word == frozen || b.shifted && word <= in-b.size {
			return 0, 0, elsewhere
		}
		end := max(word, in-b.size) + cost
		delay := b.delay(now, in, end)
		if end > farthest || delay > 0 && !may(delay) {
			return end, delay, refused
		}
		if b.word.CompareAndSwap(word, end) {
			return end, delay, taken
		}
	}
}

// delay returns how long after now the units up to end are there.
func (b *bucket) delay(now, in, end int64) time.Duration {
	if end <= in {
		return 0
	}
	when := b.when(end)
	if when == math.MaxInt64 {
		return InfDuration
	}
	if d := when - now; d > 0 {
		return time.Duration(d)
	}
	return InfDuration // the difference wrapped around
}

// giveBack undoes a booking of units that ended at end, as far as nobody
// booked after it: those times are promised. Under Limiter.mu, so the bucket
// is not replaced meanwhile.
func (b *bucket) giveBack(end, units int64) {
	for {
		word := b.word.Load()
		back := units - max(word-end, 0)
		if word == fresh || back <= 0 || b.word.CompareAndSwap(word, word-back) {
			return
		}
	}
}

// overflows reports whether as much has come in at t as the bucket holds, or
// more.
func (b *bucket) overflows(t time.Time) bool {
	return b.word.Load() <= b.at(b.clock(t))-b.size
}

// covers reports whether supply speaks for t; never if the limit is Inf.
func (b *bucket) covers(t time.Time) bool {
	now := int64(t.Sub(b.epoch))
	return -b.last <= now && now <= b.last
}

// clock returns t on the scale of the bucket, kept within what supply can say.
func (b *bucket) clock(t time.Time) int64 {
	return min(max(int64(t.Sub(b.epoch)), -b.last), b.last)
}

// held returns how many tokens there are at t.
func (b *bucket) held(t time.Time) float64 {
	in := b.at(b.clock(t))
	return b.tokens(in - max(b.word.Load(), in-b.size))
}
