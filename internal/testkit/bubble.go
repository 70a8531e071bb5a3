package testkit

import (
	"testing"
	"testing/synctest"
)

// TwoBubbles runs fn in two synctest bubbles in a row. The second is skipped
// when the first failed.
func TwoBubbles(t *testing.T, fn func(t *testing.T)) {
	t.Helper()
	for _, name := range []string{"bubble 1", "bubble 2"} {
		// synctest.Test, not a subtest, is what makes the bubble: a subtest
		// around it only gives the two runs names of their own.
		if !t.Run(name, func(t *testing.T) { synctest.Test(t, fn) }) {
			return
		}
	}
}

// Ends runs fn in a bubble: fn must return, and all that it started must have
// ended by then or end without waiting for anything. If fn or one of its
// goroutines is blocked for good, synctest says so and ends the test at once:
// nothing waits for a timeout in real time.
//
// The clock of a bubble stops when fn returns, so a goroutine that still
// sleeps then counts as blocked for good: fn waits for what it starts.
func Ends(t *testing.T, fn func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, fn)
}
