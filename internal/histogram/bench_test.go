package histogram_test

import (
	"testing"
	"time"

	"github.com/thence-go/thence/internal/histogram"
)

func BenchmarkRecord(b *testing.B) {
	var h histogram.Histogram
	for b.Loop() {
		h.Record(time.Millisecond)
	}
}

// All goroutines write to one bucket: the worst case.
func BenchmarkRecordContended(b *testing.B) {
	var h histogram.Histogram
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			h.Record(time.Millisecond)
		}
	})
}

// Each goroutine has its own.
func BenchmarkRecordOwned(b *testing.B) {
	b.RunParallel(func(pb *testing.PB) {
		h := new(histogram.Histogram)
		for pb.Next() {
			h.Record(time.Millisecond)
		}
	})
}
