package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const output = `
goos: linux
BenchmarkFutureSpawn/thence-2   	 100	 430 ns/op	 120 B/op	 2 allocs/op
BenchmarkFutureSpawn/chan-2     	 100	 600 ns/op	 190 B/op	 4 allocs/op
BenchmarkFutureSpawn/thence-2   	 100	 450 ns/op	 120 B/op	 2 allocs/op
BenchmarkFutureSpawn/chan-2     	 100	 500 ns/op	 190 B/op	 4 allocs/op
BenchmarkFutureSpawn/thence-2   	 100	 990 ns/op	 120 B/op	 3 allocs/op
BenchmarkFutureSpawn/chan-2     	 100	 900 ns/op	 190 B/op	 4 allocs/op
BenchmarkFlowOrdered/thence     	   1	 14e6 ns/op	 14.0 ns/item	 0.0001 allocs/item
BenchmarkFlowOrdered/conc_stream	   1	 200e6 ns/op	 200 ns/item	 3.0 allocs/item
BenchmarkPoolEmpty/thence-2     	   1	 32 ns/op	 0 B/op	 0 allocs/op
PASS
`

func TestTable(t *testing.T) {
	all, err := parse(strings.NewReader(output))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	missed := table(&out, all, rows)
	if missed != 1 {
		t.Errorf("want 1 target missed, got %d", missed)
	}
	for _, line := range []string{
		"| spawn and await one | 450 | 2 | chan 600 | <= 0.9 x chan | 0.75 (0.717 to 1.1) | yes |",
		"|  |  |  |  | <= 2 allocs | 2 allocs | yes |",
		"| the same, ordered | 14 | 0 | conc_stream 200 | <= 0.04 x conc_stream | 0.07 | NO |",
		"| pool, empty tasks, 8 workers | 32 | 0 |  | thence64 <= 0.7 x chan64 | not measured | ? |",
		"|  |  |  |  | <= 0 allocs | 0 allocs | yes |",
		"3 of 4 targets met; medians of up to 3 runs",
	} {
		if !strings.Contains(out.String(), line+"\n") {
			t.Errorf("want a line\n%s\nin\n%s", line, out.String())
		}
	}
}

func TestChecks(t *testing.T) {
	sides := map[string]samples{
		thence: {"ns/op": {45}, "allocs/op": {1003}, "p99-ns": {300}, "procs": {2}},
		"peer": {"ns/op": {30}, "allocs/op": {1000}, "p99-ns": {200}},
	}
	for _, c := range []struct {
		check check
		now   string
		met   bool
	}{
		{ratio{most: 1.5, peer: "peer"}, "1.5", true},
		{ratio{most: 1.49, peer: "peer"}, "1.5", false},
		{ratio{most: 0.7, side: "peer", peer: thence}, "0.667", true},
		{ratio{most: 1.4, peer: "peer", unit: "p99-ns"}, "1.5", false},
		{above{ns: 15, peer: "peer"}, "+15 ns", true},
		{above{ns: 14, peer: "peer"}, "+15 ns", false},
		{atMost{ns: 45}, "45 ns", true},
		{atMost{ns: 44}, "45 ns", false},
		{cores{least: 0.9, workers: 8, loop: "peer"}, "33.3% of 2", false},
		{cores{least: 0.6, workers: 1, loop: "peer"}, "66.7% of 1", true},
		{allocs{most: 1003}, "1003 allocs", true},
		{allocs{most: 1002}, "1003 allocs", false},
		{allocsBeyond{most: 3, side: "peer"}, "+3 allocs", true},
		{allocsBeyond{most: 2, side: "peer"}, "+3 allocs", false},
	} {
		now, met := c.check.hold(sides)
		if now != c.now || met != c.met {
			t.Errorf("%s: want %s, %v; got %s, %v", c.check.target(), c.now, c.met, now, met)
		}
	}
}

func TestNoFigures(t *testing.T) {
	if _, err := parse(strings.NewReader("PASS\n")); err == nil {
		t.Error("want an error for output without figures")
	}
}

// Each benchmark has a row here, and each row a benchmark.
func TestRowsAreBenchmarks(t *testing.T) {
	files, err := filepath.Glob("../*_bench_test.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no benchmarks: %v", err)
	}
	declared := map[string]bool{}
	var source strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(text)
		for _, m := range regexp.MustCompile(`(?m)^func Benchmark(\w+)\(`).FindAllStringSubmatch(string(text), -1) {
			declared[m[1]] = true
		}
	}
	unlisted := maps.Clone(declared)
	for _, r := range rows {
		if !declared[r.name] {
			t.Errorf("row %s has no benchmark", r.name)
		}
		delete(unlisted, r.name)
		for _, c := range r.checks {
			for _, side := range c.needs() {
				if !strings.Contains(source.String(), `"`+side+`"`) {
					t.Errorf("row %s is held to side %s, which no benchmark has", r.name, side)
				}
			}
		}
	}
	for name := range unlisted {
		t.Errorf("Benchmark%s has no row", name)
	}
}
