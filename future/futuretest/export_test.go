package futuretest

import (
	"testing"
	"time"
)

// ShortSurvey is Survey with chains that are short, whatever the flags say.
func ShortSurvey(t *testing.T, a Adapter) []Verdict { return survey(t, a, hangs, true) }

// Check runs one rule in this process.
func Check(t *testing.T, id string, a Adapter, limit time.Duration) Verdict {
	for _, r := range Rules() {
		if r.ID == id {
			return r.check(t, a, limit)
		}
	}
	panic("no rule " + id)
}
