// Package future holds results that are still under way: launch work, go on,
// and await, chain, combine or cancel the result later.
//
//	user := future.Go(ctx, api.User)            // runs now
//	orders := future.Then(user, api.Orders)     // runs when the user is there
//	total := future.Map(orders, sum)            // pure and quick
//	cents, err := total.Await(ctx)
//
// A fan-out with a time limit and a fallback for each call:
//
//	prices := make([]*future.Future[Price], len(urls))
//	for i, url := range urls {
//		prices[i] = future.Go(ctx, price(url)).   // func(context.Context) (Price, error)
//			Timeout(300 * time.Millisecond).  // fails with ErrTimeout, cancels the call
//			WithFallback(Price{})             // a failure becomes this value
//	}
//	all, err := future.All(prices...).Await(ctx)  // in the order of urls
//
// # Which one do I need?
//
// To launch:
//
//   - Go starts a function on a goroutine; GoOn on a pool or another Executor;
//     Lazy on the first demand. After is a timer.
//   - Promise is for results that come from a callback: NewPromise, hand out
//     its Future, Resolve or Reject it later.
//   - Resolved and Failed are for results that are there already.
//   - Try, Do and Void fit functions of other shapes in.
//
// To wait: Await; Done for a select; Poll and Err to look without waiting.
//
// To go on with one:
//
//   - Then calls a function that may block or fail and gets a ctx; Map one that
//     is pure; FlatMap one that returns a future.
//   - Catch goes on after a failure, Handle after any outcome, Finally too but
//     changes nothing. WithFallback turns a failure into a value.
//   - Timeout stops waiting for it, Shield keeps it from being canceled, On
//     makes what follows run on a pool.
//
// To combine several:
//
//   - All wants every value, AllSettled every result, Any the first value, Race
//     the first outcome, Quorum k values.
//   - Join2 to Join5 call a function with values of different types.
//   - AsCompleted ranges over results as they come.
//
// To make calls resilient, Retry and Hedge wrap a function, Memo caches one, and
// Loader gathers calls of one into batches. They nest, and what they return
// can be called as it is or be given to Go, GoOn and Then.
//
// From Go 1.27 on, Then, Map, FlatMap and Handle are methods too, and chains
// read from left to right.
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
// failure of the work. ErrTimeout is a failure of Timeout's future. A task that
// awaits its own future gets ErrDeadlock at once.
//
// # Who cancels whom?
//
// Cancel flows down: the end of a ctx cancels the work that was launched with
// it. A derived future has one claim on each of its inputs. Canceling it, or
// its settling without needing them, gives the claim up, and an input whose
// last claim is given up is canceled:
//
//	               input fails            input canceled    it is canceled
//	Then, Map,     passes                 passes            gives up its claim
//	  FlatMap, On
//	Catch          fn decides             passes            gives up its claim
//	WithFallback   becomes the value      passes            gives up its claim
//	Handle         fn decides             fn decides        gives up its claim
//	Finally        fn, then passes        fn, then passes   gives up its claim; fn still runs
//	Timeout        passes                 passes            gives up its claim, as when time is up
//	Shield         passes                 passes            keeps its claim for ever
//	All, Join      fails at once          canceled          gives up all its claims
//	AllSettled     is in its results      is in them        cancels nobody
//	Any            waits for the others   the same          gives up all its claims
//	Race           fails at once          canceled          gives up all its claims
//	Quorum         waits for the others   the same          gives up all its claims
//	               while k are possible
//	AsCompleted    yields it              yields it         a break gives up what is left
//
// All, Join, Any, Race and Quorum give up the claims that are left as soon as
// they are decided. So canceling the end of a chain cancels the call at its
// head, the first failure in All ends the rest, and the winner of Any ends the
// losers. An Await that is under way by then counts as a claim too; one that comes
// when the decision can be seen comes too late. To stop waiting cancels nothing. A
// canceled future whose function runs settles when that function returns: the
// library never says that work has stopped while it has not. The
// future of a Promise has no function, so it settles at once, and the producer
// sees that by its Done.
//
// One claim is not shared: after g := Then(f, fn), g.Cancel cancels f, also for
// those who come to await f later. Give f a Shield if it is to go on.
//
// A failure of a combination is a *JoinError, in input order; errors.Is and
// errors.As reach each failure in it. What was canceled only because of the
// combination is not among them.
//
// # Where does my code run, and with which ctx?
//
//	Go's, Lazy's function     a new goroutine
//	GoOn's function           wherever the executor runs it
//	the first continuation    the goroutine of the task that it follows, after
//	  of a task's future        those who await it were woken; after a panic a
//	                            new one
//	every further one         a goroutine of its own
//	a continuation on a       one new goroutine, which then runs the whole chain
//	  settled future, or
//	  behind a Promise or
//	  a timer
//	Join's function           the goroutine of the input that settles last
//	what follows On           a task of its executor
//	AsCompleted's loop body   the goroutine that ranges
//	hooks                     where it happens, at once
//
// Never the goroutine that calls Then, nor the one that calls Resolve, nor
// under a lock. A continuation's ctx comes from the ctx that the head of its
// chain was launched with (for a combination, that of its first input); behind
// a Promise it is context.Background(). Map's and FlatMap's functions get none.
//
// # What happens on a panic?
//
// It becomes a *PanicError with the stack of the goroutine that panicked, is
// handed to the panic hook at once (by default slog logs it), and settles the
// future. SetHooks replaces that hook, and has others: starts and ends of work
// with their durations, failures that nobody has looked at, promises that were
// dropped.
//
// # How do I make calls resilient?
//
// By functions that wrap a function, so that their order is what you write:
//
//		fetch := future.Hedge(future.HedgePolicy{Budget: budget},
//			future.Retry(future.RetryPolicy{Attempts: 3, Budget: budget}, call))
//
//	  - Retry tries again after a failure, with exponential backoff and full
//	    jitter, until the attempts, the time or the ctx end. Permanent ends it at
//	    once; RetryAfter says how long to wait.
//	  - Hedge calls again beside a call that is slow, by a fixed time or the live
//	    95th percentile; the first success wins, and the others are canceled.
//	  - A Budget, shared by all callers of a service, keeps retries and hedges from
//	    storming it: tokens come from calls that succeed.
//	  - Memo calls once for all who ask for a key at the same time, and keeps what
//	    came, for a time and up to a number. A caller that leaves cancels the call
//	    only if it is the last one.
//	  - Loader gathers the keys that are asked for within a moment into one call.
//	    A Memo of a Loader's Get does both.
//
// # What does it cost?
//
// A future is one allocation, and so is each link of a chain, of any length, in
// constant stack; FlatMap needs no more. A channel is made only if somebody
// calls Done or awaits with a ctx that can end, and the ctx of a task becomes a
// real one only if somebody looks at it. The value of a settled future is
// published as the Go memory model wants it: settling synchronizes before the
// return of Await and Poll, and before a receive from Done.
//
// # Coming from elsewhere
//
//	JavaScript    Promise.withResolvers   NewPromise
//	              .then, .catch           Then, Catch
//	              .finally                Finally
//	              Promise.all, any, race  All, Any, Race; the losers are canceled
//	              Promise.allSettled      AllSettled
//	Java          CompletableFuture       NewPromise, or Go
//	              supplyAsync             Go, GoOn
//	              thenApply, thenCompose  Map, FlatMap
//	              handle, whenComplete    Handle, Finally
//	              thenCombine             Join2
//	              orTimeout               Timeout; it cancels the work as well
//	              cancel                  Cancel; it reaches the work as well
//	Python        asyncio.create_task     Go
//	              gather, wait_for        All, Timeout
//	              shield, as_completed    Shield, AsCompleted
//	Kotlin        async, await            Go, Await
//	              CoroutineStart.LAZY     Lazy
//	Rust          tokio::spawn            Go
//	              JoinHandle::abort       Cancel
//	              join!, select!          Join2, Race
//	Scala, folly  recover, via            Catch, On
//	Go            a channel of one value  Go; several may await it, Done selects
//	              errgroup                All; or package errgroup for a scope
//	              singleflight            Memo
package future
