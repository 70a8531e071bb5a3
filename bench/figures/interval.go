package figures

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/perf/benchmath"
)

// Interval is a median and where it lies with a confidence of 95 %, by the
// method of benchstat, which assumes nothing of the distribution. Of fewer than
// six runs nothing can be said with that confidence: then it is all that was
// seen, from the least to the greatest.
type Interval struct {
	Center, Lo, Hi float64
	Runs           int
}

// Of returns the median of the runs.
func Of(runs []float64) Interval {
	s := benchmath.AssumeNothing.Summary(benchmath.NewSample(slices.Clone(runs), nil), 0.95)
	lo, hi := max(s.Lo, slices.Min(runs)), min(s.Hi, slices.Max(runs))
	return Interval{s.Center, lo, hi, len(runs)}
}

// Over returns by how much ours is more than theirs. The runs of two sides
// follow one another, so each run has a ratio of its own: the machine is the
// same for both. Where the runs differ in number, only the center is known.
func Over(ours, theirs []float64) Interval {
	if len(ours) != len(theirs) {
		c := Median(ours) / Median(theirs)
		return Interval{Center: c, Lo: c, Hi: c, Runs: 1}
	}
	each := make([]float64, len(ours))
	for i := range ours {
		each[i] = ours[i] / theirs[i]
	}
	return Of(each)
}

// Tie reports whether the interval does not tell which side is less.
func (i Interval) Tie() bool { return i.Lo <= 1 && 1 <= i.Hi }

// String leaves out what a single run cannot say.
func (i Interval) String() string {
	if i.Runs < 2 {
		return fmt.Sprintf("%.3g", i.Center)
	}
	return fmt.Sprintf("%.3g (%.3g to %.3g)", i.Center, i.Lo, i.Hi)
}

// Median returns the middle one.
func Median(vs []float64) float64 {
	vs = slices.Sorted(slices.Values(vs))
	n := len(vs)
	if n%2 == 1 {
		return vs[n/2]
	}
	return (vs[n/2-1] + vs[n/2]) / 2
}

// Number has three digits that count, and no exponent.
func Number(v float64) string {
	switch {
	case v < 0.005:
		return "0"
	case v < 10:
		return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), ".")
	case v < 100:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
	}
	return fmt.Sprintf("%.0f", v)
}
