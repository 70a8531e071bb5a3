package pool

import (
	"context"

	"github.com/thence-go/thence/internal/task"
)

// callersTask is a task that runs on its submitter's goroutine, as a shutdown tells of
// it.
type callersTask struct {
	name    string
	watched *watched // nil unless the pool watches tasks
}

// runHere runs a task on its submitter's goroutine.
func (p *Pool) runHere(ctx context.Context, o *order) error {
	l := new(loan)
	l.Init(o.ctx, task.SlotOf(ctx))
	var h callersTask
	if o.scope != nil {
		h.name = o.scope.name
	}
	if t, ok := o.task.(*watched); ok {
		t.byCaller = true
		t.begin()
		h.watched = t
	}
	if !p.beginHere(l, h) {
		return p.reject(ErrClosed)
	}
	returned := false
	defer func() {
		if !returned {
			p.books.endedBadly(l, o.task, recover())
		}
		p.endHere(l)
	}()
	if p.stopped.Load() {
		l.Cancel(ErrClosed)
	}
	err := o.task.Run(l)
	returned = true
	p.books.ended(l, err)
	return nil
}

func (p *Pool) beginHere(l *loan, h callersTask) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state != Open {
		return false
	}
	if p.callers == nil {
		p.callers = make(map[*loan]callersTask)
	}
	p.callers[l] = h
	p.books.byCallers.Add(1)
	return true
}

func (p *Pool) endHere(l *loan) {
	l.Release()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.callers, l)
	p.checkDrainedLocked()
}
