package pool

import (
	"context"
	"sync/atomic"
)

// worker is one goroutine of a pool. It holds a slot whenever it is not idle.
type worker struct {
	pool  *Pool
	wake  chan struct{} // to an idle worker: a slot was taken for it; closed: leave
	slot  *slot
	first job     // to begin with when woken, if its scope is not nil
	owed  holding // what the last task held

	busy    atomic.Bool             // it is with a task, or between two
	began   atomic.Int64            // when its task began, in nanoseconds since Shutdown was called; only from then on
	shown   atomic.Pointer[string]  // the name of its task's view; nil if none
	watched atomic.Pointer[watched] // its task, if the pool watches tasks

	// ctx is what tasks are given. It serves for as long as tasks come with
	// the same context and nobody looks at it, so that a task costs no
	// allocation.
	ctx  atomic.Pointer[loan]
	base context.Context // of ctx; nil if it cannot be compared
}

// wakeForWork wakes a worker if there is work, a free slot, and nobody on the
// way to the work already.
func (p *Pool) wakeForWork() {
	if p.hasWork() && p.slots.takeToSearch() {
		p.wakeOne()
	}
}

// wakeOne starts a worker with the slot that was taken for it to search.
func (p *Pool) wakeOne() {
	p.mu.Lock()
	w, idle := p.workerLocked()
	p.mu.Unlock()
	w.start(idle)
}

// workerLocked returns the worker that is next to start, and whether it is idle
// or new.
func (p *Pool) workerLocked() (w *worker, idle bool) {
	if n := len(p.idle); n > 0 {
		w = p.idle[n-1]
		p.idle[n-1] = nil
		p.idle = p.idle[:n-1]
		p.least = min(p.least, n-1)
		return w, true
	}
	return p.hireLocked(&worker{pool: p, wake: make(chan struct{}, 1)}), false
}

func (p *Pool) hireLocked(w *worker) *worker {
	if p.workers == nil {
		p.workers = make(map[*worker]struct{})
	}
	p.workers[w] = struct{}{}
	return w
}

func (w *worker) start(idle bool) {
	if idle {
		w.wake <- struct{}{}
		return
	}
	go w.main((*worker).search)
}

// main does what first says and then searches whenever it is woken. If a task
// ends the goroutine, another one takes over.
func (w *worker) main(first func(*worker) bool) {
	exiting := true
	defer func() {
		if exiting {
			w.replace()
		}
	}()
	for idle := first(w); idle; idle = w.search() {
		if _, ok := <-w.wake; !ok {
			break
		}
	}
	w.newCtx(nil)
	exiting = false
}

// search begins work with a slot that was taken to search.
func (w *worker) search() bool {
	w.openSlot()
	j := w.first
	if j.scope == nil {
		return w.work(true)
	}
	w.first = job{}
	w.busy.Store(true)
	w.do(j)
	if w.lostSlot() {
		return w.idle()
	}
	return w.work(false)
}

// takeOver goes on with the slot of a worker whose task ended its goroutine.
func (w *worker) takeOver() bool {
	if w.lostSlot() {
		return w.idle()
	}
	return w.work(false)
}

// work runs tasks until there are none, and reports whether the worker is idle
// then; else it must leave.
func (w *worker) work(searching bool) bool {
	p := w.pool
	for {
		if !searching && p.sched.ready.Load() == 0 && !p.attentive.Load() && w.owed.isNothing() {
			// The way of plain tasks, which nothing must slow down.
			if r := p.queue.Load(); r != nil {
				if e, ok := r.Pop(); ok {
					if p.waiting.Load() > 0 {
						p.admit()
					}
					w.run(e)
					if w.lostSlot() {
						return w.idle()
					}
					continue
				}
			}
		}
		j, ok := w.find(searching)
		if !ok {
			if !w.leave(searching) {
				return w.idle()
			}
			searching = true
			continue
		}
		if searching {
			searching = false
			p.wakeForWork()
		}
		if p.waiting.Load() > 0 {
			p.admit()
		}
		w.do(j)
		if w.lostSlot() {
			return w.idle()
		}
	}
}

