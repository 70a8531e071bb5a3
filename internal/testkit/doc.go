// Package testkit holds what the tests of this module share.
//
//   - How many run at once? [Gauge] counts what is inside and remembers the
//     most there ever was, so a test can assert an exact peak.
//   - Does it survive a bubble? [TwoBubbles] runs a function in two
//     testing/synctest bubbles, one after the other in one process: state
//     that outlives the first bubble (a channel in a package-level pool, a
//     goroutine started at import) kills the second.
//   - Does it end? [Ends] runs a function in a bubble where a deadlock is
//     found at once and fails the test, instead of at the test's timeout.
//
// Only tests import it.
package testkit
