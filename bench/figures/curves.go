package figures

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Curve is a benchmark whose sides are measured at several sizes: its
// sub-benchmarks are named side/size. It is held to nothing.
type Curve struct {
	Name  string // without Benchmark
	Title string
	X, Y  string // what the axes are, with units
	File  string // of its picture
}

// Curves are all of them, in the order in which they are shown.
var Curves = []Curve{
	{"CurveWorkers", "An empty task, by the number of workers", "workers", "a task", "workers"},
	{"CurveTasks", "An empty task, by how many there are", "tasks", "a task", "tasks"},
	{"CurveProcs", "1 us of work in a task or an item, by processors", "GOMAXPROCS", "each", "procs"},
	{"CurveWork", "An item that is mapped on 4 workers, by the work in it", "ns of work an item", "an item", "work"},
	{"CurveStages", "An item, by the number of steps", "steps", "an item", "steps"},
	{"CurveKeys", "An item that is partitioned by key, by the number of keys", "keys", "an item", "keys"},
}

// Point is the median at one size.
type Point struct {
	Size float64
	Interval
}

// Line is one side of a curve.
type Line struct {
	Side   string
	Points []Point
}

// Lines returns a curve's sides, in the order of their names but with thence
// first.
func (all Results) Lines(name string) (lines []Line) {
	at := map[string][]Point{}
	for side, samples := range all.Sides[name] {
		side, size, ok := strings.Cut(side, "/")
		x, err := strconv.ParseFloat(size, 64)
		if ok && err == nil {
			at[side] = append(at[side], Point{x, Of(samples.Per("ns"))})
		}
	}
	for side, points := range at {
		slices.SortFunc(points, func(a, b Point) int { return cmp.Compare(a.Size, b.Size) })
		lines = append(lines, Line{side, points})
	}
	sortLines(lines)
	return lines
}

func sortLines(lines []Line) {
	slices.SortFunc(lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(foreign(a.Side), foreign(b.Side)), cmp.Compare(a.Side, b.Side))
	})
}

func foreign(side string) int {
	if strings.HasPrefix(side, Thence) {
		return 0
	}
	return 1
}
