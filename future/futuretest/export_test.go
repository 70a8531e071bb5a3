package futuretest

import (
	"slices"
	"testing"
	"time"
)

// ShortSurvey is Survey with chains that are short, whatever the flags say,
// over all rules or the given ones.
func ShortSurvey(t *testing.T, a Adapter, ids ...string) []Verdict {
	rules := Rules()
	if len(ids) > 0 {
		rules = slices.DeleteFunc(rules, func(r Rule) bool { return !slices.Contains(ids, r.ID) })
	}
	return survey(t, a, rules, hangs, true)
}

// Check runs one rule in this process.
func Check(t *testing.T, id string, a Adapter, limit time.Duration) Verdict {
	for _, r := range Rules() {
		if r.ID == id {
			return r.check(t, a, limit)
		}
	}
	panic("no rule " + id)
}
