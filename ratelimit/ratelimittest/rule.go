package ratelimittest

import (
	"slices"
	"strings"
)

// Rule is one numbered demand on a limiter.
type Rule struct {
	ID    string // "3.4": the fourth rule of the third group
	Title string
	Why   string // what goes wrong in programs otherwise

	needs needs
	run   func(*check)
	again bool // in a second bubble too
}

// needs is which methods a rule calls, and whether those who wait hold places.
type needs uint8

const (
	take needs = 1 << iota
	give
	wait
	places // what NoPlaces denies
)

var methods = []string{"Take", "Give", "Wait", "places of those who wait, and NoPlaces is declared"}

func (n needs) String() string {
	var names []string
	for i, name := range methods {
		if n&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " and ")
}

// offered returns which methods a limiter has.
func (a Adapter) offered(limiter any) (n needs) {
	if !a.NoPlaces {
		n |= places
	}
	if _, ok := limiter.(taker); ok {
		n |= take
	}
	if _, ok := limiter.(giver); ok {
		n |= give
	}
	if _, ok := limiter.(Waiter); ok {
		n |= wait
	}
	return n
}

// groups holds the first part of each number, by its title.
var groups = []string{"Take", "Give", "Wait", "Take and Wait", "Bubbles and leaks"}

// Groups returns the titles of the groups: the first is that of rule "1.1".
func Groups() []string { return slices.Clone(groups) }

// Rules returns all rules, in the order of their numbers.
func Rules() []Rule {
	return slices.Concat(takes(), refusals(), gives(), waits(), endings(), mixes(), homes())
}
