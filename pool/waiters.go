package pool

// waiter is one goroutine in a line. Its channel is made for this one wait, so
// that it belongs to the bubble of whoever waits.
type waiter struct {
	ready      chan struct{} // closed when it was served
	order      order         // what a submitter wants to put into the queue
	by         *slot         // of the submitter, if that is a task of the pool
	err        error         // why a submitter was turned away
	next, prev *waiter
	queued     bool
}

// waiters is a line, first come first served; leaving it takes no search. Its
// owner's mutex guards it.
type waiters struct {
	head, tail *waiter
}

func (l *waiters) push(w *waiter) {
	w.ready = make(chan struct{})
	w.queued = true
	if w.prev = l.tail; l.tail == nil {
		l.head = w
	} else {
		l.tail.next = w
	}
	l.tail = w
}

// remove takes w out; false if it has been served already.
func (l *waiters) remove(w *waiter) bool {
	if !w.queued {
		return false
	}
	if w.prev == nil {
		l.head = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		l.tail = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.next, w.prev, w.queued = nil, nil, false
	return true
}

// serve takes w out and wakes it.
func (l *waiters) serve(w *waiter) {
	l.remove(w)
	close(w.ready)
}
