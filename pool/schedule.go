package pool

import (
	"fmt"
	"time"
)

// Schedule says when something is to happen: Next returns the first time after
// t, or the zero time if there is none. The schedules of github.com/robfig/cron
// fit as they are.
//
// A timer calls Next from one goroutine at a time, with no lock held.
type Schedule interface {
	Next(t time.Time) time.Time
}

// Every is the schedule of a fixed rate. In a timer its ticks are those of the
// timer's start: d after it, 2d after it, and so on, however late a tick was
// seen. By itself, its Next is d later.
//
// A d that is not positive panics.
func Every(d time.Duration) Schedule {
	if d <= 0 {
		panic(fmt.Sprintf("pool: Every needs a positive duration, got %v", d))
	}
	return interval{every: d}
}

// interval is a schedule with a fixed rate from a start, if it has one.
type interval struct {
	start time.Time
	every time.Duration
}

func (i interval) Next(t time.Time) time.Time {
	if i.start.IsZero() {
		return t.Add(i.every)
	}
	ticks := t.Sub(i.start) / i.every // that are over; a pause may have been long
	return i.start.Add((ticks + 1) * i.every)
}

// Overlap is what happens when a timer ticks while its last run is not over: it
// runs, or it waits for its turn or for room in the queue.
type Overlap uint8

const (
	// SkipRun lets the tick pass. A tick that finds the queue full passes too.
	SkipRun Overlap = iota
	// QueueOne makes one run follow the one that is running, as soon as that
	// returns; it stands for all ticks until it begins. If the queue is full it
	// waits in line for room, whatever the pool's Overflow is.
	QueueOne
	// Beside starts another run at each tick. A tick that finds the queue full
	// passes, so the pool bounds how many there are.
	Beside
)
