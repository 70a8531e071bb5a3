package pool

import (
	"sync"
	"sync/atomic"

	"github.com/thence-go/thence/internal/ring"
)

// sched holds the tasks that came through a view, and decides between them and
// the plain ones in the pool's ring. docs/design/views.md tells its rules.
//
// A task is ready if nothing but its place in the order keeps it from running;
// it hangs in the chain of its key or waits at a Sub if not.
type sched struct {
	pool *Pool

	ready atomic.Int64 // how many are ready: workers look here first

	// mu is held for a few instructions, never while anything blocks.
	mu     sync.Mutex
	closed bool
	pushed uint64
	popped uint64
	seq    uint32
	*backlog
}

// backlog is what a pool needs only while tasks come through views. It is nil
// for all others, and for one that is idle.
type backlog struct {
	chains  map[any]*chain
	handing map[*node]*waiter // who waits until a worker takes the task; only without a queue
	ages    ages              // only with DropOldest
	free    freeList
	spare   *chain

	plain   tenant             // of all tasks that name no tenant, those in the ring included
	tenants map[string]*tenant // the others: all with ready tasks, and some who had lately
	active  tenantHeap         // those of them with ready tasks
	blocked map[*sub]struct{}  // those that tasks wait for
	now     uint64             // virtual time: the start of the last task that was taken
	turns   uint64
}

// lock also sees to it that there is a backlog.
func (q *sched) lock() {
	q.mu.Lock()
	if q.backlog == nil {
		q.backlog = new(backlog)
		q.ages.on = q.pool.overflow == DropOldest
		q.plain.init("", strideOf(1))
	}
}

// job is a task that a worker takes, and what it holds beside the worker's
// slot.
type job struct {
	entry
	scope *scope // nil for a plain task
	chain *chain
}

// node is a task in sched: 64 bytes.
type node struct {
	entry
	scope *scope
	chain *chain // of its key, nil if it has none
	next  *node  // in a list
	seq   uint32 // orders nodes
	since uint32 // pushes to the ring so far: orders it among the plain tasks
}

// before orders nodes by arrival. The counts wrap.
func (n *node) before(m *node) bool { return int32(n.seq-m.seq) < 0 }

// push adds a task if its pool has room for one more.
func (q *sched) push(r *ring.Ring[entry], o *order) ring.Status {
	q.lock()
	s := r.Hold()
	if s == ring.Pushed {
		pushed, _ := r.Counts()
		q.addLocked(o, uint32(pushed))
	}
	q.mu.Unlock()
	return s
}

// addLocked makes a node of the task and puts it where it belongs.
func (q *sched) addLocked(o *order, since uint32) *node {
	n := q.free.get()
	n.entry, n.scope, n.seq, n.since = o.entry, o.scope, q.seq, since
	q.seq++
	q.pushed++
	q.ages.add(n)
	if o.key == nil || q.enchainLocked(n, o.key) {
		q.readyLocked(n, true)
	}
	return n
}

// readyLocked lines a node up for a worker: at the end if it is fresh.
func (q *sched) readyLocked(n *node, fresh bool) {
	t := q.tenantLocked(n.scope)
	t.add(n, fresh)
	q.ready.Add(1)
	if t != &q.plain && t.at < 0 {
		t.start, t.order = max(t.start, q.now), q.turn()
		q.active.push(t)
	}
}

// next takes the task whose turn it is.
func (q *sched) next() (job, bool) {
	q.mu.Lock()
	j, ok := q.nextLocked()
	q.mu.Unlock()
	return j, ok
}

func (q *sched) nextLocked() (job, bool) {
	for {
		t := q.nextTenantLocked()
		if t == nil {
			return job{}, false
		}
		l, plain := q.nextLevelLocked(t)
		if plain {
			e, ok := q.pool.queue.Load().Pop()
			if !ok {
				continue // another worker was faster
			}
			q.chargeLocked(t, l)
			return job{entry: e}, true
		}
		n := t.levels[l].pop()
		t.ready--
		q.ready.Add(-1)
		if full := n.scope.sub.full(); full != nil {
			full.passOverLocked(n)
			q.idleLocked(t)
			continue
		}
		q.chargeLocked(t, l)
		return q.takeLocked(n), true
	}
}

// takeLocked takes a node out for good.
func (q *sched) takeLocked(n *node) job {
	for s := n.scope.sub; s != nil; s = s.parent {
		s.running++
	}
	j := job{n.entry, n.scope, n.chain}
	if n.chain != nil {
		n.chain.n--
		n.chain.running = true
	}
	if w := q.handing[n]; w != nil {
		delete(q.handing, n)
		close(w.ready)
	}
	q.popped++
	q.letGoLocked(n)
	return j
}

// letGoLocked forgets a node that is in no list any more.
func (q *sched) letGoLocked(n *node) {
	q.ages.remove(n)
	q.free.put(n)
	if r := q.pool.queue.Load(); r != nil {
		r.Release()
	}
}

// holding is what a job holds beside its worker's slot.
type holding struct {
	chain *chain
	sub   *sub
}

func (h holding) isNothing() bool { return h.chain == nil && h.sub == nil }

// finish gives back what a job has held.
func (q *sched) finish(h holding) {
	if h.isNothing() {
		return
	}
	q.mu.Lock()
	more := q.finishLocked(h)
	q.mu.Unlock()
	q.freed(more)
}

func (q *sched) finishLocked(h holding) (more bool) {
	more = h.chain != nil && q.unchainLocked(h.chain)
	return q.leaveLocked(h.sub, nil) || more
}

// finishAndNext is finish and next under one lock.
func (q *sched) finishAndNext(h holding) (j job, ok bool) {
	q.mu.Lock()
	more := q.finishLocked(h)
	if q.ready.Load() > 0 {
		j, ok = q.nextLocked()
		more = more && q.ready.Load() > 0
	}
	q.mu.Unlock()
	q.freed(more)
	return j, ok
}

// freed is called when a key or a place in a Sub has become free, which makes
// another task ready, or lets one of the line begin.
func (q *sched) freed(more bool) {
	if q.pool.waiting.Load() > 0 {
		q.pool.admit()
	} else if more {
		q.pool.wakeForWork()
	}
}

// count returns how many tasks are queued here, those included that submitters
// still hold in their hands.
func (q *sched) count() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return int(q.pushed - q.popped)
}

// clear takes out all that is queued.
func (q *sched) clear() (es []entry) {
	q.lock()
	defer q.mu.Unlock()
	gone := func(n *node) {
		es = append(es, n.entry)
		q.popped++
		q.letGoLocked(n)
	}
	q.plain.drain(gone)
	for len(q.active) > 0 {
		t := q.active[0]
		t.drain(gone)
		q.active.remove(t)
	}
	for s := range q.blocked {
		s.waiting.drain(gone)
	}
	for key, c := range q.chains {
		c.waiting.drain(gone)
		if c.n = 0; !c.running {
			delete(q.chains, key)
		}
	}
	clear(q.blocked)
	q.ready.Store(0)
	return es
}

// rest lets go of what an idle pool does not need.
func (q *sched) rest() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.pushed == q.popped {
		q.backlog = nil // nobody owes anything
	}
}

// freeList keeps nodes for the next tasks, as many as were queued at a time.
type freeList struct{ head *node }

func (f *freeList) get() *node {
	n := f.head
	if n == nil {
		return new(node)
	}
	f.head = n.next
	n.next = nil
	return n
}

func (f *freeList) put(n *node) {
	*n = node{next: f.head}
	f.head = n
}
