package ratelimit

import "slices"

// waiter is one sleeper in WaitN. Its channel is made for this one wait, so
// that it belongs to the bubble of whoever waits.
type waiter struct {
	ready      chan struct{} // closed when it was served or refused
	err        error         // set before ready is closed
	n          int
	run        *run // nil when it has left the line
	prev, next *waiter
}

func (w *waiter) settle(err error) {
	w.err = err
	close(w.ready)
}

// run is waiters whose tokens lie side by side on the scale of the bucket:
// each has its end where the one before it ends, plus its own. So whoever
// leaves moves all behind it in the run, at no cost.
type run struct {
	start      int64 // where the tokens of head begin
	tokens     int64 // of all waiters in the run
	head, tail *waiter
}

func (r *run) end(b *bucket) int64 { return r.start + r.tokens*b.token }

func (r *run) push(w *waiter) {
	w.run, w.prev, w.next = r, r.tail, nil
	if r.tail == nil {
		r.head = w
	} else {
		r.tail.next = w
	}
	r.tail = w
	r.tokens += int64(w.n)
}

func (r *run) unlink(w *waiter) {
	if w.prev == nil {
		r.head = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		r.tail = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.run, w.prev, w.next = nil, nil, nil
	r.tokens -= int64(w.n)
}

// line is who sleeps, first come first served: usually one run. Another begins
// where a reservation, whose time is promised, lies between two waiters.
// Limiter.mu guards it.
type line struct {
	runs []*run // none empty, in order of start
}

func (q *line) empty() bool { return len(q.runs) == 0 }

// push adds w, whose tokens end at end.
func (q *line) push(w *waiter, end int64, b *bucket) {
	start := end - b.cost(w.n)
	if k := len(q.runs); k == 0 || q.runs[k-1].end(b) != start {
		q.runs = append(q.runs, &run{start: start})
	}
	q.runs[len(q.runs)-1].push(w)
}

// first returns where the tokens of the first waiter end.
func (q *line) first(b *bucket) int64 {
	r := q.runs[0]
	return r.start + b.cost(r.head.n)
}

// pop takes out the first waiter, which was served.
func (q *line) pop(b *bucket) *waiter {
	r := q.runs[0]
	w := r.head
	r.unlink(w)
	r.start += b.cost(w.n)
	if r.head == nil {
		q.runs = slices.Delete(q.runs, 0, 1)
	}
	return w
}

// remove takes out w, which gives up, and returns the hole that it leaves,
// once those behind it in its run have moved up.
func (q *line) remove(w *waiter, b *bucket) hole {
	r := w.run
	h := hole{end: r.end(b), size: b.cost(w.n)}
	r.unlink(w)
	if r.head == nil {
		q.runs = slices.DeleteFunc(q.runs, func(o *run) bool { return o == r })
	}
	return h
}

// over returns the waiters that want more than burst.
func (q *line) over(burst int) (ws []*waiter) {
	for _, r := range q.runs {
		for w := r.head; w != nil; w = w.next {
			if w.n > burst {
				ws = append(ws, w)
			}
		}
	}
	return ws
}

// move takes the line from the scale of b to that of another bucket.
func (q *line) move(b, next *bucket) {
	for _, r := range q.runs {
		r.start = next.place(b.total(r.start))
	}
}

// hole is tokens that were booked and then given back.
type hole struct {
	end, size int64
}

// fill moves up those behind the hole into it, in order, and returns the hole
// that they leave at the back of the line.
//
// A run that begins at the hole moves as a whole. Where a reservation lies
// between, waiters are taken over it one by one, while they fit: what is then
// left of the hole is lost, because somebody small would have to overtake, or
// two halves to be taken at once.
func (q *line) fill(h hole, b *bucket) hole {
	for i := 0; i < len(q.runs); i++ {
		r := q.runs[i]
		switch {
		case r.start < h.end:
		case r.start == h.end:
			h.end = r.end(b)
			r.start -= h.size
		default:
			into := &run{start: h.end - h.size}
			left := hole{end: r.end(b)}
			for r.head != nil && left.size+b.cost(r.head.n) <= h.size {
				w := r.head
				left.size += b.cost(w.n)
				r.unlink(w)
				into.push(w)
			}
			if into.head == nil {
				return h
			}
			if r.head == nil {
				q.runs[i] = into
			} else {
				q.runs = slices.Insert(q.runs, i, into)
				i++
			}
			h = left
		}
	}
	return h
}
