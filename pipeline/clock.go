package pipeline

import (
	"sync"
	"time"
)

// activity is what a goroutine of a flow is at.
type activity int

const (
	idle activity = iota // not begun
	works
	waitsIn
	waitsOut
	ended
	activities
)

// clock adds up what one segment has spent its time on. A nil clock is not
// read.
type clock struct {
	mu    sync.Mutex // held for a few instructions, never while anything blocks
	now   activity
	since time.Time
	spent [activities]time.Duration
}

// turn says what the segment is at from now on.
func (c *clock) turn(to activity) {
	if c == nil {
		return
	}
	t := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now != ended {
		c.spent[c.now] += t.Sub(c.since)
		c.now, c.since = to, t
	}
}

func (c *clock) read() (now activity, spent [activities]time.Duration) {
	t := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	spent = c.spent
	spent[c.now] += t.Sub(c.since)
	return c.now, spent
}
