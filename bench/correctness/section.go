package main

import (
	"fmt"
	"strings"
	"testing"
)

// A section holds the subjects of one kind, such as pools, to the cases of that
// kind.
type section struct {
	kind     string // in the name of its cells
	title    string
	subjects []library
	rows     []row
	run      func(t *testing.T, row, subject int) error
}

// A library is what a column says of its subject.
type library struct {
	name   string
	module string // whose version is shown; empty for this repository and plain Go
	uses   string // what of the library, with which options
}

// A row is what the table says of a case.
type row struct {
	id    string
	title string
	wants string // what ok requires
}

// A subject of kind K.
type subject[K any] struct {
	library
	kit K
}

// A testCase holds a subject of kind K to something. Its error is what was
// wrong, in a word or two.
type testCase[K any] struct {
	row
	run func(t *testing.T, kit K) error
}

func newSection[K any](kind, title string, subjects []subject[K], cases []testCase[K]) section {
	s := section{kind: kind, title: title}
	for _, one := range subjects {
		s.subjects = append(s.subjects, one.library)
	}
	for _, one := range cases {
		s.rows = append(s.rows, one.row)
	}
	s.run = func(t *testing.T, row, subject int) error { return cases[row].run(t, subjects[subject].kit) }
	return s
}

// sections are the parts of the table.
func sections() []section {
	return []section{
		newSection("pool", "Pools", pools(), poolCases()),
		newSection("group", "Groups", groups(), groupCases()),
		newSection("future", "Futures", futures(), futureCases()),
		newSection("flow", "Flows", flows(), flowCases()),
		newSection("limiter", "Rate limiters", limiters(), limiterCases()),
	}
}

func (s section) cell(r row, l library) string { return s.kind + "/" + r.id + "/" + l.name }

func (s section) cells() []string {
	var all []string
	for _, r := range s.rows {
		for _, l := range s.subjects {
			all = append(all, s.cell(r, l))
		}
	}
	return all
}

// find panics if there is no such cell: only a program asks for one.
func find(all []section, cell string) func(t *testing.T) error {
	for _, s := range all {
		for i, r := range s.rows {
			for j, l := range s.subjects {
				if s.cell(r, l) == cell {
					return func(t *testing.T) error { return s.run(t, i, j) }
				}
			}
		}
	}
	panic(fmt.Sprintf("no cell %q; a name is like pool/panic/thence", cell))
}

// ours says whether a cell is Thence's.
func ours(cell string) bool { return strings.HasSuffix(cell, "/thence") }
