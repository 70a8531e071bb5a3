package ratelimittest

import "testing"

// Check checks one rule.
func Check(t *testing.T, a Adapter, id string) Verdict {
	for _, r := range Rules() {
		if r.ID == id {
			return r.check(t, a)
		}
	}
	t.Fatal("no rule " + id)
	return Verdict{}
}
