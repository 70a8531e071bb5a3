// Package pipeline moves items through stages that run at the same time.
//
// A [Flow] describes where items come from and what happens to them. It is
// made by a source, [From], [FromSlice], [FromSeq2] or [Generate], and goes on
// with steps:
//
//   - [Map] and Filter for functions that are quick and cannot fail;
//   - [Then] for functions that may block or fail, with [Workers] for several
//     items at once, and [On] to run those on a pool;
//   - [Batch] to gather items, by number or by time;
//   - [Via] for a [Stage], a reusable part of a flow;
//   - Progress and OnUndelivered to watch it.
//
// Nothing runs until a terminal operation: ForEach, Collect, [Reduce], Count,
// Drain, or All, to range over the items. Each one is a run of its own.
//
// # Does it block?
//
// A terminal blocks until every function of its run has returned, also when it
// ends early: after it, nothing of the flow is running. It waits for a
// function that does not look at its context. A terminal that is called by a
// task of a pool gives the task's place back while it waits, so a flow may run
// on the very pool that its caller runs on.
//
// # Where does my code run?
//
// A source runs on a goroutine of the flow's own, and so does Then: one, or as
// many as it has Workers. Map, Filter, Progress and a Batch without a time
// limit have none: they are fused with their neighbor, one loop for all, or
// run by one goroutine of their own behind a step with Workers. Without
// Workers a function is called for one item at a time, in order. The function
// that is given to ForEach or [Reduce], and the body of a loop over All, run
// on the caller's own goroutine.
//
// # Is it ordered?
//
// Yes: the results of a step with Workers go on in the order of its items,
// unless the step is [Unordered]. Slow items begin in the order in which they
// came.
//
// # How far does it read ahead?
//
// Before each Then, each Batch with a time limit, each gathering of Workers
// and the terminal there is a queue of 64 items for each goroutine that fills
// it. It grows, to 4096 at most, only while items take less than two
// microseconds or so. A worker takes items one by one when they are slow and
// up to 1024 at once when they are quick; what it has taken and not begun, an
// idle worker takes over. A step in order holds up to 1024 finished results
// behind a slow one. [Ahead] sets the bound on the results of a step. Memory
// does not depend on how long the flow is.
//
// What a source yields is never held back to fill a chunk: a worker is never
// idle while an item waits before it. Only the items of a slice, which are all
// at hand, go through fused steps in chunks, of up to 64 and only as long as
// those steps take less than a microsecond an item.
//
// # What happens on error?
//
// The first error stops the flow: the context that the functions have ends,
// with the error as its cause, and the terminal returns it as an [*Error] with
// the name of the stage and the position of the item. What other functions
// then return because their context ended is not reported. A function returns
// [ErrSkip] to drop its item. [DeadLetter] turns failures of single items into
// letters, and the flow goes on.
//
// # What happens on cancel?
//
// When the context of the terminal ends, the flow stops and the terminal
// returns an error that matches future.ErrCanceled and unwraps to the cause.
// The functions see the same cause in their own context. The end of the
// context is looked for between batches, so a few quick items may still be
// done after it. A break out of a loop over All stops the flow in the same
// way, and the loop statement ends when it has stopped.
//
// # What happens on panic?
//
// A panic in any function is an error like another: an [*Error] around a
// *future.PanicError, told to the panic hook at once. runtime.Goexit gives
// future.ErrGoexit. Two functions are the caller's own and keep their meaning:
// a panic in the body of a loop over All goes on when the flow has stopped,
// and so does Goexit, there and in a function on the caller's goroutine.
//
// # What is visible to whom?
//
// In the terms of the Go memory model: what a function did for an item, before
// it returned or yielded, is synchronized before the calls that get the item
// further down, and everything that a run's functions did is synchronized
// before the return of its terminal.
package pipeline
