package pool

import "github.com/thence-go/thence/future"

// stop takes out what is queued and cancels what runs, in one step, if nobody
// has done so before. Whoever calls it has the same report.
func (p *Pool) stop(cause error) error {
	p.mu.Lock()
	if p.report == nil {
		p.report = &ShutdownError{Pool: p.name, Cause: cause}
		p.counted = make(chan struct{})
		p.report.Stragglers = p.stragglersLocked() // an obedient one is gone at once
		p.report.Canceled = len(p.report.Stragglers)
		p.stopped.Store(true) // whoever begins from now on cancels itself
		p.cancelLocked()
	}
	counted := p.counted
	p.mu.Unlock()
	p.sweep()
	<-counted // submitters whose tasks are just coming in: they sweep too
	return p.leftBehind()
}

// sweep refuses all that is queued in a pool that was stopped. Queued tasks may
// come until all submitters that were on their way when the queue was closed
// have seen that the pool was stopped: they look when their task is in.
func (p *Pool) sweep() {
	p.mu.Lock()
	es := p.takeAllLocked()
	p.report.NeverRun += len(es)
	p.refusing += len(es)
	if p.queuedLocked() == 0 {
		select {
		case <-p.counted:
		default:
			close(p.counted)
		}
	}
	p.checkDrainedLocked()
	p.mu.Unlock()
	if len(es) > 0 {
		p.refuse(es)
	}
}

// leftBehind returns what the stop of a pool, if there was one, left behind.
func (p *Pool) leftBehind() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.report == nil || p.report.NeverRun+p.report.Canceled == 0 {
		return nil
	}
	return p.report
}

// takeAllLocked takes all out that has not begun. Under the mutex, so that Stats
// never sees what is neither queued nor dropped.
func (p *Pool) takeAllLocked() (es []entry) {
	if r := p.queue.Load(); r != nil {
		for e, ok := r.Pop(); ok; e, ok = r.Pop() {
			es = append(es, e)
		}
	}
	es = append(es, p.sched.clear()...)
	p.books.dropped.Add(uint64(len(es)))
	return es
}

// refuse settles tasks that will not run. One that panics, or ends its
// goroutine, keeps neither the others nor the pool from their end.
func (p *Pool) refuse(es []entry) {
	done := 0
	defer func() {
		if done < len(es) {
			_ = future.Recovered(recover())
			done++
		}
		p.mu.Lock()
		p.refusing -= done
		p.checkDrainedLocked()
		p.mu.Unlock()
		if done < len(es) {
			p.refuse(es[done:])
		}
	}()
	for _, e := range es {
		e.task.Refuse(ErrNotRun)
		done++
	}
}
