// Package histogram counts durations so that quantiles can be read off.
//
// It is log-linear, after Gil Tene's HdrHistogram: every power of two is cut
// into eight parts of the same width, so that the relative error is the same
// everywhere, and the bucket of a duration is found by looking at its highest
// bits. It has a fixed size, 4 KB, and takes every duration: nothing to choose,
// nothing to overflow.
package histogram

import (
	"math/bits"
	"sync/atomic"
	"time"
)

const (
	partBits = 3
	parts    = 1 << partBits // of each power of two

	// buckets: each duration below parts has one of its own, and each power
	// of two from there to the longest duration has parts of them.
	buckets = parts + (63-partBits)*parts
)

// Histogram counts durations. The zero value is ready. It must not be copied
// after first use. All methods may be called by any number of goroutines, and
// none blocks or allocates.
//
// Recording is one atomic add. Goroutines that record much the same durations
// at once write to the same cache line; where that shows, give each its own
// histogram and merge them in a Snapshot.
type Histogram struct {
	max    atomic.Int64
	counts [buckets]atomic.Uint64
}

// Record counts d. A negative duration, which a clock that was set back can
// give, counts as 0.
func (h *Histogram) Record(d time.Duration) {
	d = max(d, 0)
	// The maximum comes first: a snapshot that has counted d must know it.
	for m := h.max.Load(); int64(d) > m; m = h.max.Load() {
		if h.max.CompareAndSwap(m, int64(d)) {
			break
		}
	}
	h.counts[bucketOf(d)].Add(1)
}

// Max returns the longest duration so far, exactly, or 0.
func (h *Histogram) Max() time.Duration { return time.Duration(h.max.Load()) }

// bucketOf keeps the highest bit and the partBits below it.
func bucketOf(d time.Duration) int {
	if d < parts {
		return int(d)
	}
	shift := bits.Len64(uint64(d)) - 1 - partBits
	return shift<<partBits + int(d>>shift) // d>>shift is from parts to 2*parts-1
}

// valueOf returns what stands for the durations of a bucket: the value whose
// relative error is the same at both ends. For the ends a and a+a/8 that is 1/17.
func valueOf(bucket int) time.Duration {
	if bucket < 2*parts {
		return time.Duration(bucket) // a bucket of one value
	}
	shift := bucket>>partBits - 1
	low := uint64(bucket-shift<<partBits) << shift
	high := low + 1<<shift
	mean := 2 * float64(low) * (float64(high) / float64(low+high)) // harmonic
	return time.Duration(mean)
}
