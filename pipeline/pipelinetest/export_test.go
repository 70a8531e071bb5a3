package pipelinetest

import (
	"testing"

	"github.com/thence-go/thence/internal/verdict"
)

// Check runs every rule and returns what came of those that did not pass.
func Check[A, B any](t *testing.T, a Adapter[A, B]) map[string]string {
	d := a.declare()
	said := map[string]string{}
	for _, r := range Rules() {
		switch v, missing := r.check(t, d, hangs); {
		case missing != "":
			said[r.ID] = "not offered: needs " + missing
		case v.Kind != verdict.Passed:
			said[r.ID] = v.Kind.String() + ": " + v.Reason
		}
	}
	return said
}
