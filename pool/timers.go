package pool

import "sync"

// timers are those of a pool that have not ended, so that a shutdown ends them
// at once and leaves nothing that would strike later.
type timers struct {
	mu     sync.Mutex // held for a few instructions; no timer's mutex is taken under it
	closed bool
	all    map[*Timer]struct{}
}

// add reports false if the pool is closed.
func (ts *timers) add(t *Timer) bool {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.closed {
		return false
	}
	if ts.all == nil {
		ts.all = make(map[*Timer]struct{})
	}
	ts.all[t] = struct{}{}
	return true
}

func (ts *timers) remove(t *Timer) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	delete(ts.all, t)
}

// close lets no timer tick any more. A run that the pool has accepted is one of
// the tasks that it drains.
func (ts *timers) close() {
	ts.mu.Lock()
	all := ts.all
	ts.closed, ts.all = true, nil
	ts.mu.Unlock()
	for t := range all {
		t.mu.Lock()
		t.last, t.follow = true, false
		if t.clock != nil {
			t.clock.Stop()
		}
		t.unlock()
	}
}
