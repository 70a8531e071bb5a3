package futuretest_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future/futuretest"
)

// What blocks on a mutex is not seen by synctest: the watchdog has to.
func TestRuleThatHangsOnAMutex(t *testing.T) {
	var mu sync.Mutex
	over := make(chan struct{})
	a := thence()
	a.Setup = func() func() { return func() { close(over) } }
	launch := a.NewPromise
	a.NewPromise = func() futuretest.Promise {
		mu.Lock()
		defer mu.Unlock()
		return launch()
	}
	mu.Lock()
	v := futuretest.Check(t, "1.1", a, time.Millisecond)
	mu.Unlock()
	<-over
	require.Equal(t, futuretest.Hung, v.Outcome)
	require.Contains(t, v.Reason, "mutex")
}

func TestRuleThatEndsItsCaller(t *testing.T) {
	a := thence()
	a.Resolved = func(int) futuretest.Future { panic("boom") }
	v := futuretest.Check(t, "1.11", a, time.Minute)
	require.Equal(t, futuretest.Failed, v.Outcome)
	require.Contains(t, v.Reason, "boom")
}

func TestNothingOffered(t *testing.T) {
	for _, v := range futuretest.Survey(t, futuretest.Adapter{Name: "nothing"}, 0) {
		require.Equal(t, futuretest.NotOffered, v.Outcome, v.Rule.ID)
	}
}

func TestHomeMade(t *testing.T) {
	var broken []string
	for _, v := range futuretest.Survey(t, homeMadeAdapter(), 0) {
		if v.Outcome != futuretest.Passed && v.Outcome != futuretest.NotOffered {
			broken = append(broken, v.Rule.ID+" "+v.Outcome.String())
		}
	}
	require.Equal(t, []string{
		"5.1 crashed", "5.2 crashed", "5.4 crashed", "5.5 crashed", "6.1 failed",
	}, broken)
}

func TestRulesAreNumbered(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range futuretest.Rules() {
		require.NotEmpty(t, r.Title, r.ID)
		require.NotEmpty(t, r.Needs(), r.ID)
		require.False(t, seen[r.ID], r.ID)
		seen[r.ID] = true
	}
}
