// Package thence is the root of a library of in-process async primitives:
// launch work, go on, and await, chain, combine or cancel the result later,
// through context. The packages are below it.
//
// Use [github.com/thence-go/thence/future] if one call has one result that is
// awaited later, by one or by many.
//
// Use [github.com/thence-go/thence/pool] if many tasks share a bounded number
// of workers.
//
// Use [github.com/thence-go/thence/errgroup] if several tasks have one outcome:
// the drop-in Group for golang.org/x/sync/errgroup, or a Scope with typed
// results.
//
// Use [github.com/thence-go/thence/pipeline] if items flow through steps that
// run at once: sources, parallel steps in order or not, batches, sinks.
//
// Use [github.com/thence-go/thence/ratelimit] if something may happen only so
// often, and [github.com/thence-go/thence/ratelimit/ratehttp] if that is HTTP
// requests.
//
// What they have in common: every task settles exactly once, as a value, an
// error or a cancellation; panics are errors and loud; nothing leaks; queues
// are bounded; a task that waits for others on its own pool cannot deadlock;
// and everything works in the virtual time of testing/synctest.
package thence
