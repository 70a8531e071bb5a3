package pool

import (
	"context"
	"sync"
	"sync/atomic"
)

// slots counts who may run. A worker needs a slot to take a task and keeps it
// from task to task; a task that blocks on others gives it back meanwhile.
//
// No wake-up is lost, because each side first says what it did and then looks
// at what the other side said: a submitter pushes and then looks for a
// searching worker or a free slot; a worker gives up its search or its slot
// and then looks into the queue.
type slots struct {
	limit  atomic.Uint64
	shrunk atomic.Bool // more may be taken than the limit says now

	// word counts slots that are taken, and those of them whose workers search
	// for work. While one searches nobody is woken: it finds what is there,
	// and wakes the next one if there is more.
	//
	//	 63        32 31        0
	//	+------------+-----------+
	//	|  searching |   taken   |
	//	+------------+-----------+
	word atomic.Uint64

	// parks counts the tasks without their slot, and in its upper half how
	// often that changed. A task that parks counts twice for a moment, here and
	// as taken, never not at all.
	parks atomic.Uint64

	mu       sync.Mutex
	resuming waiters      // tasks that want one again: they go before the queue
	waiting  atomic.Int32 // how many
}

const (
	parkOne   uint64 = 1<<32 + 1
	unparkOne uint64 = 1<<32 - 1

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
		if w >= oneSearching || w >= s.limit.Load() {
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
		if w&takenMask >= s.limit.Load() {
			return false
		}
		if s.word.CompareAndSwap(w, w+oneTaken) {
			return true
		}
	}
}

func (s *slots) parked() int { return int(uint32(s.parks.Load())) }

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

// isOver reports whether more slots are taken than there should be.
func (s *slots) isOver() bool {
	return s.shrunk.Load() && s.word.Load()&takenMask > s.limit.Load()
}

// shrink gives up a slot if too many are taken.
func (s *slots) shrink() bool {
	for s.shrunk.Load() {
		w, limit := s.word.Load(), s.limit.Load()
		if w&takenMask <= limit {
			s.shrunk.Store(false)
			if s.word.Load()&takenMask > s.limit.Load() { // shrunk again meanwhile
				s.shrunk.Store(true)
				continue
			}
			return false
		}
		if s.word.CompareAndSwap(w, w+dropTaken) {
			return true
		}
	}
	return false
}

// release gives up a slot: to the task that has waited longest for one, if
// there is one. drop is dropTaken, and dropSearching with it if the slot's
// worker was searching: in one step, so that it never seems to run a task.
func (s *slots) release(drop uint64) {
	if !s.isOver() && s.handOver() {
		s.word.Add(drop - dropTaken)
		return
	}
	s.word.Add(drop)
	s.fill() // one may have begun to wait just before
}

// fill gives free slots to tasks that wait for one.
func (s *slots) fill() {
	for s.waiting.Load() > 0 && s.take() {
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
