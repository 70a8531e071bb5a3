package future

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/thence-go/thence/internal/task"
)

// core is a future without its value, so that what does not depend on the
// value's type is compiled once.
type core struct {
	// word is the state, settled exactly once:
	//
	//	 63    32       8         7       6       5        4       3        2    1 0
	//	+--------+-+----------+------+-------+--------+--------+-------+---------+-------+
	//	| claims |-| recorded | lazy | quiet | gaveUp | pinned | armed | watched | phase |
	//	+--------+-+----------+------+-------+--------+--------+-------+---------+-------+
	//
	//	pending --start--> running ----publishRun----> settled
	//	    \--claim---> settling -----publish-------/
	//
	// start: the function begins; it alone will settle, when it returns.
	// claim: the one settler that may write value and err.
	// publish: both may be read by anybody who sees it; it synchronizes before
	// the return of every Await, Poll and receive from Done that follows.
	// watched: somebody registered under mu; publish then looks there.
	// armed: somebody waits in woken.
	// pinned: the function must be called although the future was canceled.
	// gaveUp: that has happened, and the claims were given up.
	// quiet: giving claims up cancels nobody.
	// lazy: the first demand is to launch the work.
	// recorded: hooks want to know what becomes of it, and whether anybody looks.
	// claims: what depends on the outcome: derived futures, and awaiters.
	word atomic.Uint64

	err    error
	self   owner   // the work behind the future, nil if there is none
	record *record // for hooks, nil if they want nothing

	// mu is held for a few instructions, never while user code runs and never
	// while anything blocks. The settler takes it only if watched.
	mu    sync.Mutex
	done  chan struct{}  // made when somebody asks
	woken sync.WaitGroup // 1 while those wait who need no channel
	watch *link          // ring of followers, in order
}

const (
	pending uint64 = iota
	running
	settling
	settled

	phaseMask uint64 = 3
	watched   uint64 = 1 << 2
	armed     uint64 = 1 << 3
	pinned    uint64 = 1 << 4
	gaveUp    uint64 = 1 << 5
	quiet     uint64 = 1 << 6
	lazy      uint64 = 1 << 7
	recorded  uint64 = 1 << 8
	oneClaim  uint64 = 1 << 32
	dropClaim        = ^oneClaim + 1
)

// owner is the work behind a future.
type owner interface {
	// stop ends the context of running work.
	stop(cause error)
	// input returns the i-th future that the work has a claim on and the link
	// that follows it; nil behind the last one. It is asked once, by whoever gives
	// the claims up: the settler, who has not published yet, or the one that
	// cancels pinned work.
	input(i int) (*core, *link)
	// letGo is told by the settler that none of the inputs will be heard of.
	letGo()
	// owns reports whether c is the context that the work was given.
	owns(c *task.Ctx) bool
	// base is the context that continuations start from.
	base() context.Context
}

func (c *core) baseContext() context.Context {
	if c.self == nil {
		return context.Background()
	}
	return c.self.base()
}

func (c *core) isSettled() bool { return c.word.Load()&phaseMask == settled }

// isDecided reports whether c has a settler already, who may have given its claims
// up without having published it yet.
func (c *core) isDecided() bool { return c.word.Load()&phaseMask != pending }

func (c *core) isPinned() bool { return c.word.Load()&pinned != 0 }

// start moves a pending future on to running; false if it was canceled.
func (c *core) start() bool {
	for {
		w := c.word.Load()
		if w&phaseMask != pending {
			return false
		}
		if c.word.CompareAndSwap(w, w+running) {
			if c.record != nil {
				c.record.start()
			}
			return true
		}
	}
}

// claim makes the caller the settler of a pending future; false if there is
// one already, or if the function runs and will settle it.
func (c *core) claim() bool {
	for {
		w := c.word.Load()
		if w&phaseMask != pending {
			return false
		}
		if c.word.CompareAndSwap(w, w+settling) {
			return true
		}
	}
}

// publish ends the settling. The settler must have given up the claims, and must
// announce the future afterwards, unless nobody is there to be told.
func (c *core) publish() (alone bool) {
	return c.word.Add(settled-settling)&(armed|watched|recorded) == 0
}

