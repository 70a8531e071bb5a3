package future

import "time"

func (b *Budget) Earn()       { b.earn() }
func (b *Budget) Spend() bool { return b.spend() }

// Latencies is the live percentile by itself.
type Latencies struct{ latencies }

func NewLatencies(quantile float64) *Latencies {
	return &Latencies{latencies{quantile: quantile}}
}

func (l *Latencies) Add(d time.Duration)            { l.add(d) }
func (l *Latencies) Current() (time.Duration, bool) { return l.current() }

// LatencyTop is the estimate for durations such as d.
func LatencyTop(d time.Duration) time.Duration { return topOf(bucketOf(d)) }
