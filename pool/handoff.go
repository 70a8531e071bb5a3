package pool

import (
	"context"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/task"
)

// handOff submits to a pool without a queue: the task is accepted when a worker
// takes it. Until then its node is in sched, in its order, and the submitter
// waits.
func (p *Pool) handOff(ctx context.Context, o *order, policy Overflow) error {
	if o.scope == nil {
		o.scope = p.scope(Normal)
	}
	if p.startNow(o) {
		return nil
	}
	var holds *chain
	if o.key != nil {
		holds = p.chainOf(ctx)
	}
	q := &p.sched
	q.lock()
	if q.closed {
		q.mu.Unlock()
		return p.reject(ErrClosed)
	}
	if policy != Block && !(policy == CallerRuns && o.chains()) {
		q.mu.Unlock()
		return p.overflowed(ctx, o, policy)
	}
	if holds != nil && holds == q.chains[o.key] {
		q.mu.Unlock()
		return p.reject(future.ErrDeadlock)
	}
	w := &waiter{ready: make(chan struct{})}
	n := q.addLocked(o, 0)
	if q.handing == nil {
		q.handing = make(map[*node]*waiter)
	}
	q.handing[n] = w
	q.mu.Unlock()
	p.wakeForWork()
	return p.waitForHand(ctx, n, w)
}

// startNow gives the task to a free worker, if there is one and nobody waits
// for it. Under the mutex, so that the pool never seems to have drained between.
func (p *Pool) startNow(o *order) bool {
	q := &p.sched
	p.mu.Lock()
	q.lock()
	ok := !q.closed && q.startsNowLocked(o) && p.slots.take()
	var first job
	if ok {
		first = q.startLocked(o)
	}
	q.mu.Unlock()
	if !ok {
		p.mu.Unlock()
		return false
	}
	w, idle := p.workerLocked()
	w.first = first
	w.busy.Store(true) // a shutdown may look before it runs
	p.mu.Unlock()
	w.start(idle)
	return true
}

func (p *Pool) waitForHand(ctx context.Context, n *node, w *waiter) error {
	defer task.Parked(ctx)()
	select {
	case <-w.ready:
	case <-ctx.Done():
		q := &p.sched
		q.lock()
		still := q.handing[n] == w
		if still {
			q.takeBackLocked(n)
		}
		q.mu.Unlock()
		if still {
			return p.reject(&future.CanceledError{Cause: context.Cause(ctx)})
		}
	}
	if w.err != nil {
		return p.reject(w.err)
	}
	return nil
}

// startsNowLocked reports whether a free worker would begin with this task.
func (q *sched) startsNowLocked(o *order) bool {
	return q.ready.Load() == 0 && o.scope.sub.full() == nil && (o.key == nil || q.chains[o.key] == nil)
}

// startLocked takes a task that has been nowhere.
func (q *sched) startLocked(o *order) job {
	q.pushed++
	q.popped++
	j := job{entry: o.entry, scope: o.scope}
	if o.key != nil {
		j.chain = q.newChainLocked(o.key)
		j.chain.running = true
	}
	for s := o.scope.sub; s != nil; s = s.parent {
		s.running++
	}
	t := q.tenantLocked(o.scope)
	t.start = max(t.start, q.now)
	q.chargeLocked(t, o.scope.level.rank())
	return j
}

// takeBackLocked takes out a node that no worker has taken, as if it had never
// been there.
func (q *sched) takeBackLocked(n *node) {
	delete(q.handing, n)
	q.pushed--
	q.removeLocked(n)
}

// removeLocked takes a node out of where it waits.
func (q *sched) removeLocked(n *node) {
	c := n.chain
	if c != nil {
		c.n--
	}
	if c == nil || !c.waiting.remove(n) {
		if c != nil {
			q.unchainLocked(c) // first, so that its tenant does not seem idle
		}
		q.removeFirstLocked(n)
	}
	q.letGoLocked(n)
}

// removeFirstLocked is for a node that does not wait for its key.
func (q *sched) removeFirstLocked(n *node) {
	t := q.tenantLocked(n.scope)
	if t.levels[n.scope.level.rank()].remove(n) {
		t.ready--
		q.ready.Add(-1)
		q.idleLocked(t)
		for b := n.scope.sub; b != nil; b = b.parent {
			if b.running < b.limit {
				q.backLocked(b) // it was to take this room
			}
		}
		return
	}
	for b := n.scope.sub; b != nil; b = b.parent {
		if b.waiting.remove(n) {
			if len(b.waiting) == 0 {
				delete(q.blocked, b)
			}
			return
		}
	}
}

// closeHands turns away all who wait for a worker to take their task.
func (q *sched) closeHands() {
	q.lock()
	defer q.mu.Unlock()
	q.closed = true
	for n, w := range q.handing {
		w.err = ErrClosed
		q.takeBackLocked(n)
		close(w.ready)
	}
}
