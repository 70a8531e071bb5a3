package pool

// ages knows the nodes of sched by age, for DropOldest. A node that has left is
// known by its number, and skipped.
type ages struct {
	on    bool
	queue []age
	head  int
	gone  int // entries behind head that have left
}

type age struct {
	node *node
	seq  uint32
}

func (a *ages) add(n *node) {
	if a.on {
		a.queue = append(a.queue, age{n, n.seq})
	}
}

// remove is called when n leaves, before it is reused.
func (a *ages) remove(n *node) {
	if !a.on {
		return
	}
	n.scope = nil
	a.gone++
	for a.head < len(a.queue) && !a.queue[a.head].isQueued() {
		a.queue[a.head] = age{}
		a.head++
		a.gone--
	}
	if a.head+a.gone > len(a.queue)/2+64 {
		a.sweep()
	}
}

func (a *ages) sweep() {
	kept := a.queue[:0]
	for _, one := range a.queue[a.head:] {
		if one.isQueued() {
			kept = append(kept, one)
		}
	}
	clear(a.queue[len(kept):])
	a.queue, a.head, a.gone = kept, 0, 0
}

func (a age) isQueued() bool { return a.node != nil && a.node.scope != nil && a.node.seq == a.seq }

// oldest takes out the task that has waited longest, of those in the ring and
// those here.
func (q *sched) oldest() (e entry, ok bool) {
	q.lock()
	defer q.mu.Unlock()
	r := q.pool.queue.Load()
	if r == nil {
		return e, false
	}
	if q.ages.head == len(q.ages.queue) {
		return r.Pop()
	}
	n := q.ages.queue[q.ages.head].node
	if _, popped := r.Counts(); int32(n.since-uint32(popped)) > 0 {
		if e, ok = r.Pop(); ok {
			return e, true
		}
	}
	e = n.entry
	q.popped++
	q.removeLocked(n)
	return e, true
}
