package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// samples are the figures of one side of a row: by unit, one a run.
type samples map[string][]float64

// results are all figures: by row, by side.
type results map[string]map[string]samples

// suffix is GOMAXPROCS, as the testing package appends it unless it is 1.
var suffix = regexp.MustCompile(`-\d+$`)

// parse reads what go test prints, and skips all but the figures.
func parse(r io.Reader) (results, error) {
	all := results{}
	in := bufio.NewScanner(r)
	for in.Scan() {
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
			all[row] = map[string]samples{}
		}
		if all[row][side] == nil {
			all[row][side] = samples{}
		}
		fields = append(fields, cmp.Or(procs, "1"), "procs")
		for i := 2; i < len(fields); i += 2 {
			v, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", fields[0], err)
			}
			unit := fields[i+1]
			all[row][side][unit] = append(all[row][side][unit], v)
		}
	}
	if len(all) == 0 && in.Err() == nil {
		return nil, fmt.Errorf("no figures: pass the output of go test -bench")
	}
	return all, in.Err()
}

// per returns the figures of a unit, an item's before those of a whole op.
func (s samples) per(unit string) []float64 {
	if vs := s[unit+"/item"]; vs != nil {
		return vs
	}
	return s[unit+"/op"]
}

// of returns the figures in the unit that the row is about.
func (s samples) of(unit string) []float64 {
	if unit == "" {
		return s.per("ns")
	}
	return s[unit]
}

func median(vs []float64) float64 {
	vs = slices.Sorted(slices.Values(vs))
	n := len(vs)
	if n%2 == 1 {
		return vs[n/2]
	}
	return (vs[n/2-1] + vs[n/2]) / 2
}
