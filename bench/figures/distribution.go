package figures

import "strings"

// Distribution is a benchmark that reports how long single items took.
type Distribution struct {
	Name  string // without Benchmark
	Title string
	File  string // of its picture
}

// Distributions are all of them.
var Distributions = []Distribution{
	{"FlowLatency100us", "Latency of an item, 100 us apart", "latency-100us"},
	{"FlowLatency2us", "Latency of an item, 2 us apart", "latency-2us"},
	{"PoolWait", "Wait for a worker at 80 % load", "wait"},
	{"Crowd", "Critical requests in a crowd of 10 000: their wait", "crowd"},
	{"ProgramProxy", "A proxy that asks three upstreams", "proxy"},
}

// Percentiles are what they report, from the first to the last.
var Percentiles = []string{"p50", "p90", "p99", "p999"}

// Percentiles returns a benchmark's sides; the size of a point is its place in
// Percentiles, from 1.
func (all Results) Percentiles(name string) (lines []Line) {
	for side, samples := range all.Sides[name] {
		l := Line{Side: side}
		for i, p := range Percentiles {
			if runs := samples[p+"-ns"]; len(runs) > 0 {
				l.Points = append(l.Points, Point{float64(i + 1), Of(runs)})
			}
		}
		if len(l.Points) > 0 && !strings.Contains(side, "/") {
			lines = append(lines, l)
		}
	}
	sortLines(lines)
	return lines
}
