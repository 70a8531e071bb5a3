// Package errgroup runs functions as parts of one whole, with one outcome.
//
// # Which one do I need?
//
//   - [Group], if the code uses golang.org/x/sync/errgroup and shall go on as it
//     is: change the import and nothing else.
//   - [Scope], made by [Collect], for everything new: functions get a context
//     and return typed results, nothing is started once the scope is over,
//     nested calls cannot deadlock at the limit, and Wait has values and error.
//
// # How does Group differ from x/sync's?
//
// Code that keeps to the documentation of x/sync meets the first two rows alone, and
// only where it would have crashed or hidden a failure.
//
//	what             | x/sync               | here                  | why
//	-----------------+----------------------+-----------------------+----------------------------
//	a function       | the process crashes  | *future.PanicError    | x/sync tried to hand panics
//	panics           |                      | is told to the panic  | on to Wait and took that
//	                 |                      | hook at once, with    | back (golang/go#53757,
//	                 |                      | its stack, ends the   | #74275): it delayed them and
//	                 |                      | context and is an     | hid their stacks. The hook
//	                 |                      | error for Wait        | does neither.
//	runtime.Goexit   | counts as a success  | future.ErrGoexit is   | work that did not come to
//	in a function    |                      | an error for Wait     | its end has not succeeded
//	Go(nil),         | the new goroutine    | Go or TryGo panics    | the stack shows who passed
//	TryGo(nil)       | panics               |                       | nil
//	with a limit, a  | the goroutine ends   | another function may  | it is several times faster
//	function leaves  | and takes it along   | run there next: undo  |
//	something on its |                      | LockOSThread, labels  |
//	goroutine        |                      | of the profiler       |
//
// Everything else is as there: every function runs, also after the first
// error; SetLimit(-1) is no limit, SetLimit(0) blocks; a function that calls Go
// of its own group at the limit hangs.
//
// What follows is about Scope.
//
// # Does it block?
//
// Go and Do block at the [Limit], until there is room, their ctx ends, or the
// scope is over; callers are served in order. So do they for the limiter of
// [Throttle], which is asked when there is room; Close does not end that. TryGo does not wait for room.
// Start waits for more: until its function has said that it is ready. Wait
// blocks until every call that has begun has returned, whatever they do with
// their context, and then until the cleanups have.
//
// # What does a limit bound?
//
// Code that runs, not work in flight: that is what a semaphore is for. A call
// that waits for something of this module (Go, Do and Start of a scope, Await,
// Wait of a scope that it made) with the context that it was given, or one made
// from it, is parked: it does not count meanwhile, and has a place again before
// it goes on, ahead of what has not begun. So calls may start calls at the
// limit, and wait for them. On a pool the same holds for the pool's worker.
//
// The price is that a wait can be late. One that was given less time than its
// call ends in time, but its call goes on only when there is a place again.
// Only a call whose own context has ended goes on at once, beside the limit,
// and should return.
//
// What a limit does not see it does not bound: goroutines that a call starts by
// itself, and a sink of [Supervise] or a predicate of [Until], for which the
// call has given its place back.
//
// # Is it ordered?
//
// The values that Wait returns, and the errors with [AllErrors], are in the
// order of the calls. Results yields as they finish, with the place among the
// values. Calls begin in order too, but run at once.
//
// # What decides?
//
//	                       | ends when                | Wait returns
//	-----------------------+--------------------------+---------------------------------
//	by default             | a call fails             | all values; the first failure
//	AllErrors              | a call fails             | all values; every failure
//	Supervise              | nothing fails it         | all values; the sink has the rest
//	Supervise, AllErrors   | nothing fails it         | all values; every failure
//	First, Quorum(k)       | 1 or k calls succeed     | their values; or ErrQuorum
//	Until(enough)          | enough says so           | the values by then; or ErrUndecided
//
// # What happens on error?
//
// The first failure is the scope's: it is the cause with which the contexts of
// its siblings end, nothing is started any more, and Wait returns it as it was
// returned, with the values of the calls that succeeded. [AllErrors] returns
// every failure, as a [*future.JoinError]. What a sibling returns only because
// it was canceled is not a failure.
//
// # What happens on cancel?
//
// When the context given to Collect ends, or by Cancel, the contexts of the
// calls end with the same cause. A call that has not begun never does, and is
// canceled at once, even if an executor has it in a queue; one that returns its
// context's error is canceled; one that returns a value has it. Wait returns a
// [*future.CanceledError] if the end of the context cost a call, and after
// Cancel in any case, unless a call has failed.
//
// What must be done all the same, such as to give back what the calls have
// taken, is a Cleanup: its context does not hear of the cancel for as long as
// it was given.
//
// # What happens on panic?
//
// As in Group: a panic is a failure, reported at once. So is Goexit. That holds
// for sinks, predicates and cleanups too. Only a hook that panics crashes the
// process.
//
// # Can a server use it?
//
// For years: nothing is kept of a call of Do, and nothing of a call of Go whose
// result Results has yielded. With Supervise a failure is released when the sink
// has had it. So the memory of such a scope is that of the calls that are under
// way. Close ends it when they are done, Cancel at once.
//
// # What can I see?
//
// Stats counts. [WithHooks] tells of each call as it begins, ends, panics or is
// refused, and how long it has waited and run.
package errgroup