// find takes the task whose turn it is. While the worker searches it does so
// under the mutex, so that Stats never sees it with a task and without a slot.
func (w *worker) find(searching bool) (j job, ok bool) {
	p := w.pool
	if !searching {
		owed := w.owed
		w.owed = holding{}
		if !p.stopped.Load() {
			return p.nextAfter(owed)
		}
		p.sched.finish(owed)
		return j, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped.Load() {
		return j, false
	}
	if j, ok = p.next(); ok {
		w.busy.Store(true)
		p.slots.found()
	}
	return j, ok
}

// lostSlot is asked after each task: its goroutines may still be parked in the
// slot, and those who wait to resume go before the queue.
func (w *worker) lostSlot() bool {
	s := &w.pool.slots
	touched := w.slot.touched.Load()
	if !touched && s.waiting.Load() == 0 && !s.shrunk.Load() {
		return false
	}
	w.pool.sched.finish(w.owed)
	w.owed = holding{}
	if touched && !w.endTouched() {
		return true
	}
	if s.waiting.Load() == 0 && !s.shrunk.Load() {
		return false
	}
	w.slot.close() // before it is somebody else's
	if s.shrink() || s.handOver() {
		return true
	}
	w.openSlot()
	return false
}

// leave gives the slot up because there is no work. It reports true if it has
// taken one again, because there is work after all.
func (w *worker) leave(searching bool) bool {
	s := &w.pool.slots
	w.slot.close()
	drop := dropTaken
	if searching {
		drop += dropSearching
	} else {
		w.busy.Store(false)
	}
	s.release(drop)
	if !w.pool.hasWork() || !s.takeToSearch() {
		return false
	}
	w.openSlot()
	return true
}

// idle puts the worker where wakeOne finds it; false if it is to leave.
func (w *worker) idle() bool {
	p := w.pool
	w.slot.close()
	p.mu.Lock()
	defer p.mu.Unlock()
	w.busy.Store(false)
	if p.state != Open {
		delete(p.workers, w)
		p.checkDrainedLocked()
		return false
	}
	p.idle = append(p.idle, w)
	p.tickLocked()
	return true
}

// run runs one task. A panic or Goexit in it costs neither the worker nor the
// slot.
func (w *worker) run(e entry) {
	var l *loan
	returned := false
	defer func() {
		if !returned {
			w.pool.books.endedBadly(l, e.task, recover())
			w.newCtx(nil)
		}
	}()
	l = w.ctxFor(e.ctx)
	err := e.task.Run(l)
	returned = true
	if l.Looked() || l.panicked != nil {
		w.newCtx(nil)
	}
	if err != nil {
		w.pool.books.ended(l, err)
	}
}

// do runs a task that needs more than run.
func (w *worker) do(j job) {
	if j.scope != nil {
		w.runView(j)
		return
	}
	w.attend(j.entry)
}

// attend runs a task, and notes what a shutdown wants to know of it.
func (w *worker) attend(e entry) {
	if w.pool.stamped.Load() {
		w.stamp()
	}
	if t, ok := e.task.(*watched); ok {
		t.begin()
		w.watched.Store(t)
		defer w.watched.Store(nil)
	}
	w.run(e)
}

// runView runs a task that came through a view. What it held is given back when
// the worker looks for the next task, under one lock, or at once if the task
// ends the goroutine.
func (w *worker) runView(j job) {
	if name := &j.scope.name; *name != "" {
		w.show(name)
		defer w.show(nil)
	}
	if j.chain == nil && j.scope.sub == nil {
		w.attend(j.entry)
		return
	}
	w.slot.enter(j.chain, j.scope.sub)
	returned := false
	defer func() {
		held := holding{j.chain, w.slot.exit()}
		if returned {
			w.owed = held
			return
		}
		w.pool.sched.finish(held)
	}()
	w.attend(j.entry)
	returned = true
}

func (w *worker) show(name *string) { w.shown.Store(name) }

// replace starts the worker that goes on with the slot of this one.
func (w *worker) replace() {
	p := w.pool
	next := &worker{pool: p, wake: make(chan struct{}, 1), slot: w.slot}
	next.busy.Store(true)
	p.mu.Lock()
	delete(p.workers, w)
	p.hireLocked(next)
	p.mu.Unlock()
	go next.main((*worker).takeOver)
}

// endTouched looks after a slot that was parked in. It reports whether the
// worker still has one.
func (w *worker) endTouched() bool {
	held, reuse := w.slot.end()
	if !reuse {
		w.newSlot()
	}
	return held
}

// openSlot makes the slot ready for tasks.
func (w *worker) openSlot() {
	if w.slot == nil || !w.slot.open() {
		w.newSlot()
	}
}

func (w *worker) newSlot() {
	w.slot = &slot{pool: w.pool, held: true}
	w.newCtx(nil)
}
