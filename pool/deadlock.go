package pool

// stuckLocked returns a submitter that waits for its own end, nil if there is
// none for sure. It is asked when the queue is full and nothing in it is ready,
// and nobody in the line could begin at once.
//
// All that is queued then waits for a key or for a place in a Sub. Who has a
// place in a Sub is not parked, so that there is hope. Who has a key may stand
// in the line and be stuck there: unless what it wants to submit could begin
// some day, room or no room, because its own key is held by one that is not
// stuck. If everything queued is behind stuck ones, there never is any room.
func (p *Pool) stuckLocked() *waiter {
	q := &p.sched
	stuck := make(map[*chain]bool)
	for w := p.room.head; w != nil; w = w.next {
		if c := w.holds(); c != nil {
			stuck[c] = true
		}
	}
	for hope := true; hope; {
		hope = false
		for w := p.room.head; w != nil; w = w.next {
			if c := w.holds(); stuck[c] && !stuck[q.chains[w.order.key]] {
				delete(stuck, c)
				hope = true
			}
		}
	}
	behind := uint64(0)
	for c := range stuck {
		behind += uint64(c.n)
	}
	if behind < q.pushed-q.popped {
		return nil
	}
	for w := p.room.head; w != nil; w = w.next {
		if c := w.holds(); stuck[c] && c.n > 0 {
			return w
		}
	}
	return nil
}

// holds returns the key of the task that waits, nil if it has none.
func (w *waiter) holds() *chain {
	if w.by == nil {
		return nil
	}
	return w.by.holding()
}
