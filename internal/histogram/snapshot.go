package histogram

import (
	"math"
	"time"
)

// Snapshot is what one or more histograms held when they were merged. The zero
// value is empty and ready. It may be copied; it is not for several goroutines
// at once.
type Snapshot struct {
	max    time.Duration
	count  uint64
	counts [buckets]uint64
}

// Merge adds what h holds. Durations that are recorded meanwhile may be in it or
// not; each that is in it is within Max.
func (s *Snapshot) Merge(h *Histogram) {
	for i := range h.counts {
		n := h.counts[i].Load()
		s.counts[i] += n
		s.count += n
	}
	s.max = max(s.max, h.Max())
}

// Count returns how many durations there are.
func (s *Snapshot) Count() uint64 { return s.count }

// Max returns the longest duration, exactly, or 0.
func (s *Snapshot) Max() time.Duration { return s.max }

// Quantile returns the duration that the fraction q of all durations does not
// exceed: 0.5 is the median, 1 the maximum. It is the duration of that rank, off
// by at most 6 %, and never more than Max; 0 if there are none.
func (s *Snapshot) Quantile(q float64) time.Duration {
	if s.count == 0 {
		return 0
	}
	if q >= 1 {
		return s.max
	}
	rank := uint64(1)
	if q > 0 {
		rank = max(rank, uint64(math.Ceil(q*float64(s.count))))
	}
	var seen uint64
	for i, n := range s.counts {
		if seen += n; seen >= rank {
			return min(valueOf(i), s.max)
		}
	}
	return s.max
}
