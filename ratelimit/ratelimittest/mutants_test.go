package ratelimittest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/ratelimit/ratelimittest"
)

func said(t *testing.T, a ratelimittest.Adapter) (broken []string) {
	for _, v := range ratelimittest.Survey(t, a) {
		if v.Outcome != ratelimittest.Passed {
			broken = append(broken, v.Rule.ID)
			t.Logf("%s %s: %s: %s", v.Rule.ID, v.Outcome, v.Rule.Title, v.Reason)
		}
	}
	return broken
}

func TestReference(t *testing.T) {
	require.Empty(t, said(t, adapterOf(func() any { return newReference() })))
}
