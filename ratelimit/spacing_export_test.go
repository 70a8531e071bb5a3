package ratelimit

import "time"

func (q *turns) sleeping() (n int, timer bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for w := q.line.head; w != nil; w = w.next {
		n++
	}
	return n, q.timer != nil
}

// jump sets the clock ahead, or back.
func (q *turns) jump(d time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.epoch = q.epoch.Add(-d)
}

// Sleeping returns how many sleep in Wait, and whether there is a timer.
func (p *Pacer) Sleeping() (int, bool)         { return p.l.Sleeping(), p.l.HasTimer() }
func (w *SlidingWindow) Sleeping() (int, bool) { return w.turns.sleeping() }
func (w *WarmUp) Sleeping() (int, bool)        { return w.turns.sleeping() }

// Sleeping returns how many wait in Acquire.
func (a *Adaptive) Sleeping() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return int(a.line.tokens)
}

func (w *SlidingWindow) Jump(d time.Duration) { w.turns.jump(d) }
func (w *WarmUp) Jump(d time.Duration)        { w.turns.jump(d) }

// Memory returns how many entries a window remembers and has room for.
func (w *SlidingWindow) Memory() (used, room int) {
	w.turns.mu.Lock()
	defer w.turns.mu.Unlock()
	return w.past.n, len(w.past.ring)
}
