package pool

// tenant is one of those who share a pool by weight. It is start-time fair
// queueing (Goyal, Vin, Cheng: Start-time Fair Queuing, SIGCOMM 1996) with
// tasks for packets: each task of a tenant takes 1/weight of virtual time, the
// one that starts first in virtual time is next, and a tenant that comes back
// from idling starts at the present: it has saved nothing up, and what it had
// too much is not forgotten.
type tenant struct {
	id     string
	stride uint64 // virtual time of a task
	start  uint64 // of its next task
	order  uint64 // breaks ties: who has waited longest
	at     int    // in the heap of active ones, -1 if it has nothing to do
	ready  int
	busy   bool // of the plain tenant, which is in no heap: it had work at the last look
	levels [levelCount]level
}

const virtualSecond = 1 << 32 // divided by weights up to maxWeight without much loss

const maxWeight = 1 << 16

func strideOf(weight int) uint64 { return virtualSecond / uint64(weight) }

func (t *tenant) init(id string, stride uint64) { t.id, t.stride, t.at = id, stride, -1 }

func (t *tenant) drain(gone func(*node)) {
	for i := range t.levels {
		t.levels[i].fresh.drain(gone)
		t.levels[i].back.drain(gone)
	}
	t.ready = 0
}

func (t *tenant) add(n *node, fresh bool) {
	t.levels[n.scope.level.rank()].add(n, fresh)
	t.ready++
}

// tenantLocked returns the tenant of a scope.
func (q *sched) tenantLocked(s *scope) *tenant {
	if s.tenant == "" {
		return &q.plain
	}
	t := q.tenants[s.tenant]
	if t == nil {
		if q.tenants == nil {
			q.tenants = make(map[string]*tenant)
		}
		q.sweepLocked()
		t = new(tenant)
		t.init(s.tenant, s.stride)
		q.tenants[s.tenant] = t
	}
	t.stride = s.stride // the last one wins
	return t
}

// nextTenantLocked returns whose turn it is, nil if nobody has work.
func (q *sched) nextTenantLocked() *tenant {
	r := q.pool.queue.Load()
	busy := q.plain.ready > 0 || r != nil && r.Ready()
	if busy && !q.plain.busy {
		q.plain.start = max(q.plain.start, q.now)
	}
	q.plain.busy = busy
	switch {
	case len(q.active) == 0 && busy:
		return &q.plain
	case len(q.active) == 0:
		return nil
	case busy && q.plain.start <= q.active[0].start:
		return &q.plain
	}
	return q.active[0]
}

// nextLevelLocked returns which level of t is next, and whether the front of it
// is in the ring.
func (q *sched) nextLevelLocked(t *tenant) (rank int, plain bool) {
	normal := Normal.rank()
	if t == &q.plain {
		plain = q.ringFirstLocked()
	}
	rank = -1
	for i := range t.levels {
		l := &t.levels[i]
		if l.isEmpty() && !(plain && i == normal) {
			l.passed = -1 // 0 once this turn is counted
			continue
		}
		if rank < 0 || l.passed >= Ageing {
			rank = i
		}
	}
	if rank < 0 {
		return normal, true // it was in the ring a moment ago: ask there
	}
	return rank, plain && rank == normal
}

// ringFirstLocked reports whether the next plain task goes before the other
// Normal ones.
func (q *sched) ringFirstLocked() bool {
	r := q.pool.queue.Load()
	if r == nil || !r.Ready() {
		return false
	}
	l := &q.plain.levels[Normal.rank()]
	if l.isEmpty() {
		return true
	}
	_, popped := r.Counts()
	return int32(l.front().since-uint32(popped)) > 0
}

// chargeLocked accounts for a task of t that is taken from a level.
func (q *sched) chargeLocked(t *tenant, rank int) {
	for i := range t.levels {
		t.levels[i].passed++
	}
	t.levels[rank].passed = 0
	q.now = t.start
	t.start += t.stride
	t.order = q.turn()
	if t.at >= 0 {
		q.active.fix(t)
		q.idleLocked(t)
	}
}

func (q *sched) turn() uint64 {
	q.turns++
	return q.turns
}

// idleLocked takes a tenant without ready tasks out of the heap.
func (q *sched) idleLocked(t *tenant) {
	if t.at >= 0 && t.ready == 0 {
		q.active.remove(t)
	}
}

// sweepLocked forgets tenants that have nothing to do, when they have become
// many: an id costs no memory for ever. What one of them has had too much, and
// is forgotten with it, is one task at most.
func (q *sched) sweepLocked() {
	if len(q.tenants) < 64 || len(q.tenants) < 2*len(q.active) {
		return
	}
	for id, t := range q.tenants {
		if t.at < 0 {
			delete(q.tenants, id)
		}
	}
}

// tenantHeap has the tenant that is next at its top.
type tenantHeap []*tenant

func (h tenantHeap) less(i, j int) bool {
	if h[i].start != h[j].start {
		return h[i].start < h[j].start
	}
	return h[i].order < h[j].order
}

func (h tenantHeap) swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].at, h[j].at = i, j
}

func (h *tenantHeap) push(t *tenant) {
	t.at = len(*h)
	*h = append(*h, t)
	h.fix(t)
}

func (h *tenantHeap) remove(t *tenant) {
	last := len(*h) - 1
	at := t.at
	h.swap(at, last)
	(*h)[last] = nil
	*h = (*h)[:last]
	t.at = -1
	if at < last {
		h.fix((*h)[at])
	}
}

func (h tenantHeap) fix(t *tenant) {
	i := t.at
	for i > 0 && h.less(i, (i-1)/2) {
		h.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
	for {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(h); c++ {
			if h.less(c, least) {
				least = c
			}
		}
		if least == i {
			return
		}
		h.swap(i, least)
		i = least
	}
}
