package pool

import (
	"sync"
	"time"
)

// Times are how long tasks took to be run, or to run: half of them at most P50,
// 99 of a hundred at most P99, and none more than Max. All are zero unless the
// pool was made with MeasureTimes.
type Times struct{ P50, P99, Max time.Duration }

// times are recorded if somebody asked for them.
type times struct{ wait, run recorder }

func (t *times) snapshot() (wait, run Times) {
	if t == nil {
		return Times{}, Times{}
	}
	return t.wait.times(), t.run.times()
}

// recorder counts durations in buckets that are an eighth of a power of two
// wide, so that what it says is at most an eighth too much.
type recorder struct {
	mu     sync.Mutex
	counts [64 * 8]uint64
	n      uint64
	max    time.Duration
}

func (r *recorder) record(d time.Duration) {
	d = max(d, 0)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts[bucket(d)]++
	r.n++
	r.max = max(r.max, d)
}

func (r *recorder) times() Times {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Times{r.quantileLocked(50), r.quantileLocked(99), r.max}
}

func (r *recorder) quantileLocked(percent uint64) time.Duration {
	rank := (r.n*percent + 99) / 100
	for i, n := range r.counts {
		if n >= rank && n > 0 {
			return min(upper(i), r.max)
		}
		rank -= min(n, rank)
	}
	return 0
}
