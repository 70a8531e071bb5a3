// Package futuretest is a conformance suite for futures: numbered rules that
// say what a future does when things go well and when they do not, which any
// Go library with futures can be run against, in the spirit of the Promises/A+
// test suite. Only tests import it.
//
//	func TestConformance(t *testing.T) {
//		futuretest.Run(t, futuretest.Adapter{
//			Name: "mine",
//			Go: func(ctx context.Context, fn func(context.Context) (int, error)) futuretest.Future {
//				return mine.Start(ctx, fn)
//			},
//		})
//	}
//
// # What does my library have to have?
//
// Whatever it has. An Adapter is a struct of functions, each of a few lines,
// over futures of int; those that are nil are what the library does not have.
// The rules that need them are skipped as not offered: that is no failure.
//
// # Which rules are there?
//
// Rules lists them, each with a number that stays, what it demands, why, and
// what it needs:
//
//	1  settling                   6  Goexit
//	2  outcomes                   7  order and depth
//	3  where continuations run    8  memory
//	4  who cancels whom           9  virtual time
//	5  panics
//
// They are the promises of package future. Where a library decides otherwise
// on purpose, a rule that it breaks is a difference, not always a fault: the
// rule's Why says what it costs.
//
// # How are they run?
//
// Each in a testing/synctest bubble: nothing sleeps for real, "at rest" is
// exact, and what hangs is found at once and fails that rule alone. So the
// library must work in a bubble; state that it makes at import does not. What
// blocks where synctest cannot see it, on a mutex for example, counts as hung
// after ten seconds of real time. Rule 1.8 is one for the race detector: run
// the tests with -race as well.
//
// # What if my library crashes the process?
//
// Run is for the tests of a library that means to obey: it runs in the test's
// own process, with its coverage and its race detector. Survey is for one that
// does not: it runs the rules in a child process, starts another when that one
// ends, and returns what came of each rule.
package futuretest
