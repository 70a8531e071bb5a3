package pipelinetest

import "slices"

// Rule is one numbered demand on a stage.
type Rule struct {
	ID    string // "2.4": the fourth rule of the second group
	Title string
	Why   string // what goes wrong in programs otherwise

	needs func(declared) string // what is not declared, "" if nothing is missing; may be nil
	run   func(*check)
	again bool // in a second bubble too
}

// groups holds the first part of each number, by its title.
var groups = []string{
	"A break",
	"Cancel",
	"Failures",
	"Items",
	"Several runs",
	"Ends and bounds",
}

// Groups returns the titles of the groups: the first is that of rule "1.1".
func Groups() []string { return slices.Clone(groups) }

// Rules returns all rules, in the order of their numbers.
func Rules() []Rule {
	return slices.Concat(breaks(), cancels(), failures(), contents(), runs(), ends())
}

func origins(d declared) string {
	if d.of == nil {
		return "Of"
	}
	return ""
}

func early(d declared) string {
	if d.atEnd {
		return "something that comes out before the end, and AtEnd is declared"
	}
	return ""
}
