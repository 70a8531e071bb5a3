package pool

import "time"

// asleep stands for the least of a pool without idle workers: no tick comes.
const asleep = -1

// tickLocked sees to it that the worker that has just become idle leaves some
// day.
func (p *Pool) tickLocked() {
	switch {
	case p.tick == nil:
		p.tick = time.AfterFunc(p.idleFor, p.retire)
	case p.least == asleep:
		p.tick.Reset(p.idleFor)
	default:
		return
	}
	p.least = len(p.idle)
}

// retire runs every idle time for as long as there are idle workers. It lets
// those go that were not needed since the last time: as many as the stack has
// always held, from its bottom. So nobody reads a clock when a worker becomes
// idle.
func (p *Pool) retire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) == 0 {
		p.least = asleep
		return
	}
	p.dismissLocked(p.least)
	if len(p.idle) == 0 {
		p.least = asleep
		p.restLocked()
		return
	}
	p.least = len(p.idle)
	p.tick.Reset(p.idleFor)
}

// dismissLocked sends the n longest idle workers away.
func (p *Pool) dismissLocked(n int) {
	for _, w := range p.idle[:n] {
		delete(p.workers, w)
		close(w.wake)
	}
	left := copy(p.idle, p.idle[n:])
	clear(p.idle[left:])
	p.idle = p.idle[:left]
}
