// Package future holds results that are still under way: launch work, go on,
// and await, chain, combine or cancel the result later.
//
//	user := future.Go(ctx, api.User)            // runs now
//	orders := future.Then(user, api.Orders)     // runs when the user is there
//	total := future.Map(orders, sum)            // pure and quick
//	cents, err := total.Await(ctx)
//
// # Which one do I need?
//
//   - Go starts a function on a goroutine; GoOn on a pool or another Executor.
//   - Promise is for results that come from a callback: NewPromise, hand out
//     its Future, Resolve or Reject it later.
//   - Resolved and Failed are for results that are there already.
//   - Then goes on with a function that may block or fail and gets a ctx; Map
//     with one that is pure; Catch goes on after a failure, Finally in any case.
//   - All waits for several futures of one type.
//   - Try, Do and Void fit functions of other shapes in.
//
// From Go 1.27 on, Then and Map are methods too, and chains read from left to
// right.
//
// # What does Await return?
//
// A future settles exactly once, with one of three outcomes: a value, a failure,
// or a cancellation. It is decided when the function returns:
//
//	the function returns           its ctx        outcome
//	a value, nil                   any            value, even after a Cancel
//	an error of its own            any            failure, unchanged
//	a context error or the cause   still live     failure: an inner deadline
//	a context error or the cause   has ended      canceled, with the cause of ctx
//	(panics)                       any            failure: *PanicError
//	(calls runtime.Goexit)         any            failure: ErrGoexit
//	(never ran: not accepted)      any            failure: what the executor says
//	(never ran: canceled before)   has ended      canceled, with the cause
//
// errors.Is tells them apart: ErrCanceled means that the work was canceled, and
// the error unwraps to the cause; ErrStoppedWaiting means that the ctx of the
// one who awaits ended first, and the work goes on; everything else is a
// failure of the work.
//
// # Who cancels whom?
//
// Cancel flows down: the end of a ctx cancels the work that was launched with
// it. A derived future has one claim on each of its inputs. Canceling it, or
// its settling without needing them, gives the claim up, and an input whose
// last claim is given up is canceled:
//
//	              input fails       input canceled    it is canceled
//	Then, Map     passes            passes            gives up its claim
//	Catch         fn decides        passes            gives up its claim
//	Finally       fn, then passes   fn, then passes   gives up its claim; fn still runs
//	All           fails at once     canceled          gives up all its claims
//
// So canceling the end of a chain cancels the call at its head, and the first
// failure in All ends the rest. An Await under way counts as a claim too, but
// to stop waiting cancels nothing. A canceled future whose function runs
// settles when that function returns: the library never says that work has
// stopped while it has not.
//
// # Where does my code run, and with which ctx?
//
//	Go's function             a new goroutine
//	GoOn's function           wherever the executor runs it
//	the first continuation    the goroutine of the task that it follows, after
//	  of a task's future        those who await it were woken; after a panic a
//	                            new one
//	every further one         a goroutine of its own
//	a continuation on a       one new goroutine, which then runs the whole chain
//	  settled future, or
//	  behind a Promise
//
// Never the goroutine that calls Then, nor the one that calls Resolve, nor
// under a lock. A continuation's ctx comes from the ctx that the head of its
// chain was launched with; behind a Promise it is context.Background().
//
// # What does it cost?
//
// A future is one allocation, and so is each link of a chain, of any length, in
// constant stack. A channel is made only if somebody calls Done or awaits with
// a ctx that can end, and the ctx of a task becomes a real one only if somebody
// looks at it. The value of a settled future is published as the Go memory
// model wants it: settling synchronizes before the return of Await and Poll,
// and before a receive from Done.
package future
