package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/thence-go/thence/bench/figures"
)

// table prints all rows and returns how many targets are missed.
func table(w io.Writer, all figures.Results) (missed int) {
	measured := 0
	fmt.Fprintln(w, "| work | thence, ns | allocs | others, ns | target | now | met |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|")
	for _, section := range figures.Sections {
		n, m := targets(w, all, section)
		measured, missed = measured+n, missed+m
	}
	fmt.Fprintf(w, "\n%d of %d targets met; medians of up to %d runs\n", measured-missed, measured, runs(all))
	return missed
}

// targets prints the rows of a section: a line for each target.
func targets(w io.Writer, all figures.Results, section figures.Section) (measured, missed int) {
	for _, r := range section.Rows {
		sides := all.Sides[r.Name]
		if len(sides) == 0 {
			continue
		}
		first := []string{r.Title, timeOf(sides[figures.Thence], r.Unit), allocsOf(sides[figures.Thence]), others(sides, r.Unit)}
		for _, c := range r.Checks {
			now, met := "not measured", "?"
			if complete(sides, c.Needs()) {
				var ok bool
				now, ok = c.Hold(sides)
				met = "yes"
				measured++
				if !ok {
					met = "NO"
					missed++
				}
			}
			cells := append(first, c.Target(), now, met)
			fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
			first = []string{"", "", "", ""}
		}
	}
	return measured, missed
}

func complete(sides map[string]figures.Samples, names []string) bool {
	return !slices.ContainsFunc(names, func(n string) bool { return sides[n] == nil })
}

// others lists all sides but thence, the fastest first.
func others(sides map[string]figures.Samples, unit string) string {
	names := ranked(sides, unit)
	names = slices.DeleteFunc(names, func(n string) bool { return n == figures.Thence })
	for i, n := range names {
		names[i] = n + " " + timeOf(sides[n], unit)
	}
	return strings.Join(names, ", ")
}

// ranked returns the sides that were measured in the unit, the fastest first.
func ranked(sides map[string]figures.Samples, unit string) []string {
	names := slices.DeleteFunc(slices.Collect(maps.Keys(sides)), func(n string) bool {
		return len(sides[n].Of(unit)) == 0
	})
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(
			cmp.Compare(figures.Median(sides[a].Of(unit)), figures.Median(sides[b].Of(unit))),
			strings.Compare(a, b))
	})
	return names
}

func timeOf(s figures.Samples, unit string) string {
	if vs := s.Of(unit); len(vs) > 0 {
		return figures.Number(figures.Median(vs))
	}
	return "-"
}

func allocsOf(s figures.Samples) string {
	if vs := s.Per("allocs"); len(vs) > 0 {
		return figures.Number(figures.Median(vs))
	}
	return "-"
}

// runs is how often the rows were measured at most.
func runs(all figures.Results) (n int) {
	for _, sides := range all.Sides {
		for _, s := range sides {
			n = max(n, len(s["ns/op"]))
		}
	}
	return n
}
