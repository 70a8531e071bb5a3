package figures

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const output = `
# a machine
# a commit
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

func TestParse(t *testing.T) {
	all, err := Parse(strings.NewReader(output))
	require.NoError(t, err)
	require.Equal(t, []string{"a machine", "a commit"}, all.Head)
	spawn := all.Sides["FutureSpawn"]
	require.Equal(t, []float64{430, 450, 990}, spawn["thence"].Per("ns"))
	require.Equal(t, []float64{2, 2, 2}, spawn["thence"]["procs"])
	require.Equal(t, []float64{14}, all.Sides["FlowOrdered"]["thence"].Per("ns"), "an item's, not an op's")
	require.Equal(t, []float64{1}, all.Sides["FlowOrdered"]["thence"]["procs"])
}

func TestInterval(t *testing.T) {
	few := Over([]float64{430, 450, 990}, []float64{600, 500, 900})
	require.Equal(t, "0.9 (0.717 to 1.1)", few.String(), "the median of the ratios, not the ratio of the medians")
	require.True(t, few.Tie())

	ours, theirs := make([]float64, 10), make([]float64, 10)
	for i := range ours {
		ours[i], theirs[i] = float64(i+1), 10
	}
	many := Over(ours, theirs)
	require.InDelta(t, 0.55, many.Center, 1e-9)
	require.Equal(t, []float64{0.2, 0.9}, []float64{many.Lo, many.Hi}, "the extremes are left out")
	require.False(t, many.Tie())

	require.Equal(t, "0.5", Over([]float64{1}, []float64{2}).String())
	require.Equal(t, "0.5", Over([]float64{1, 1}, []float64{2}).String())
}

func TestChecks(t *testing.T) {
	sides := map[string]Samples{
		Thence: {"ns/op": {45}, "allocs/op": {1003}, "p99-ns": {300}, "procs": {2}},
		"peer": {"ns/op": {30}, "allocs/op": {1000}, "p99-ns": {200}},
	}
	for _, c := range []struct {
		check Check
		now   string
		met   bool
	}{
		{ratio{most: 1.5, peer: "peer"}, "1.5", true},
		{ratio{most: 1.49, peer: "peer"}, "1.5", false},
		{ratio{most: 0.7, side: "peer", peer: Thence}, "0.667", true},
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
		now, met := c.check.Hold(sides)
		if now != c.now || met != c.met {
			t.Errorf("%s: want %s, %v; got %s, %v", c.check.Target(), c.now, c.met, now, met)
		}
	}
}

func TestNoFigures(t *testing.T) {
	if _, err := Parse(strings.NewReader("PASS\n")); err == nil {
		t.Error("want an error for output without figures")
	}
}

func (r Row) sides() (names []string) {
	for _, c := range r.Checks {
		names = append(names, c.Needs()...)
	}
	if r.Front != nil {
		for _, s := range slices.Concat(r.Front.Ours, r.Front.Others) {
			names = append(names, s.Side)
		}
	}
	return names
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
	for _, section := range Sections {
		for _, r := range section.Rows {
			if !declared[r.Name] {
				t.Errorf("row %s has no benchmark", r.Name)
			}
			delete(unlisted, r.Name)
			for _, side := range r.sides() {
				if !strings.Contains(source.String(), `"`+side+`"`) {
					t.Errorf("row %s names side %s, which no benchmark has", r.Name, side)
				}
			}
		}
	}
	for _, c := range Curves {
		if !declared[c.Name] {
			t.Errorf("curve %s has no benchmark", c.Name)
		}
		delete(unlisted, c.Name)
	}
	for name := range unlisted {
		t.Errorf("Benchmark%s has no row", name)
	}
}