// publishRun is publish by the function that runs: nobody else can settle. It
// wakes those who wait, if there is nothing else to do.
func (c *core) publishRun() (alone bool) {
	switch c.word.Add(settled-running) & (armed | watched | recorded) {
	case 0:
		return true
	case armed:
		c.woken.Done()
		return true
	}
	return false
}

// arm prepares a new future for those who wait, which spares the first of them
// the lock. It costs less than that and more than nothing.
func (c *core) arm() {
	c.woken.Add(1)
	c.word.Store(armed)
}

// follower is told once that the future that it follows has settled.
type follower interface {
	// follow is told that in has settled. It does the bookkeeping and runs no
	// user code. It returns what has settled because of it, which the caller must
	// announce, or a continuation that is ready to run, or neither.
	follow(in *core) (news, continuation)
}

// link is a follower's place in the ring of a core. It lives inside the
// follower, so that following costs no allocation and leaving is immediate.
type link struct {
	next, prev *link
	follower   follower
}

// join registers what depends on the outcome of c, with its claims; or it
// reports false because c has settled.
func (c *core) join(l *link, claims uint64) bool {
	c.demand()
	c.look()
	return c.watchBy(l, claims)
}

// demand launches lazy work.
func (c *core) demand() {
	const waits = lazy // and still pending
	if c.word.Load()&(lazy|phaseMask) == waits && c.word.And(^lazy)&lazy != 0 {
		c.self.(interface{ launch() }).launch()
	}
}

// watchBy registers l and adds to the claims; or it reports false because c has
// settled.
func (c *core) watchBy(l *link, claims uint64) bool {
	c.mu.Lock()
	for {
		w := c.word.Load()
		if w&phaseMask == settled {
			c.mu.Unlock()
			return false
		}
		if c.word.CompareAndSwap(w, (w|watched)+claims) {
			break
		}
	}
	if head := c.watch; head == nil {
		l.next, l.prev = l, l
		c.watch = l
	} else {
		l.next, l.prev = head, head.prev
		l.prev.next, head.prev = l, l
	}
	c.mu.Unlock()
	return true
}

// unwatch takes l out; false if it is not there: its follower was told already, or
// is about to be, or has not joined yet.
func (c *core) unwatch(l *link) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watch == nil || l.next == nil {
		return false
	}
	if l.next == l {
		c.watch = nil
	} else {
		l.prev.next, l.next.prev = l.next, l.prev
		if c.watch == l {
			c.watch = l.next
		}
	}
	l.next, l.prev = nil, nil
	return true
}

// takeFollowers wakes those who wait, and empties the ring and returns it as a
// list.
func (c *core) takeFollowers() *link {
	if c.word.Load()&(armed|watched) == 0 {
		return nil
	}
	c.mu.Lock()
	if c.done != nil {
		close(c.done)
		c.done = nil
	}
	if c.word.And(^armed)&armed != 0 {
		c.woken.Done()
	}
	first := c.watch
	c.watch = nil
	c.mu.Unlock()
	if first != nil {
		first.prev.next = nil
	}
	return first
}

// doneChan returns the channel that is closed when c settles. One that was not
// asked for before is not kept: a settled future may be shared by synctest
// bubbles, and a channel may not.
func (c *core) doneChan() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if done := c.done; done != nil {
		if c.isSettled() { // and whoever settled it is about to close it
			close(done)
			c.done = nil
		}
		return done
	}
	done := make(chan struct{})
	if c.word.Or(watched)&phaseMask == settled {
		close(done)
	} else {
		c.done = done
	}
	return done
}

// waitWoken waits until c has settled, without a channel.
func (c *core) waitWoken() {
	switch w := c.word.Load(); {
	case w&phaseMask == settled: // armed perhaps, by one who came too late
		return
	case w&armed != 0:
		c.woken.Wait()
		return
	}
	c.mu.Lock()
	w := c.word.Load()
	if w&armed == 0 && w&phaseMask != settled {
		c.woken.Add(1) // before the settler can see the bit
		w = c.word.Or(armed | watched)
	}
	c.mu.Unlock()
	if w&phaseMask != settled {
		c.woken.Wait()
	}
}

// waitSettling is for those who were too late to settle c: when they return, it
// has settled. The settler is between claim and publish: it gives claims up, and
// may have lost its processor there.
func (c *core) waitSettling() {
	if c.word.Load()&phaseMask == settling {
		c.waitWoken()
	}
}
