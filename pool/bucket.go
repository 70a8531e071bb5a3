package pool

import (
	"math/bits"
	"time"
)

// bucket returns which eighth of which power of two d is in.
func bucket(d time.Duration) int {
	if d < 8 {
		return int(d)
	}
	exp := bits.Len64(uint64(d)) - 4
	return exp*8 + int(d>>exp)
}

// upper returns the longest duration of a bucket.
func upper(i int) time.Duration {
	if i < 16 {
		return time.Duration(i)
	}
	exp := i/8 - 1
	return time.Duration(i-exp*8+1)<<exp - 1
}
