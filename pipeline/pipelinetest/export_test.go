package pipelinetest

import "testing"

// Check runs every rule and returns what came of those that did not pass.
func Check[A, B any](t *testing.T, a Adapter[A, B]) map[string]string {
	d := a.declare()
	said := map[string]string{}
	for _, r := range Rules() {
		if v := r.check(t, d, hangs); v.outcome != passed {
			said[r.ID] = string(v.outcome) + ": " + v.reason
		}
	}
	return said
}
