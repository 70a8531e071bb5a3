package pool

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/thence-go/thence/internal/task"
)

// slots counts who may run. A worker needs a slot to take a task and keeps it
// from task to task; a task that blocks on others gives it back meanwhile.
//
// No wake-up is lost, because each side first says what it did and then looks
// at what the other side said: a submitter pushes and then looks for a
// searching worker or a free slot; a worker gives up its search or its slot
// and then looks into the queue.
type slots struct {
	limit uint64

	// word counts slots that are taken, and those of them whose workers search
	// for work. While one searches nobody is woken: it finds what is there,
	// and wakes the next one if there is more.
	//
	//	 63        32 31        0
	//	+------------+-----------+
	//	|  searching |   taken   |
	//	+------------+-----------+
	word atomic.Uint64

	parked atomic.Int64 // tasks without their slot

	mu       sync.Mutex
	resuming waiters      // tasks that want one again: they go before the queue
	waiting  atomic.Int32 // how many
}

const (
	oneTaken      uint64 = 1
	dropTaken            = ^oneTaken + 1
	oneSearching  uint64 = 1 << 32
	dropSearching        = ^oneSearching + 1
	takenMask            = oneSearching - 1
)

// takeToSearch takes a slot for a worker that is to be woken, if there is one
// free and nobody searches already.
func (s *slots) takeToSearch() bool {
	for {
		w := s.word.Load()
		if w >= oneSearching || w >= s.limit {
			return false
		}
		if s.word.CompareAndSwap(w, w+oneTaken+oneSearching) {
			return true
		}
	}
}

func (s *slots) take() bool {
	for {
		w := s.word.Load()
		if w&takenMask >= s.limit {
			return false
		}
		if s.word.CompareAndSwap(w, w+oneTaken) {
			return true
		}
	}
}

// found ends a search.
func (s *slots) found() { s.word.Add(dropSearching) }

// busy returns how many slots are taken by running tasks.
func (s *slots) busy() int {
	w := s.word.Load()
	return int(w&takenMask) - int(w/oneSearching)
}

// handOver passes a slot on to the task that has waited longest for one.
func (s *slots) handOver() bool {
	if s.waiting.Load() == 0 {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.resuming.head
	if w == nil {
		return false
	}
	s.waiting.Add(-1)
	s.resuming.serve(w)
	return true
}

// release gives up a slot: to the task that has waited longest for one, if
// there is one. drop is dropTaken, and dropSearching with it if the slot's
// worker was searching: in one step, so that it never seems to run a task.
func (s *slots) release(drop uint64) {
	if s.handOver() {
		s.word.Add(drop - dropTaken)
		return
	}
	s.word.Add(drop)
	for s.waiting.Load() > 0 && s.take() { // one began to wait just before
		if !s.handOver() {
			s.word.Add(dropTaken)
		}
	}
}

// giveBack releases a slot and looks whether the queue has a use for it.
func (p *Pool) giveBack() {
	p.slots.release(dropTaken)
	p.wakeForWork()
}

// resume takes a slot for a task that goes on, ahead of the queue. On cancel it
// reports false: the task goes on without one.
func (p *Pool) resume(ctx context.Context) bool {
	s := &p.slots
	if s.take() {
		return true
	}
	w := new(waiter)
	s.mu.Lock()
	s.resuming.push(w)
	s.waiting.Add(1)
	s.mu.Unlock()
	if s.take() && !s.handOver() { // one became free before we were seen
		p.giveBack()
	}
	select {
	case <-w.ready:
		return true
	case <-ctx.Done():
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.resuming.remove(w) {
			s.waiting.Add(-1)
			return false
		}
		return true
	}
}

// slot is a worker's place as its task's ctx knows it. It survives the task if
// goroutines of the task are still parked in it when the task returns.
type slot struct {
	pool    *Pool
	touched atomic.Bool // somebody has parked in it

	mu     sync.Mutex
	parks  int           // goroutines that are parked in it
	held   bool          // it counts as taken
	over   bool          // its task has returned: no more bookkeeping
	coming chan struct{} // somebody waits to resume; closed when that is over
}

var _ task.Slot = (*slot)(nil)

// Park gives the slot back, if this is the first goroutine of the task to
// block.
func (s *slot) Park() {
	s.touched.Store(true)
	s.mu.Lock()
	s.parks++
	give := s.parks == 1 && s.held && !s.over
	if give {
		s.held = false
		s.pool.slots.parked.Add(1)
	}
	s.mu.Unlock()
	if give {
		s.pool.giveBack()
	}
}

// Unpark takes a slot again, if this was the last one. It gives up only if the
// task's own ctx has ended: a wait that was given less time than its task must
// not make the limit void. Goroutines of one task that come back at once wait
// for the same slot: it may be that one of them holds it while it waits for the
// others.
func (s *slot) Unpark(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parks--
	if own := task.From(ctx); own != nil {
		ctx = own
	}
	for s.parks == 0 && !s.held && !s.over {
		if coming := s.coming; coming != nil {
			s.mu.Unlock()
			select {
			case <-coming:
			case <-ctx.Done():
			}
			s.mu.Lock()
			if ctx.Err() != nil {
				return
			}
			continue
		}
		s.resumeLocked(ctx)
		return
	}
}

func (s *slot) resumeLocked(ctx context.Context) {
	s.coming = make(chan struct{})
	s.mu.Unlock()
	got := s.pool.resume(ctx)
	s.mu.Lock()
	close(s.coming)
	s.coming = nil
	switch {
	case !got:
	case s.parks == 0 && !s.held && !s.over:
		s.held = true
		s.pool.slots.parked.Add(-1)
	default:
		s.mu.Unlock()
		s.pool.giveBack()
		s.mu.Lock()
	}
}

// close is called when the worker has no task and gives its place up.
func (s *slot) close() {
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
}

// open is called when it has a place again; false if goroutines of a former
// task are still parked in this one.
func (s *slot) open() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.parks > 0 {
		return false
	}
	s.over, s.held = false, true
	return true
}

// end is called when the task has returned. It reports whether the worker still
// holds a slot, and whether it may go on with this one.
func (s *slot) end() (held, reuse bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held && s.parks == 0 {
		s.touched.Store(false)
		return true, true
	}
	s.over = true
	if !s.held {
		s.pool.slots.parked.Add(-1)
	}
	return s.held, false
}
