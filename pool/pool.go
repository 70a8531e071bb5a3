package pool

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/ring"
)

// Pool runs tasks on a bounded number of goroutines. Make one with New; it must
// not be copied. All its methods may be called by any number of goroutines.
// Most callers want Submit, for a result, or Go, for none.
//
// A Pool is a future.Executor, and so are its views: Priority, Key, Tenant,
// Sub, Named.
type Pool struct {
	name     string
	capacity int // 0: no queue, tasks are handed over
	overflow Overflow
	idleFor  time.Duration
	watch    *watch // nil unless hooks, times, labels or origins were asked for
	adaptive *adaptive

	// queue holds the plain tasks. It is nil while the pool has nothing to do
	// for long, and is replaced only when it is empty and nothing is sched.
	queue  atomic.Pointer[ring.Ring[entry]]
	sched  sched                             // the tasks that came through a view
	scopes atomic.Pointer[[levelCount]scope] // of views that only say a priority; made when asked for
	slots  slots
	books  books
	timers timers

	// mu is held for a few instructions, never while anything blocks. sched's
	// mutex may be taken under it, never the other way round.
	mu        sync.Mutex
	state     State
	workers   map[*worker]struct{}
	idle      []*worker // last in, first out
	least     int       // the shortest that idle was since the last tick, or asleep
	tick      *time.Timer
	room      waiters               // submitters that wait for room, in order
	callers   map[*loan]callersTask // tasks that run on their submitters' goroutines
	drained   chan struct{}         // made when somebody waits; closed when all is done
	draining  time.Time             // since when
	report    *ShutdownError        // of the stop; complete when counted is closed
	counted   chan struct{}
	refusing  int    // tasks that were taken out by a stop and do not know yet
	past      uint64 // tasks that went through former rings
	completed uint64 // the most that Stats has ever said

	waiting atomic.Int32 // len of room
	stamped atomic.Bool  // draining is set, and workers note when tasks begin

	attentive atomic.Bool // stamped, or watch is set
	stopped   atomic.Bool // nothing begins any more, and what runs is canceled
}

// entry is a task in the queue.
type entry struct {
	ctx  context.Context
	task future.Task
}

// New makes a pool of at most workers goroutines. They start when there is
// work and leave when there has been none for a while. Without options, 1024
// tasks can wait, and a submitter of more waits for room.
//
// A number of workers below 1 panics: there is no pool without a bound.
func New(workers int, opts ...Option) *Pool {
	if workers < 1 {
		panic("pool: New needs at least 1 worker: pass runtime.GOMAXPROCS(0) for work that computes, more for work that waits")
	}
	c := config{capacity: 1024, idleFor: time.Second}
	for _, o := range opts {
		if o == nil {
			panic("pool: New needs options, got nil: leave it out")
		}
		o.apply(&c)
	}
	p := &Pool{
		name:     c.name,
		capacity: c.capacity,
		overflow: c.overflow,
		idleFor:  c.idleFor,
		least:    asleep,
	}
	workers = p.adapt(c.adaptive, workers)
	p.watch = newWatch(p, c)
	p.attentive.Store(p.watch != nil)
	p.slots.limit.Store(uint64(workers))
	p.sched.pool = p
	return p
}
