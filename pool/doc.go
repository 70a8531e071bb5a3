// Package pool runs tasks on a bounded number of goroutines.
//
//	p := pool.New(8, pool.Queue(1024, pool.Block))
//	defer p.Close()
//
//	f := pool.Submit(ctx, p, fetch)             // a future
//	err := p.Go(ctx, refresh)                   // no result, no allocation
//	sizes, err := pool.Map(ctx, p, names, size) // in the order of names
//
// # What is bounded?
//
// The tasks that run: never more than the number given to New, and the tasks
// that wait for their turn: never more than the queue's capacity. A task that
// awaits others on the pool does not run meanwhile, so it counts as parked and
// is not bounded. To bound calls in flight, use a semaphore or a group's limit;
// Stats shows how many are parked.
//
// # Does it block?
//
// Submit, Go, Map, ForEach and Execute block while the queue is full: in order
// of arrival, until there is room, their ctx ends, or the pool is shut down.
// Other policies reject the task (Reject, and TryGo always), run it where it is
// submitted (CallerRuns), or drop one (DropOldest, DropNewest), which settles
// with ErrDropped then. With Queue(0, Block) a submitter waits until a worker
// has taken its task.
//
// # Can nesting deadlock?
//
// No. A task may submit to its own pool, await the result, and map over it, to
// any depth, with all workers busy and the queue full: while a task blocks in
// Await, Submit, Go, Map or ForEach with the ctx that it was given, another
// task has its slot; it takes one again, ahead of the queue, before it goes on.
// If the task's own ctx ends first it goes on at once, beside the limit, and
// should return. A wait with a ctx that ends before the task's may so be late:
// the limit comes first.
//
// A task with a key keeps the key meanwhile. To await a task of the same key
// that has not begun is future.ErrDeadlock, and so is a chain, an All or a Join
// made of such tasks. Around other corners (another task that awaits it, an Any,
// an All with other inputs that are still under way) the wait lasts until its ctx
// ends: await such things outside of the key, or submit them without it. ForEach
// and Map over the view of one's own key run in the calling task.
//
// A submitter is told ErrDeadlock by a full queue only if everything in it waits
// for the keys of tasks that themselves wait for room, and that none of them can
// get.
//
// The pool sees only what it is told of. A task that blocks in a mutex, a
// channel or a sleep keeps its slot, unless it does so in Blocking. A goroutine
// that a task has started by itself does not hold its slot: start it with
// future.Go. If it awaits with the task's ctx all the same, the worker's slot is
// free for that time although its task, or the one after, runs.
//
// # In which order do tasks run?
//
// As they were accepted, first in, first out, unless they come through a View.
// A view is a cheap value over the pool; all count in the one capacity, and they
// compose: p.Tenant("gold", 3).Priority(High).Key(cart).
//
//   - Priority, when some tasks are more urgent. Low is delayed, never starved:
//     its turn comes after at most Ageing others.
//   - Key, when tasks for the same thing must not run at once, and in order:
//     events of one account, writes to one file. Other keys go on in parallel.
//   - Tenant, when several share the pool and none is to have more than its
//     part while others want theirs.
//   - Sub, when one kind of work must not have all workers: calls to a slow
//     service. Make it once and keep it.
//   - Named, for what reports call a task.
//
// Submitters that wait for room do so in order of arrival, whatever their view.
// But a task that could run at once does not wait behind a queue in which all
// others wait for their key or their Sub.
//
// # What happens on cancel?
//
// A task whose ctx has ended when its turn comes is not run; its future is
// canceled. Canceling a queued task's future settles it at once, and its place
// in the queue is free at the latest when its turn comes. A running task sees
// its ctx end, and settles when it returns.
//
// # What happens on panic?
//
// The panic hook of package future is told at once, the task's future settles
// with a *future.PanicError, and the worker goes on. runtime.Goexit settles it
// with future.ErrGoexit, and another worker takes over.
//
// # Does it know the time?
//
// After runs a function later, and Every whenever a Schedule says so: at a fixed
// rate, or as a cron expression says, since the schedules of
// github.com/robfig/cron fit. An Overlap says what happens when a run is late
// for the next tick. A timer holds no goroutine while it waits, and ends with its
// ctx and with its pool.
//
// # Can its size follow the load?
//
// Yes, with Adaptive: the number of workers stays about where more of them would
// only make tasks slower.
//
// # How does it stop?
//
// Shutdown accepts nothing more and returns when everything has run, or, when
// its ctx ends, cancels what runs, refuses what is queued, and says how much
// that was and which tasks go on all the same. Close does that at once. A pool
// stops once, and all calls of both tell the same of it, also later. A worker
// that has had nothing to do for a while leaves by itself, so that an idle pool
// holds no goroutine, and no memory to speak of. Resize changes how many there
// are at most.
//
// # How do I see what it does?
//
// Stats has the books, which always balance; with MeasureTimes also how long
// tasks wait and run. WithHooks tells of each task, Labels tells the profiler
// and the tracer, Origins lets a shutdown say where its stragglers come from.
// What is not asked for costs nothing.
package pool
