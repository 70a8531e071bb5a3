package lane

import "time"

const (
	mostTaken  = 1024                  // items in one take
	leastShare = 64                    // a take of fewer quick ones is not worth the lock
	batchTime  = 50 * time.Microsecond // what a batch should last
)

// Take waits for items and begins the first one. It reports false when there
// will be none: the producers have closed, or the edge stopped.
func (c *Consumer[T]) Take() bool {
	ok, _ := c.TakeUntil(nil)
	return ok
}

// TakeUntil is Take with a limit: it reports late when something came on that
// channel first.
func (c *Consumer[T]) TakeUntil(stop <-chan time.Time) (ok, late bool) {
	if c.watcher == nil {
		return c.take(stop)
	}
	c.watcher.Takes()
	if ok, late = c.take(stop); ok {
		c.watcher.Took()
	}
	return ok, late
}

func (c *Consumer[T]) take(stop <-chan time.Time) (ok, late bool) {
	e := c.e
	c.learn()
	e.mu.Lock()
	defer e.mu.Unlock()
	for {
		if e.isStopped() {
			return false, false
		}
		if c.fillLocked() {
			e.passOnLocked()
			return true, false
		}
		if e.open == 0 && e.in.queued(1) == 0 {
			return false, false
		}
		e.idle = append(e.idle, c)
		if !e.waking {
			e.in.arm()
		}
		if e.in.queued(1) > 0 { // a Put before arm did not see it
			e.forgetLocked(c)
			continue
		}
		e.mu.Unlock()
		woken := c.park(stop)
		c.now()
		e.mu.Lock()
		if !woken && e.forgetLocked(c) {
			return false, true
		}
		if !woken { // woken and late at once
			<-c.gate
		}
		e.waking = false
	}
}

func (c *Consumer[T]) park(stop <-chan time.Time) (woken bool) {
	if stop == nil {
		c.wait()
		return true
	}
	return c.waitUntil(stop)
}

// learn sets the size of the next take from what the last one cost. Slow items
// are taken one by one, so that they begin in the order in which they came;
// quick ones by the hundred, since then the lock is what costs. Stealing mends
// what this guess gets wrong.
func (c *Consumer[T]) learn() {
	if !c.learns() {
		c.most = c.e.most
		return
	}
	began := c.begun
	if c.now(); c.n == 0 {
		return
	}
	switch took, n := c.begun.Sub(began), int(c.n); {
	case took > batchTime:
		c.most = max(1, int(int64(n)*int64(batchTime)/int64(took)))
	case took < batchTime/2 && n >= c.most:
		c.most = min(2*c.most, c.e.most)
	}
}

func (c *Consumer[T]) now() {
	if c.learns() {
		c.begun = time.Now()
	}
}

// learns reports whether anybody minds a long batch: a sibling, those who wait
// for the owner's place, or who watches it.
func (c *Consumer[T]) learns() bool {
	return len(c.e.consumers) > 1 || c.ctx != nil || c.watcher != nil
}

// fillLocked gets a batch from the queue, or else from a sibling.
func (c *Consumer[T]) fillLocked() bool {
	e := c.e
	clear(c.buf[:c.n])
	c.n = 0
	for {
		k := e.in.queued(c.most * len(e.consumers))
		if k == 0 {
			break
		}
		share := (k + len(e.consumers) - 1) / len(e.consumers)
		k = min(c.most, max(share, min(k, leastShare)))
		if len(c.buf) < k {
			c.buf = make([]T, max(k, min(2*len(c.buf), e.most)))
		}
		if e.traced {
			c.traceLocked(k)
		}
		if k = e.in.move(c.buf[:k]); k > 0 { // 0: all that moved was skipped
			c.beginLocked(e.taken, k)
			e.taken += uint64(k)
			return true
		}
	}
	if len(e.consumers) == 1 {
		return false
	}
	victim := e.richestLocked(c)
	return victim != nil && c.stealLocked(victim)
}
