package figures

import "fmt"

// Check is one target of a row.
type Check interface {
	Target() string
	// Hold reports what there is instead, and whether that meets the target.
	// It is not called unless all sides were measured.
	Hold(sides map[string]Samples) (now string, met bool)
	Needs() []string
}

// ratio holds a side to at most so many times the time of a peer.
type ratio struct {
	most float64
	peer string
	side string // thence if empty
	unit string // time of an item or an op if empty
}

func (c ratio) Needs() []string { return []string{orThence(c.side), c.peer} }

func (c ratio) Target() string {
	return named(c.side, fmt.Sprintf("<= %g x %s%s", c.most, c.peer, inUnit(c.unit)))
}

func (c ratio) Hold(sides map[string]Samples) (string, bool) {
	ours, theirs := sides[orThence(c.side)].Of(c.unit), sides[c.peer].Of(c.unit)
	r := Over(ours, theirs)
	return r.String(), r.Center <= c.most
}

// Ratio returns what c divides, if it is a ratio: the two sides, and the most
// that it may be.
func Ratio(c Check) (side, peer, unit string, most float64, ok bool) {
	r, ok := c.(ratio)
	return orThence(r.side), r.peer, r.unit, r.most, ok
}

// above holds thence to the time of a peer and so many ns.
type above struct {
	ns   float64
	peer string
}

func (c above) Needs() []string { return []string{Thence, c.peer} }
func (c above) Target() string  { return fmt.Sprintf("<= %s + %g ns", c.peer, c.ns) }

func (c above) Hold(sides map[string]Samples) (string, bool) {
	d := Median(sides[Thence].Per("ns")) - Median(sides[c.peer].Per("ns"))
	return fmt.Sprintf("%+.3g ns", d), d <= c.ns
}

// atMost holds thence to a time.
type atMost struct{ ns float64 }

func (c atMost) Needs() []string { return []string{Thence} }
func (c atMost) Target() string  { return fmt.Sprintf("<= %g ns", c.ns) }

func (c atMost) Hold(sides map[string]Samples) (string, bool) {
	v := Median(sides[Thence].Per("ns"))
	return Number(v) + " ns", v <= c.ns
}

// cores holds thence to so much of the processors' time, by the same work in a
// plain loop on one of them.
type cores struct {
	least   float64
	workers float64 // no more processors than these can be used
	loop    string
}

func (c cores) Needs() []string { return []string{Thence, c.loop} }
func (c cores) Target() string  { return fmt.Sprintf(">= %g%% of the cores", 100*c.least) }

func (c cores) Hold(sides map[string]Samples) (string, bool) {
	n := min(Median(sides[Thence]["procs"]), c.workers)
	used := Median(sides[c.loop].Per("ns")) / Median(sides[Thence].Per("ns")) / n
	return fmt.Sprintf("%.3g%% of %g", 100*used, n), used >= c.least
}

// allocs holds a side to a number of allocations.
type allocs struct {
	most float64
	side string // thence if empty
}

func (c allocs) Needs() []string { return []string{orThence(c.side)} }
func (c allocs) Target() string  { return named(c.side, fmt.Sprintf("<= %g allocs", c.most)) }

func (c allocs) Hold(sides map[string]Samples) (string, bool) {
	v := Median(sides[orThence(c.side)].Per("allocs"))
	return Number(v) + " allocs", v <= c.most+rareAllocs
}

// bytes holds thence to so much memory an item.
type bytes struct{ most float64 }

func (c bytes) Needs() []string { return []string{Thence} }
func (c bytes) Target() string  { return fmt.Sprintf("<= %g bytes", c.most) }

func (c bytes) Hold(sides map[string]Samples) (string, bool) {
	v := Median(sides[Thence].Per("bytes"))
	return Number(v) + " bytes", v <= c.most
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

func (c allocsBeyond) Needs() []string { return []string{Thence, c.side} }
func (c allocsBeyond) Target() string {
	return fmt.Sprintf("<= %g allocs more than %s", c.most, c.side)
}

func (c allocsBeyond) Hold(sides map[string]Samples) (string, bool) {
	d := Median(sides[Thence]["allocs/op"]) - Median(sides[c.side]["allocs/op"])
	return fmt.Sprintf("%+.3g allocs", d), d <= c.most
}

// Thence is the side that a user gets without options.
const Thence = "thence"

func orThence(side string) string {
	if side == "" {
		return Thence
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
