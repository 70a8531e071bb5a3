package futuretest

import "slices"

// Rule is one numbered demand on a future.
type Rule struct {
	ID    string // "2.4": the fourth rule of the second group
	Title string
	Why   string // what goes wrong in programs otherwise; may be empty

	needs need
	where place
	run   func(*check)
}

// Needs names what the rule uses of an Adapter; where one of them is missing,
// the rule is not offered.
func (r Rule) Needs() []string { return r.needs.names(nil) }

// place is where a rule is run.
type place uint8

const (
	inBubble place = iota // in virtual time, where a deadlock is found at once
	inTwo                 // the same, twice in a row
)

// groups holds the first part of each number, by its title.
var groups = []string{
	"Settling",
	"Outcomes",
	"Where continuations run",
	"Who cancels whom",
	"Panics",
	"Goexit",
	"Order and depth",
	"Memory",
	"Virtual time",
}

// Groups returns the titles of the groups: the first is that of rule "1.1".
func Groups() []string { return slices.Clone(groups) }

// Rules returns all rules, in the order of their numbers.
func Rules() []Rule {
	return slices.Concat(
		settling(), outcomes(), places(),
		chaining(), combining(),
		panics(), goexits(),
		order(), memory(), virtualTime(),
	)
}
