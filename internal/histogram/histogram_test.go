package histogram_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/internal/histogram"
	"github.com/thence-go/thence/internal/race"
)

// tolerance is the promise, in both directions.
const tolerance = 0.06

var quantiles = []float64{-1, 0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1, 2}

func TestEmpty(t *testing.T) {
	var s histogram.Snapshot
	s.Merge(new(histogram.Histogram))
	require.Zero(t, s.Count())
	require.Zero(t, s.Max())
	for _, q := range quantiles {
		require.Zero(t, s.Quantile(q))
	}
}

func TestOneValueIsEveryQuantile(t *testing.T) {
	for _, d := range []time.Duration{0, 1, 7, 8, 15, 16, time.Microsecond, time.Hour, math.MaxInt64} {
		var h histogram.Histogram
		var s histogram.Snapshot
		h.Record(d)
		s.Merge(&h)
		require.EqualValues(t, 1, s.Count())
		require.Equal(t, d, s.Max())
		require.Equal(t, d, h.Max())
		for _, q := range quantiles {
			requireClose(t, d, s.Quantile(q))
		}
	}
}

func TestNegativeCountsAsZero(t *testing.T) {
	var h histogram.Histogram
	var s histogram.Snapshot
	h.Record(-time.Second)
	s.Merge(&h)
	require.EqualValues(t, 1, s.Count())
	require.Zero(t, s.Quantile(0.5))
}

// Every bucket holds what lies between its neighbors, the last one to the
// longest duration there is.
func TestLayout(t *testing.T) {
	require.Equal(t, histogram.Buckets-1, histogram.BucketOf(math.MaxInt64))
	last := time.Duration(-1)
	for i := range histogram.Buckets {
		v := histogram.ValueOf(i)
		require.Equal(t, i, histogram.BucketOf(v), "the value of a bucket is in it")
		require.Greater(t, v, last)
		last = v
	}
}

func TestBucketsGrowWithDurations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := anyDuration().Draw(t, "d")
		b := histogram.BucketOf(d)
		if d > 0 {
			before := histogram.BucketOf(d - 1)
			if before != b && before != b-1 {
				t.Fatalf("%d is in bucket %d, and %d in %d", d-1, before, d, b)
			}
		}
		requireClose(t, d, histogram.ValueOf(b))
	})
}

// The reference: a sorted slice.
func TestQuantilesAgainstASortedSlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ds := rapid.SliceOfN(anyDuration(), 1, 300).Draw(t, "durations")
		hs := make([]histogram.Histogram, rapid.IntRange(1, 3).Draw(t, "histograms"))
		for i, d := range ds {
			hs[i%len(hs)].Record(d)
		}
		var s histogram.Snapshot
		for i := range hs {
			s.Merge(&hs[i])
		}
		slices.Sort(ds)
		require.EqualValues(t, len(ds), s.Count())
		require.Equal(t, ds[len(ds)-1], s.Max())
		qs := append(rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 8).Draw(t, "quantiles"), quantiles...)
		for _, q := range qs {
			rank := min(max(int(math.Ceil(q*float64(len(ds)))), 1), len(ds))
			requireClose(t, ds[rank-1], s.Quantile(q))
			require.LessOrEqual(t, s.Quantile(q), s.Max())
		}
	})
}

// Snapshots while many record: nothing is lost, nothing is above the maximum,
// and the count never falls.
func TestConcurrentRecords(t *testing.T) {
	const recorders, each = 8, 2000
	var h histogram.Histogram
	var wg sync.WaitGroup
	for i := range recorders {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(i)))
			for range each {
				h.Record(time.Duration(r.Int64N(int64(time.Second))))
			}
		})
	}
	done := make(chan struct{})
	go func() { defer close(done); wg.Wait() }()
	var before uint64
	for over := false; !over; {
		select {
		case <-done:
			over = true
		default:
		}
		var s histogram.Snapshot
		s.Merge(&h)
		require.GreaterOrEqual(t, s.Count(), before)
		require.LessOrEqual(t, s.Quantile(0.999), s.Max())
		before = s.Count()
	}
	require.EqualValues(t, recorders*each, before)
}

// Every record is a new maximum: none may undo a longer one.
func TestMaxOnlyGrows(t *testing.T) {
	const recorders, each = 4, 20000
	var h histogram.Histogram
	var wg sync.WaitGroup
	var next atomic.Int64
	for range recorders {
		wg.Go(func() {
			for range each {
				d := time.Duration(next.Add(1))
				h.Record(d)
				if h.Max() < d {
					t.Errorf("after %d the maximum is %d", d, h.Max())
					return
				}
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, recorders*each, h.Max())
}

func TestLaw13_Allocations(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	var h histogram.Histogram
	var s histogram.Snapshot
	require.Zero(t, testing.AllocsPerRun(100, func() { h.Record(time.Millisecond) }), "Record")
	require.Zero(t, testing.AllocsPerRun(100, func() { s.Merge(&h); _ = s.Quantile(0.5) }), "Merge, Quantile")
}

// anyDuration is as likely in the nanoseconds as in the centuries.
func anyDuration() *rapid.Generator[time.Duration] {
	return rapid.Custom(func(t *rapid.T) time.Duration {
		width := rapid.IntRange(0, 63).Draw(t, "bits")
		return time.Duration(rapid.Uint64().Draw(t, "value") & (1<<width - 1))
	})
}

type failer interface {
	require.TestingT
	Helper()
}

func requireClose(t failer, want, got time.Duration) {
	t.Helper()
	require.InDelta(t, float64(want), float64(got), tolerance*float64(want), "%v, not %v", got, want)
}
