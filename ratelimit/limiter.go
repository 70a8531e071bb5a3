package ratelimit

import (
	"sync"
	"sync/atomic"
	"time"
)

// Limiter is a token bucket: it holds up to burst tokens, is full at first and
// gains limit tokens a second. An event takes one token, or n.
//
// Most callers want [Limiter.Wait], which waits for its token; [Limiter.Allow]
// is for those who would rather drop the event, [Limiter.Reserve] for those
// who do their waiting themselves.
//
// The zero Limiter lets nothing through, until SetLimit and SetBurst say
// otherwise; use [NewLimiter]. A Limiter must not be copied after its first
// use. All methods are safe for concurrent use; none promises that what one
// caller did before its event is seen by another caller.
type Limiter struct {
	bucket atomic.Pointer[bucket] // nil in the zero Limiter; written under mu

	// mu is held for a few instructions, never while anybody waits, and no
	// foreign code runs under it. Allow and Reserve take it only while the
	// bucket is being replaced.
	mu     sync.Mutex
	line   line        // who sleeps in Wait
	timer  *time.Timer // wakes the first of the line; nil if there is none
	recent recent      // what Give may give back

	order    uint64          // see part; 0 if it is in no Chain
	seized   seized          // by a Take
	watchers []chan struct{} // Chains whose first waiter waits for this one
}

// NewLimiter returns a limiter with a full bucket of burst tokens, to which
// limit tokens are added a second. A limit of 0 leaves only the burst, for
// ever; [Inf] ignores the burst. It panics if limit or burst is negative, or
// limit not a number.
func NewLimiter(limit Limit, burst int) *Limiter {
	l := &Limiter{}
	l.bucket.Store(newBucket(limit.checked("NewLimiter"), checkedBurst("NewLimiter", burst), 0, time.Now()))
	return l
}

// Allow takes a token and reports true, or reports false if there is none now.
// It never blocks.
func (l *Limiter) Allow() bool {
	if b := l.bucket.Load(); b != nil {
		if how := b.take(int64(time.Since(b.epoch)), 1); how != elsewhere {
			return how == taken
		}
	}
	return l.allowSlow(time.Now(), 1)
}

// AllowN takes n tokens and reports true if they are there at t, else it takes
// none and reports false. It never blocks.
//
// A call is judged by its own t, in whatever order the calls arrive: in no
// stretch of their times is more let through than the burst and what came in
// meanwhile. So a t that lies ahead spends what comes in until then, and a
// late t finds only what was there at that time and is still left.
func (l *Limiter) AllowN(t time.Time, n int) bool {
	if b := l.bucket.Load(); b != nil {
		if how := b.take(int64(t.Sub(b.epoch)), n); how != elsewhere {
			return how == taken
		}
	}
	return l.allowSlow(t, n)
}

func (l *Limiter) allowSlow(t time.Time, n int) bool {
	for {
		b := l.bucketAt(t)
		if b.limit == Inf {
			return n >= 0
		}
		if how := b.take(b.clock(t), n); how != elsewhere {
			return how == taken
		}
	}
}

// Tokens returns how many tokens there are now. It is negative if those who
// wait or have reserved are owed some.
func (l *Limiter) Tokens() float64 { return l.TokensAt(time.Now()) }

// TokensAt returns how many tokens there are at t, if nobody takes any until
// then.
func (l *Limiter) TokensAt(t time.Time) float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucketLocked()
	if b.limit == Inf {
		return float64(b.burst)
	}
	return b.held(t)
}

// Limit returns the rate.
func (l *Limiter) Limit() Limit {
	if b := l.bucket.Load(); b != nil {
		return b.limit
	}
	return 0
}

// Burst returns how many tokens the bucket holds, which is also the most that
// one call can take.
func (l *Limiter) Burst() int {
	if b := l.bucket.Load(); b != nil {
		return b.burst
	}
	return 0
}

// bucketLocked returns the bucket, and makes the one of the zero Limiter.
func (l *Limiter) bucketLocked() *bucket {
	b := l.bucket.Load()
	if b == nil {
		b = newBucket(0, 0, 0, time.Now())
		l.bucket.Store(b)
	}
	return b
}

// bucketAt returns the bucket that speaks for t.
func (l *Limiter) bucketAt(t time.Time) *bucket {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bucketAtLocked(t)
}

func (l *Limiter) bucketAtLocked(t time.Time) *bucket {
	for {
		b := l.bucketLocked()
		covered := b.covers(t)
		if b.limit == Inf || covered && !(b.shifted && b.overflows(t)) {
			return b
		}
		epoch := t
		if word := b.word.Load(); word != fresh && !covered {
			if t.Before(b.epoch) {
				return b // time only moves on: long ago it is empty
			}
			if b.at(b.last)-word < b.size {
				epoch = b.epoch.Add(time.Duration(b.last)) // not full by then: go there first
			}
		}
		l.replaceLocked(b, epoch, b.limit, b.burst)
	}
}
