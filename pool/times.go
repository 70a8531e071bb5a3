package pool

import (
	"time"

	"github.com/thence-go/thence/internal/histogram"
)

// Times are how long tasks took to be run, or to run: half of them about P50 or
// less, 99 of a hundred about P99 or less, within 6 %, and none more than Max.
// All are zero unless the pool was made with MeasureTimes.
type Times struct{ P50, P99, Max time.Duration }

// times are recorded if somebody asked for them.
type times struct{ wait, run histogram.Histogram }

func (t *times) snapshot() (wait, run Times) {
	if t == nil {
		return Times{}, Times{}
	}
	return timesOf(&t.wait), timesOf(&t.run)
}

func timesOf(h *histogram.Histogram) Times {
	var s histogram.Snapshot
	s.Merge(h)
	return Times{P50: s.Quantile(0.5), P99: s.Quantile(0.99), Max: s.Max()}
}
