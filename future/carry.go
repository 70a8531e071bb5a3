package future

import (
	"context"
	"sync"

	"github.com/thence-go/thence/internal/task"
)

// continuation is user code that is ready to run.
type continuation interface {
	// run executes it on this goroutine, whose slot is given, settles its
	// future, and returns the continuation that goes on here, or nil.
	run(slot task.Slot) continuation
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
		k = k.run(slot)
	}
}

// carryOnUnder is carryOn in a task of an executor, whose ctx is given: when the
// executor stops its tasks, it stops what follows there too.
func carryOnUnder(ctx context.Context, k continuation) {
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
	for slot := task.SlotOf(ctx); k != nil; k = k.run(slot) {
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

// announce tells of a future that has settled or, if it is pinned, was canceled:
// it withdraws the claims that are not needed any more, wakes the awaiters, does
// the bookkeeping of combinators, and goes on so with every future that settles
// because of it. It recurses nowhere and runs no user code.
//
// Claims come first: whoever is woken may await an input, and that would count
// as a claim of its own on work that is to be canceled.
//
// It returns one continuation, for the caller to run where user code belongs.
// All others got a goroutine each: one that awaited its sibling would hang
// behind it.
func announce(c *core) continuation {
	return announceMore(c.tellAfterClaims(nil, nil))
}

// announceRun is announce for a future whose function has run: that has no
// claim left to give up.
func announceRun(c *core) continuation {
	first, more := c.tell(nil, nil)
	if more == nil {
		return first
	}
	return announceMore(first, more)
}

func announceMore(first continuation, more []*core) continuation {
	for len(more) > 0 {
		c := more[len(more)-1]
		first, more = c.tellAfterClaims(first, more[:len(more)-1])
	}
	return first
}

// tellAfterClaims is tell behind the withdrawal of claims, those of the inputs
// that are canceled because of that included, and tells of these inputs too.
func (c *core) tellAfterClaims(first continuation, more []*core) (continuation, []*core) {
	inputs := c.withdraw(nil)
	for i := 0; i < len(inputs); i++ {
		inputs = inputs[i].withdraw(inputs)
	}
	first, more = c.tell(first, more)
	for _, in := range inputs {
		first, more = in.tell(first, more)
	}
	return first, more
}

// tell tells those who follow c, keeps the first continuation, and appends the
// futures that settle because of it.
func (c *core) tell(first continuation, more []*core) (continuation, []*core) {
	if c.record != nil && c.isSettled() {
		c.record.settle(c.err)
	}
	for l := c.takeFollowers(); l != nil; {
		next := l.next
		l.next, l.prev = nil, nil // one that is kept must not keep its siblings
		also, k := l.follower.follow(c)
		if also != nil {
			more = append(more, also)
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

// withdraw gives up the claims of c on its inputs, and appends the inputs that
// are to be announced because of it.
func (c *core) withdraw(queue []*core) []*core {
	if c.self == nil {
		return queue
	}
	for i := 0; ; i++ {
		in, l := c.self.input(i)
		if in == nil {
			return queue
		}
		if !c.isSettled() {
			l = nil // pinned: it still follows
		}
		if in.unclaim(l, c.reason(), c.word.Load()&quiet == 0) {
			queue = append(queue, in)
		}
	}
}

// unclaim takes back a claim on c and the place l in its ring, if it is not
// nil. If it reports true, the claim was the last one, c was canceled because
// of that, and the caller must announce it.
func (c *core) unclaim(l *link, cause error, last bool) bool {
	if c.isSettled() {
		return false
	}
	if l != nil {
		c.unwatch(l)
	}
	return c.word.Add(dropClaim)/oneClaim == 0 && last && c.cancel(cause)
}

// reason is why inputs are not needed any more.
func (c *core) reason() error {
	if !c.isSettled() {
		return c.self.cause()
	}
	if c.err == nil {
		return ErrNotNeeded
	}
	if over, ok := c.err.(*CanceledError); ok {
		return over.Cause
	}
	return c.err
}

// cancel ends the work behind c. If it reports true the caller must announce c.
func (c *core) cancel(cause error) bool {
	if c.isPinned() {
		c.self.stop(cause)
		return c.word.Or(gaveUp)&(gaveUp|phaseMask) == pending
	}
	if c.claim() {
		c.err = canceled(cause)
		c.publish()
		return true
	}
	if c.word.Load()&phaseMask == running {
		c.self.stop(cause)
	}
	return false
}
