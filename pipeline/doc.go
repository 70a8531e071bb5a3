// Package pipeline moves items through steps that run at the same time.
//
//	ids := pipeline.FromSlice([]int{1, 2, 3, 4, 5})
//	patient := pipeline.Retry(future.RetryPolicy{Attempts: 3}, pipeline.Within(time.Second, get))
//	fetch := pipeline.DeadLetter(bury, patient)
//	users := pipeline.Then(ids, fetch, pipeline.Workers(8), pipeline.Ahead(100), pipeline.Name("fetch"))
//	err := pipeline.Batch(users, 500, time.Second).ForEach(ctx, store)
//
// calls get for at most 8 items at once, up to three times for each, with a
// second for each attempt. An item that has failed for good goes to bury, and the
// flow goes on without it. At most 100 results wait for the Batch, beside those
// in the hands of the workers, and store gets them in the order of the ids. When
// ForEach returns, nothing is running any more. Your own functions are
//
//	func get(ctx context.Context, id int) (string, error)
//	func bury(ctx context.Context, l pipeline.Letter[int]) error
//	func store(ctx context.Context, users []string) error
//
// # What is a flow?
//
// A Flow describes where items come from and what happens to them. A source
// makes one, and each step makes another of it. Nothing runs until a terminal
// operation; each of them is a run of its own. What keeps the type of the items
// is a method. What changes it is a function, and with Go 1.27 a method too:
// f.Then(fn) is Then(f, fn).
//
// # Which one do I want?
//
//	source    From, FromSlice, FromSeq2      a sequence, a slice, a sequence that can fail
//	          Generate                       a function that yields, and may block and fail
//	          FromChan, FromReader, Tick     a channel, lines, the time every so often
//	          Topic.Subscribe                what others publish
//	an item   Map, Filter, Tap               quick functions that cannot fail
//	          Then                           one that may block or fail; Do and Try lift others to its shape
//	          MapAsync                       one that starts a future
//	          FlatMap, Expand                several for one: quick, or of something that blocks or fails
//	          Partition                      Then for one item of a key at a time
//	several   Scan                           a running total
//	          Batch, BatchWeight, Window     slices: by number and time, by size, that may overlap
//	          Take, TakeWhile, Flow.Skip     the beginning, or all but that
//	          Distinct                       without repetitions
//	time      Debounce, Throttle             after a pause, or at a rate
//	          Buffer, Conflate               room for bursts: what is too much waits, is dropped, is merged
//	join      Merge, Concat, Zip             as they come, one after the other, in pairs
//	branch    Split, Broadcast, GroupBy      one of two stages, all stages, a stage for each key
//	          Via                            a Stage: a reusable part of a flow
//	failures  Retry, Within, Replace, DeadLetter, and Skip as a function: they wrap functions, and nest
//	watch     Progress, OnUndelivered, InFlight          how far; what was lost; how many at once
//	terminal  ForEach, Collect, Reduce, Count, Drain     a function, a slice, a value, a number, nothing
//	          All, First, SendTo             range over it, the first item, a channel
//	          Tee                            several terminals for one run
//	          Start                          in the background: a Run
//
// Workers runs a step on several items at once, Unordered lets results overtake
// each other, Ahead bounds them, On takes the workers from a pool, and Name is
// for errors and figures.
//
// # Does it block?
//
// A terminal blocks until every function of its run has returned, also when it
// ends early: after it, nothing of the flow is running. It waits for a function
// that does not look at its context, and so does Wait of a Run. Start and Cancel
// do not block. A task of a pool that waits for a flow gives its place back
// meanwhile, so a flow may run on the very pool that its caller runs on.
//
// # Where does my code run?
//
// A source has a goroutine of the flow's own. Then, MapAsync, Expand and
// Partition have one, or one a worker, or with On tasks of an executor; so have
// Map, Filter and FlatMap if they are given Workers or On. Zip, Concat, GroupBy,
// Debounce, Throttle and a Batch with a time limit have one.
//
// All other steps are fused with their neighbor: one loop, on the goroutine that
// their items come from. If they come from several, as behind Workers or Merge,
// one more goroutine gathers them and runs the steps. A Buffer or Conflate before
// a fused step has one that runs it. Progress calls its function on one.
//
// What is given to ForEach, Reduce, and the body of a loop over All run on the
// caller's own goroutine; with Workers or On, ForEach's function runs on those.
// Start's function and each sink of Tee have one of their own. Without Workers a
// function is called for one item at a time, in order; with them, several calls
// run at once, also of what Retry, DeadLetter and the like have wrapped.
//
// # What is ordered?
//
// Everything, also with Workers: results go on in the order of the items. The
// exceptions are Unordered, ForEach with Workers, and what several flows bring
// at once: Merge, and the branches of Split, Broadcast and GroupBy, each of which
// keeps its own order. Partition keeps it within a key. Slow items begin in the
// order in which they came.
//
// # How far does it read ahead?
//
// Before each step that has a goroutine, each gathering and each terminal that
// reads items, there is a queue of 64 items for each goroutine that fills it. It
// grows, to 4096 at most, only while items take less than two microseconds or
// so. A worker takes up to 1024 quick items at once, and slow ones one by one;
// what it has taken and not begun, an idle one takes over. A step in order holds
// up to 1024 finished results behind a slow one. No step's memory grows with the
// length of the flow: each says what it holds.
//
// Ahead bounds the results of one step, Buffer the queue at one point. InFlight
// bounds what is between one point and the end, where items are big.
//
// Nothing waits for a chunk to fill: no worker is idle while an item waits
// before it. Only the items of a slice, all at hand, go through fused steps in
// chunks of up to 64, as long as that takes less than a microsecond an item.
//
// # What happens on error?
//
// The first error stops the flow: the context that the functions have ends, with
// that error as its cause, and the terminal returns it as an *Error with the
// name of the stage and the position of the item. What other functions return
// because their context ended is not reported. ErrSkip drops the item instead,
// and so does Skip for errors that you name. DeadLetter, outermost, makes a
// letter of an item that has failed. Failures upstream of a Take that has had
// enough do not count any more.
//
// # What happens on cancel, and on break?
//
// When the context of the terminal ends, the flow stops, and the terminal
// returns an error that matches future.ErrCanceled and unwraps to the cause. The
// functions see the same cause in their own context. The end of the context is
// looked for between batches, so a few quick items may still be done after it.
// A break out of a loop over All stops the flow in the same way, and the loop
// statement ends when it has stopped. OnUndelivered is told what was on its way.
//
// # What happens on panic?
//
// A panic is an error like another: an *Error around a *future.PanicError, told
// to the panic hook at once. runtime.Goexit gives future.ErrGoexit. What is the
// caller's own keeps its meaning: a panic in the body of a loop over All goes on
// when the flow has stopped, and so does Goexit, there and in a function on the
// caller's goroutine.
//
// # How do I stop it?
//
// End the context, or break. A Run that Start has made has two ways: Stop ends
// the sources as if they were at their end, lets all that they have yielded go
// through, and waits; Cancel ends the run at once, with a cause, and does not
// wait. Done and Wait tell when it is over. A source must return when yield
// reports false or its context ends.
//
// # How do I see inside?
//
// Stats and Bottleneck of a Run tell what each stage has done, what it waits for
// and which one to give more Workers. Mermaid draws a flow, or a run with its
// figures. Progress and Tap are for any flow.
//
// # Which flows can run twice?
//
// All whose sources can: a slice, Tick, and your functions and sequences begin
// again. What FromChan, FromReader and Subscribe give can be had once: a second
// run fails with ErrUsed. A flow that stands in two places of another, as in
// Merge(f, f), runs twice in each run; Broadcast and Tee give all items to
// several and run it once.
//
// # Topics and cycles
//
// A Flow is a tree of steps and has no cycles. A function that publishes to the
// Topic that its flow reads closes one, and waits for itself when its own buffer
// is full with Block: make the buffer hold all that can be on its way, or drop.
// The end of Publish's context and Close end such a wait. Subscribe before others
// publish; a subscription with Block that is never run holds up all who do.
//
// # What is visible to whom?
//
// In the terms of the Go memory model: what a function did for an item, before it
// returned or yielded, is synchronized before the calls that get the item further
// down, and everything that a run's functions did is synchronized before the
// return of its terminal, or of Wait.
package pipeline
