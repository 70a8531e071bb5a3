package ratelimittest_test

import (
	"testing"

	"go.uber.org/goleak"
)

// One mutant blocks for ever, on purpose, and so does what tries it.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/thence-go/thence/ratelimit/ratelimittest_test.forEver"),
		goleak.IgnoreAnyFunction("github.com/thence-go/thence/internal/verdict.(*Court).Hear"),
		goleak.IgnoreAnyFunction("testing/synctest.testingSynctestTest"),
	)
}
