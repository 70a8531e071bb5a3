package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// table prints the rows and returns how many targets are missed.
func table(w io.Writer, all results, rows []row) (missed int) {
	fmt.Fprintln(w, "| work | thence, ns | allocs | peers, ns | target | now | met |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|")
	measured := 0
	for _, r := range rows {
		sides := all[r.name]
		if len(sides) == 0 {
			continue
		}
		first := []string{r.title, time(sides[thence], r.unit), count(sides[thence]), peers(sides, r.unit)}
		for _, c := range r.checks {
			now, met := "not measured", "?"
			if complete(sides, c.needs()) {
				var ok bool
				now, ok = c.hold(sides)
				met = "yes"
				measured++
				if !ok {
					met = "NO"
					missed++
				}
			}
			cells := append(first, c.target(), now, met)
			fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
			first = []string{"", "", "", ""}
		}
	}
	fmt.Fprintf(w, "\n%d of %d targets met; medians of up to %d runs\n", measured-missed, measured, most(all))
	return missed
}

func complete(sides map[string]samples, names []string) bool {
	for _, n := range names {
		if sides[n] == nil {
			return false
		}
	}
	return true
}

// peers lists all sides but thence, the fastest first.
func peers(sides map[string]samples, unit string) string {
	names := slices.DeleteFunc(slices.Collect(maps.Keys(sides)), func(n string) bool {
		return n == thence || len(sides[n].of(unit)) == 0
	})
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(median(sides[a].of(unit)), median(sides[b].of(unit))), strings.Compare(a, b))
	})
	for i, n := range names {
		names[i] = n + " " + time(sides[n], unit)
	}
	return strings.Join(names, ", ")
}

func time(s samples, unit string) string {
	if vs := s.of(unit); len(vs) > 0 {
		return number(median(vs))
	}
	return "-"
}

func count(s samples) string {
	if vs := s.per("allocs"); len(vs) > 0 {
		return number(median(vs))
	}
	return "-"
}

// number has three digits that count, and no exponent.
func number(v float64) string {
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

func most(all results) int {
	n := 0
	for _, sides := range all {
		for _, s := range sides {
			n = max(n, len(s["ns/op"]))
		}
	}
	return n
}
