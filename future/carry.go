package future

import (
	"context"
	"sync"

	"github.com/thence-go/thence/internal/task"
)

// continuation is user code that is ready to run.
type continuation interface {
	// run executes it on this goroutine, whose slot and site are given, settles
	// its future, and returns the continuation that goes on here, or nil.
	run(slot task.Slot, at *site) continuation
	// stop ends its ctx, whether it runs or not yet.
	stop(cause error)
	// Refuse settles its future because it will never run.
	Refuse(err error)
	// whenSettled calls fn when its future has settled.
	whenSettled(l *cleanup, fn func())
}

// carryOn runs a chain on this goroutine, however long, in constant stack.
func carryOn(k continuation, slot task.Slot) {
	for k != nil {
		k = k.run(slot, nil)
	}
}

// carryOnUnder is carryOn in a task of an executor, whose ctx is given: when the
// executor stops its tasks, it stops what follows there too. What follows an end
// that is no return goes on at the site, if there is one.
func carryOnUnder(ctx context.Context, k continuation, at *site) {
	if k == nil {
		return
	}
	var (
		mu  sync.Mutex
		now continuation
	)
	halt := func() {
		mu.Lock()
		k := now
		mu.Unlock()
		if k != nil {
			k.stop(context.Cause(ctx))
		}
	}
	defer context.AfterFunc(ctx, halt)()
	for slot := task.SlotOf(ctx); k != nil; k = k.run(slot, at) {
		mu.Lock()
		now = k
		mu.Unlock()
		if ctx.Err() != nil {
			halt()
		}
	}
}

// carryOnElsewhere is for settlers whose goroutine is not to run user code.
func carryOnElsewhere(k continuation) {
	if k != nil {
		go carryOn(k, nil)
	}
}

// carryOnElsewhere is that for one that follows c, which may have a place for
// what follows it.
func (c *core) carryOnElsewhere(k continuation) {
	if k == nil {
		return
	}
	if at, ok := c.self.(interface{ place(continuation) }); ok {
		at.place(k)
		return
	}
	go carryOn(k, nil)
}

// announce tells of what has settled: it wakes the awaiters, does the bookkeeping
// of combinators, and goes on so with every future that settles because of it. It
// recurses nowhere and runs no user code.
//
// It returns one continuation, for the caller to run where user code belongs.
// All others got a goroutine each: one that awaited its sibling would hang
// behind it.
func announce(n news) (first continuation) {
	more := n.inputs
	if n.of != nil {
		first, more = n.of.tell(nil, more)
	}
	for len(more) > 0 {
		c := more[len(more)-1]
		first, more = c.tell(first, more[:len(more)-1])
	}
	return first
}

// tell tells those who follow c, keeps the first continuation, and appends the
// futures that settle because of it.
func (c *core) tell(first continuation, more []*core) (continuation, []*core) {
	if c.record != nil {
		c.record.settle(c.err)
	}
	for l := c.takeFollowers(); l != nil; {
		next := l.next
		l.next, l.prev = nil, nil // one that is kept must not keep its siblings
		also, k := l.follower.follow(c)
		more = append(more, also.inputs...)
		if also.of != nil {
			more = append(more, also.of)
		}
		if first == nil {
			first = k
		} else {
			c.carryOnElsewhere(k)
		}
		l = next
	}
	return first, more
}
