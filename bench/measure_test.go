package bench

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"
)

// loop times op, one of which is n items, and reports what one item costs.
func loop(b *testing.B, n int, op func()) {
	b.Helper()
	b.ReportAllocs()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	ops := 0
	for b.Loop() {
		op()
		ops++
	}
	elapsed := b.Elapsed()
	runtime.ReadMemStats(&after)
	items := float64(ops) * float64(n)
	b.ReportMetric(float64(elapsed.Nanoseconds())/items, "ns/item")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/items, "allocs/item")
}

// percentiles reports how long single items took.
func percentiles(b *testing.B, took []time.Duration) {
	b.Helper()
	slices.Sort(took)
	at := func(permille int) float64 { return float64(took[(len(took)-1)*permille/1000]) }
	b.ReportMetric(at(500), "p50-ns")
	b.ReportMetric(at(900), "p90-ns")
	b.ReportMetric(at(990), "p99-ns")
	b.ReportMetric(at(999), "p999-ns")
}

func must(b *testing.B, err error) {
	if err != nil {
		b.Helper() // looks up the caller, so not before there is something to tell
		b.Fatal(err)
	}
}

func equal[T comparable](b *testing.B, want, got T) {
	if want != got {
		b.Helper()
		b.Fatalf("want %v, got %v", want, got)
	}
}

// Rounds of work that take about so long. They are constants and not
// calibrated, so that all sides and all runs do the same work; the side named
// loop says how long it takes on the machine.
const (
	nothing    = 0
	about100ns = 55
	about1us   = 550
)

// work is a chain of that many rounds, each of which needs the last one's
// result. It is 0 only for no rounds.
//
//go:noinline
func work(rounds int) uint64 {
	x := uint64(rounds)
	for range rounds {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

// worked does the work and looks at what came of it, so that it is done; a
// task need not store the result where other tasks do.
func worked(rounds int) {
	if work(rounds) == 0 && rounds != nothing {
		panic(fmt.Sprintf("%d rounds of work came to nothing", rounds))
	}
}
