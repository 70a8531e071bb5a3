package pool

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/task"
)

// Timer runs a function on a pool later, once or again and again. It is made by
// After and Every, must not be copied, and all its methods may be called by any
// number of goroutines. Most callers need none of them: the timer ends with its
// ctx and with its pool. It holds no goroutine while it waits for a tick, and one
// while a run of it waits for room in the pool's queue.
type Timer struct {
	pool     *Pool
	ctx      context.Context
	fn       func(context.Context)
	schedule Schedule // nil: once
	overlap  Overlap
	due      time.Time // the tick that clock waits for; only for the ticks themselves

	// mu is held for a few instructions: never while fn or the schedule runs,
	// and never while a run is submitted.
	mu      sync.Mutex
	clock   *time.Timer
	pending int        // runs on their way: they wait for room or for their turn
	running int        // runs that have begun
	follow  bool       // QueueOne: another run begins when the present one is over
	last    bool       // no tick comes after this
	over    bool       // no run begins any more
	waiting *timerWait // of the last run that had to wait for room; at most one does, see patient
	detach  func() bool
	done    chan struct{} // made when somebody asks
	closed  bool
}

// errStopped is what became of a run whose timer was stopped before its turn.
var errStopped = errors.New("pool: the timer was stopped")

// After runs fn on the pool once, after d. fn's ctx has the values of ctx and
// ends when ctx ends or the pool stops; it is on loan, as that of Go.
//
// If the queue is full by then, the run waits in line for room, whatever the
// pool's Overflow is: until there is some, the timer is stopped, ctx ends, or
// the pool is shut down. On cancel of ctx before the run begins, there is none.
// A shutdown does not wait for timers: it ends those whose run the pool has not
// accepted yet.
func (p *Pool) After(ctx context.Context, d time.Duration, fn func(context.Context)) *Timer {
	mustSubmit("After", ctx, fn == nil)
	t := &Timer{pool: p, ctx: task.Owned(ctx), fn: fn, overlap: QueueOne}
	t.start(d)
	return t
}

// Every runs fn on the pool whenever s says so, until the timer is stopped, ctx
// ends, the pool is shut down, or s has no next time. o says what happens when a
// run is late for the next tick. fn's ctx is as that of After.
//
// After a pause, such as a suspended machine or a slow schedule, there is one run
// for all ticks that were missed. A panic in fn goes to the panic hook of package
// future, and the next run takes place. A schedule that panics, or that returns
// a time not after the one it was asked about, is told to the hook too and has no
// more ticks.
func (p *Pool) Every(ctx context.Context, s Schedule, o Overlap, fn func(context.Context)) *Timer {
	mustSubmit("Every", ctx, fn == nil)
	if s == nil {
		panic("pool: Every needs a schedule, got nil: pass pool.Every(time.Minute), say")
	}
	if o > Beside {
		panic(fmt.Sprintf("pool: Every needs an overlap policy, got %d: pass SkipRun, QueueOne or Beside", o))
	}
	now := time.Now()
	if i, ok := s.(interval); ok {
		i.start = now
		s = i
	}
	t := &Timer{pool: p, ctx: task.Owned(ctx), fn: fn, schedule: s, overlap: o}
	if t.due = t.ask(now); !t.due.IsZero() {
		t.start(time.Until(t.due))
	}
	return t
}

func (t *Timer) start(d time.Duration) {
	if t.ctx.Err() != nil || !t.pool.timers.add(t) {
		t.Stop()
		return
	}
	detach := context.AfterFunc(t.ctx, func() { t.Stop() })
	t.mu.Lock()
	t.detach = detach
	if !t.over && !t.last {
		t.clock = time.AfterFunc(d, t.tick)
	}
	t.unlock()
}

// Stop ends the timer: no run begins after it has returned, not even one that
// waits for its turn. A run that has begun goes on; Done tells when it is over.
// Stop reports whether it has ended the timer: false if that was over already,
// because of an earlier Stop, its ctx, its pool, or because its last run had
// begun.
func (t *Timer) Stop() bool {
	t.mu.Lock()
	was := t.over
	t.over = true
	t.unlock()
	return !was
}

// Done returns a channel that is closed when the timer has ended and none of its
// runs is running.
func (t *Timer) Done() <-chan struct{} {
	t.mu.Lock()
	if t.done == nil {
		t.done = make(chan struct{})
	}
	done := t.done
	t.unlock()
	return done
}

// unlock releases mu, and lets go of everything if the timer is over.
func (t *Timer) unlock() {
	if t.last && t.pending == 0 && !t.follow {
		t.over = true
	}
	var detach func() bool
	var waits *timerWait
	if t.over {
		t.follow = false
		detach, t.detach = t.detach, nil
		waits, t.waiting = t.waiting, nil
		if t.clock != nil {
			t.clock.Stop()
		}
		if t.running == 0 && t.done != nil && !t.closed {
			t.closed = true
			close(t.done)
		}
	}
	t.mu.Unlock()
	if detach != nil {
		detach()
		t.pool.timers.remove(t)
	}
	if waits != nil {
		waits.Cancel(errStopped)
	}
}

// tick is called by the clock, on a goroutine of its own.
func (t *Timer) tick() {
	t.mu.Lock()
	begin := t.claimLocked()
	t.last = t.last || t.schedule == nil
	t.unlock()
	if begin && !t.offer() {
		t.wait() // no tick until there is room: it would only be dropped
	}
	if t.schedule != nil {
		t.rearm()
	}
}

// claimLocked decides whether a tick makes a run of its own.
func (t *Timer) claimLocked() bool {
	switch {
	case t.over || t.last:
		return false
	case t.pending+t.running == 0 || t.overlap == Beside:
		t.pending++
		return true
	case t.overlap == QueueOne && t.pending == 0:
		t.follow = true // a run that is pending stands for this tick too
	}
	return false
}

// rearm sets the clock for the tick after this one. The clock may be set back
// while it runs: no tick comes twice.
func (t *Timer) rearm() {
	after := time.Now()
	if t.due.After(after) {
		after = t.due
	}
	next := t.ask(after)
	if next.IsZero() {
		return
	}
	t.mu.Lock()
	t.due = next
	if !t.over && !t.last {
		t.clock.Reset(time.Until(next))
	}
	t.unlock()
}

// ask returns the next tick, or the zero time when there is none any more.
func (t *Timer) ask(after time.Time) (next time.Time) {
	returned := false
	defer func() {
		if !returned {
			_ = future.Recovered(recover())
			next = time.Time{}
		}
		if next.IsZero() {
			t.mu.Lock()
			t.last = true
			t.unlock()
		}
	}()
	next = t.schedule.Next(after)
	if !next.IsZero() && !next.After(after) {
		panic(fmt.Sprintf("pool: a schedule must return a time after the one it is asked about: got %v for %v", next, after))
	}
	returned = true
	return next
}
