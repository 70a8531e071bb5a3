package pool

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/ring"
)

// Pool runs tasks on at most a fixed number of goroutines at a time. Make one
// with New; it must not be copied. All its methods may be called by any number
// of goroutines. Most callers want Submit, for a result, or Go, for none.
//
// A Pool is a future.Executor.
type Pool struct {
	name     string
	limit    int
	overflow Overflow
	idleFor  time.Duration

	queue *ring.Ring[entry]
	slots slots
	books books

	mu      sync.Mutex // held for a few instructions, never while anything blocks
	workers map[*worker]struct{}
	idle    []*worker // last in, first out
	least   int       // the shortest that idle was since the last tick, or asleep
	tick    *time.Timer
	room    waiters       // submitters that wait for room, in order
	drained chan struct{} // made when somebody waits; closed when all is done

	waiting atomic.Int32 // len of room
	stopped atomic.Bool  // running tasks have been canceled
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
		limit:    workers,
		overflow: c.overflow,
		idleFor:  c.idleFor,
		queue:    ring.New[entry](c.capacity),
		workers:  make(map[*worker]struct{}),
	}
	p.slots.limit = uint64(workers)
	p.least = asleep
	return p
}
