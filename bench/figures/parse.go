// Package figures reads what the benchmarks print, and knows what each of them
// is held to.
package figures

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// Samples are the figures of one side of a row: by unit, one a run.
type Samples map[string][]float64

// Results are all figures: by row, by side. Head is what the file says of the
// machine, the toolchain and the commit.
type Results struct {
	Head  []string
	Sides map[string]map[string]Samples
}

// suffix is GOMAXPROCS, as the testing package appends it unless it is 1.
var suffix = regexp.MustCompile(`-\d+$`)

// Parse reads what go test prints, and skips all but the figures.
func Parse(r io.Reader) (Results, error) {
	all := map[string]map[string]Samples{}
	var head []string
	in := bufio.NewScanner(r)
	for in.Scan() {
		if said, ok := strings.CutPrefix(in.Text(), "# "); ok {
			head = append(head, said)
		}
		fields := strings.Fields(in.Text())
		if len(fields) < 4 || len(fields)%2 != 0 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		row, side, ok := strings.Cut(strings.TrimPrefix(fields[0], "Benchmark"), "/")
		if !ok {
			continue
		}
		procs := strings.TrimPrefix(suffix.FindString(side), "-")
		side = suffix.ReplaceAllString(side, "")
		if all[row] == nil {
			all[row] = map[string]Samples{}
		}
		if all[row][side] == nil {
			all[row][side] = Samples{}
		}
		fields = append(fields, cmp.Or(procs, "1"), "procs")
		for i := 2; i < len(fields); i += 2 {
			v, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return Results{}, fmt.Errorf("%s: %w", fields[0], err)
			}
			unit := fields[i+1]
			all[row][side][unit] = append(all[row][side][unit], v)
		}
	}
	if len(all) == 0 && in.Err() == nil {
		return Results{}, fmt.Errorf("no figures: pass the output of go test -bench")
	}
	return Results{head, all}, in.Err()
}

// Per returns the figures of a unit, an item's before those of a whole op.
func (s Samples) Per(unit string) []float64 {
	if vs := s[unit+"/item"]; vs != nil {
		return vs
	}
	return s[unit+"/op"]
}

// Of returns the figures in the unit that the row is about.
func (s Samples) Of(unit string) []float64 {
	if unit == "" {
		return s.Per("ns")
	}
	return s[unit]
}
