package verdict_test

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/verdict"
)

func TestWhatComesOfARule(t *testing.T) {
	for name, want := range map[string]struct {
		rule   func()
		kind   verdict.Kind
		reason string
	}{
		"returns": {func() {}, verdict.Passed, ""},
		"fails":   {func() { panic(verdict.Verdict{Kind: verdict.Failed, Reason: "because"}) }, verdict.Failed, "because"},
		"hangs":   {func() { panic(verdict.Verdict{Kind: verdict.Hung, Reason: "for ever"}) }, verdict.Hung, "for ever"},
		"panics":  {func() { panic("boom") }, verdict.Failed, "a call panicked in its caller: boom"},
		"exits":   {runtime.Goexit, verdict.Failed, "a call ended the goroutine of its caller"},
	} {
		t.Run(name, func(t *testing.T) {
			heard, cleaned := 0, 0
			v := verdict.Trial{
				Subject: "subject", Limit: time.Minute, Grace: time.Minute, Bubbles: 2,
				Rule: func(c *verdict.Court) {
					heard++
					c.Hear(want.rule, func() { cleaned++ })
				},
			}.Hold(t)
			require.Equal(t, want.kind, v.Kind)
			require.Equal(t, want.reason, v.Reason)
			require.Equal(t, heard, cleaned)
			require.Equal(t, v.Kind == verdict.Hung, v.Stacks != "")
		})
	}
}

// What is said first holds, whatever follows from it.
func TestTheFirstVerdictHolds(t *testing.T) {
	v := verdict.Trial{
		Subject: "subject", Limit: time.Minute, Grace: time.Minute, Bubbles: 1,
		Rule: func(c *verdict.Court) {
			c.Hear(func() { c.Say(verdict.Failed, "first"); panic("second") }, func() { c.Say(verdict.Hung, "third") })
		},
	}.Hold(t)
	require.Equal(t, verdict.Verdict{Kind: verdict.Failed, Reason: "first"}, v)
}

func TestNewcomersAreThoseThatCameMeanwhile(t *testing.T) {
	require.Empty(t, verdict.LookAround().Bubble)
	synctest.Test(t, func(t *testing.T) {
		before, end := verdict.LookAround(), make(chan struct{})
		require.NotEmpty(t, before.Bubble)
		go func() {
			for range 100_000 {
				runtime.Gosched()
			}
		}()
		require.Empty(t, before.Newcomers(), "it has ended by then")
		go func() { <-end }()
		require.Contains(t, before.Newcomers(), "TestNewcomersAreThoseThatCameMeanwhile")
		require.Empty(t, verdict.LookAround().Newcomers())
		close(end)
		require.Empty(t, before.Newcomers())
	})
}
