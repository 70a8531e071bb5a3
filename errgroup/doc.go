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
// In one thing. There a panic in a function crashes the process. Here it
// becomes a [*future.PanicError], is handed to the panic hook of package future
// at once, with its stack, and is an error of the group: it ends the group's
// context and Wait returns it. x/sync tried to hand panics on to Wait and took
// that back (golang/go#53757, #74275), because it delayed them and hid their
// stacks; the hook does neither. runtime.Goexit, which x/sync takes for a
// success, is [future.ErrGoexit].
//
// Everything else is as there: every function runs, also after the first
// error; SetLimit(-1) is no limit, SetLimit(0) blocks; a function that calls Go
// of its own group at the limit hangs. With a limit it is several times faster,
// since a goroutine that is done goes on with the next function; so a function
// must not leave behind what sticks to a goroutine, such as profiler labels or
// runtime.LockOSThread.
//
// What follows is about Scope.
//
// # Does it block?
//
// Go and Do block at the [Limit], until there is room, their ctx ends, or the
// scope is over; callers are served in order. TryGo does not. Wait blocks until
// every call that has begun has returned, whatever they do with their context.
//
// # What does a limit bound?
//
// Code that runs, not work in flight: that is what a semaphore is for. A call
// that waits for something of this module (Go and Do of a scope, Await, Wait of
// a scope that it made) with the context that it was given, or one made from
// it, is parked: it does not count meanwhile, and has a place again before it
// goes on, ahead of what has not begun. So calls may start calls at the limit,
// and wait for them. On a pool the same holds for the pool's worker.
//
// The price is that a wait can be late. One that was given less time than its
// call ends in time, but its call goes on only when there is a place again.
// Only a call whose own context has ended goes on at once, beside the limit,
// and should return.
//
// What a limit does not see it does not bound: goroutines that a call starts by
// itself, and a sink of [Supervise], for which the failed call has given its
// place back.
//
// # Is it ordered?
//
// The values that Wait returns, and the errors with [AllErrors], are in the
// order of the calls. Results yields as they finish, with the place among the
// values. Calls begin in order too, but run at once.
//
// # What happens on error?
//
// The first failure is the scope's: it is the cause with which the contexts of
// its siblings end, nothing is started any more, and Wait returns it as it was
// returned, with the values of the calls that succeeded. [AllErrors] returns
// every failure, as a [*future.JoinError]. What a sibling returns only because
// it was canceled is not a failure. With [Supervise] a failure ends nothing,
// with [First] and [Quorum] so many successes decide.
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
// # What happens on panic?
//
// As in Group: a panic is a failure, reported at once. So is Goexit.
package errgroup
