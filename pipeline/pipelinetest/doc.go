// Package pipelinetest tests what a program builds with package pipeline: it
// runs stages in tests, has sources that fail and sinks that break, and rules
// that every stage should keep. Only tests import it.
//
// All of it is for use inside of a testing/synctest bubble, where time is
// virtual and a leak is exact:
//
//	func TestEnrich(t *testing.T) {
//		synctest.Test(t, func(t *testing.T) {
//			got := pipelinetest.Run(t, enrich, "a", "b", "c")
//			require.Equal(t, []string{"A", "B", "C"}, got)
//
//			broken := pipelinetest.Fails(errLost, "a", "b")
//			_, err := pipelinetest.Outcome(t, enrich, broken)
//			require.ErrorIs(t, err, errLost)
//		})
//	}
//
// # How do I test a stage?
//
//   - What does it make of good items? [Run] fails the test if the flow does,
//     and if it leaves a goroutine behind.
//   - And of a flow that ends badly? [Outcome] gives the error back. The
//     sources [Fails], [Panics], [Exits], [Waits], [Sleeps] and [Cancels]
//     yield their items first, so the place of the failure is their number;
//     [Paced] takes its time.
//   - What if who is behind is slow, breaks or fails? [Sink].
//   - Does it run as many at once as I said? [Gauge] and [Measure].
//   - Is the order kept? [InOrder].
//   - And everything that nobody thinks of? [Conform].
//
// # Which rules are there?
//
// [Rules] lists them, each with a number that stays, what it demands and why:
//
//	1  a break              4  items
//	2  cancel               5  several runs
//	3  failures             6  ends and bounds
//
// An [Adapter] declares what the stage is: whether it gives every item, in
// order, the same in each run. Rules that need a declaration which is not made
// are skipped as not offered: that is no failure.
//
// # How are the rules run?
//
// Each in a bubble of its own, which [Conform] makes. What hangs there fails
// that rule alone, and so does what blocks where synctest cannot see it, on a
// mutex for example, after ten seconds of real time. A channel that the stage
// keeps from another bubble ends the process: Go says so, and where. Some rules
// panic on purpose: set future's panic hook if the log should not tell.
package pipelinetest
