package main

import (
	"fmt"
	"math"
)

// check is one target of a row.
type check interface {
	target() string
	// hold reports what there is instead, and whether that meets the target.
	// It is not called unless all sides were measured.
	hold(sides map[string]samples) (now string, met bool)
	needs() []string
}

// ratio holds a side to at most so many times the time of a peer.
type ratio struct {
	most float64
	peer string
	side string // thence if empty
	unit string // time of an item or an op if empty
}

func (c ratio) needs() []string { return []string{orThence(c.side), c.peer} }

func (c ratio) target() string {
	return named(c.side, fmt.Sprintf("<= %g x %s%s", c.most, c.peer, inUnit(c.unit)))
}

func (c ratio) hold(sides map[string]samples) (string, bool) {
	ours, theirs := sides[orThence(c.side)].of(c.unit), sides[c.peer].of(c.unit)
	r := median(ours) / median(theirs)
	return fmt.Sprintf("%.3g%s", r, spread(ours, theirs)), r <= c.most
}

// spread is the least and the greatest ratio of two figures of the same run.
func spread(ours, theirs []float64) string {
	if len(ours) < 2 || len(ours) != len(theirs) {
		return ""
	}
	least, greatest := math.Inf(1), 0.0
	for i := range ours {
		r := ours[i] / theirs[i]
		least, greatest = min(least, r), max(greatest, r)
	}
	return fmt.Sprintf(" (%.3g to %.3g)", least, greatest)
}

// above holds thence to the time of a peer and so many ns.
type above struct {
	ns   float64
	peer string
}

func (c above) needs() []string { return []string{thence, c.peer} }
func (c above) target() string  { return fmt.Sprintf("<= %s + %g ns", c.peer, c.ns) }

func (c above) hold(sides map[string]samples) (string, bool) {
	d := median(sides[thence].per("ns")) - median(sides[c.peer].per("ns"))
	return fmt.Sprintf("%+.3g ns", d), d <= c.ns
}

// atMost holds thence to a time.
type atMost struct{ ns float64 }

func (c atMost) needs() []string { return []string{thence} }
func (c atMost) target() string  { return fmt.Sprintf("<= %g ns", c.ns) }

func (c atMost) hold(sides map[string]samples) (string, bool) {
	v := median(sides[thence].per("ns"))
	return number(v) + " ns", v <= c.ns
}

// cores holds thence to so much of the processors' time, by the same work in a
// plain loop on one of them.
type cores struct {
	least   float64
	workers float64 // no more processors than these can be used
	loop    string
}

func (c cores) needs() []string { return []string{thence, c.loop} }
func (c cores) target() string  { return fmt.Sprintf(">= %g%% of the cores", 100*c.least) }

func (c cores) hold(sides map[string]samples) (string, bool) {
	n := min(median(sides[thence]["procs"]), c.workers)
	used := median(sides[c.loop].per("ns")) / median(sides[thence].per("ns")) / n
	return fmt.Sprintf("%.3g%% of %g", 100*used, n), used >= c.least
}

// allocs holds a side to a number of allocations.
type allocs struct {
	most float64
	side string // thence if empty
}

func (c allocs) needs() []string { return []string{orThence(c.side)} }
func (c allocs) target() string  { return named(c.side, fmt.Sprintf("<= %g allocs", c.most)) }

func (c allocs) hold(sides map[string]samples) (string, bool) {
	v := median(sides[orThence(c.side)].per("allocs"))
	return number(v) + " allocs", v <= c.most+rareAllocs
}

// bytes holds thence to so much memory an item.
type bytes struct{ most float64 }

func (c bytes) needs() []string { return []string{thence} }
func (c bytes) target() string  { return fmt.Sprintf("<= %g bytes", c.most) }

func (c bytes) hold(sides map[string]samples) (string, bool) {
	v := median(sides[thence].per("bytes"))
	return number(v) + " bytes", v <= c.most
}

// rareAllocs an item are not the item's: a queue that grows, a free list that
// fills.
const rareAllocs = 0.05

// allocsBeyond holds thence to so many allocations an op more than a side has
// that does the same by hand.
type allocsBeyond struct {
	most float64
	side string
}

func (c allocsBeyond) needs() []string { return []string{thence, c.side} }
func (c allocsBeyond) target() string {
	return fmt.Sprintf("<= %g allocs more than %s", c.most, c.side)
}

func (c allocsBeyond) hold(sides map[string]samples) (string, bool) {
	d := median(sides[thence]["allocs/op"]) - median(sides[c.side]["allocs/op"])
	return fmt.Sprintf("%+.3g allocs", d), d <= c.most
}

const thence = "thence"

func orThence(side string) string {
	if side == "" {
		return thence
	}
	return side
}

func named(side, target string) string {
	if side == "" {
		return target
	}
	return side + " " + target
}

func inUnit(unit string) string {
	if unit == "" {
		return ""
	}
	return " in " + unit
}
