package future

import (
	"math"
	"math/bits"
	"sync"
	"sync/atomic"
	"time"
)

// latencies estimates a quantile of the latest durations in constant memory: a
// log-linear histogram, as HdrHistogram's, with sixteen buckets for each
// doubling, so that an estimate is at most a sixteenth too high. It ages as
// tower's hedge does, by two generations: the older one is dropped when the
// younger one is full.
//
// The estimate is renewed now and then, so that to read it is one load.
type latencies struct {
	quantile float64
	estimate atomic.Int64 // 0: too few are known

	mu    sync.Mutex // held for arithmetic only
	count int        // in the younger generation
	young int        // its index
	gen   [2][buckets]uint16
	old   int // count of the older generation: 0 or generation
}

const (
	enoughLatencies = 100 // before that there is no estimate
	renewLatencies  = 20  // the estimate is renewed after so many
	generation      = 500

	subBits = 4
	minBits = 10 // below 1 us all is one bucket
	maxBits = 40 // and above 18 minutes
	buckets = (maxBits - minBits) << subBits
)

// add takes note of one duration.
func (l *latencies) add(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gen[l.young][bucketOf(d)]++
	l.count++
	if n := l.count + l.old; n >= enoughLatencies && l.count%renewLatencies == 0 {
		l.estimate.Store(int64(l.quantileLocked(n)))
	}
	if l.count == generation {
		l.old, l.count = l.count, 0
		l.young ^= 1
		clear(l.gen[l.young][:])
	}
}

// current returns the estimate, if enough is known.
func (l *latencies) current() (time.Duration, bool) {
	d := l.estimate.Load()
	return time.Duration(d), d > 0
}

func (l *latencies) quantileLocked(n int) time.Duration {
	rank := int(math.Ceil(l.quantile * float64(n)))
	for i := range buckets {
		rank -= int(l.gen[0][i]) + int(l.gen[1][i])
		if rank <= 0 {
			return topOf(i)
		}
	}
	return topOf(buckets - 1)
}

// bucketOf counts doublings by the highest bit and sixteenths by the four
// after it.
func bucketOf(d time.Duration) int {
	n := uint64(max(d, 1))
	high := bits.Len64(n) - 1
	switch {
	case high < minBits:
		return 0
	case high >= maxBits:
		return buckets - 1
	}
	sub := int(n>>(high-subBits)) & (1<<subBits - 1)
	return (high-minBits)<<subBits + sub
}

// topOf is the shortest duration above the bucket: what is as slow as the rest
// of it is not slow yet.
func topOf(bucket int) time.Duration {
	high := bucket>>subBits + minBits
	sub := bucket & (1<<subBits - 1)
	return time.Duration(1<<high + (sub+1)<<(high-subBits))
}
