package lane

import (
	"context"
	"time"

	"github.com/thence-go/thence/internal/task"
)

// parker is where one goroutine waits. It is woken at most once for each time
// that it was registered as waiting, so the send never blocks.
type parker struct {
	gate chan struct{}
	ctx  context.Context // of the task whose slot is given back meanwhile; nil: there is none

	watcher Watcher // or nil
	forRoom bool
}

func newParker() parker { return parker{gate: make(chan struct{}, 1)} }

func (p *parker) wake() { p.gate <- struct{}{} }

func (p *parker) wait() {
	if p.watcher != nil {
		p.watcher.Parks(p.forRoom)
		defer p.watcher.Wakes()
	}
	defer task.Parked(p.ctx)()
	<-p.gate
}

// waitUntil is wait with a limit. It reports whether it was woken.
func (p *parker) waitUntil(late <-chan time.Time) bool {
	if p.watcher != nil {
		p.watcher.Parks(p.forRoom)
		defer p.watcher.Wakes()
	}
	defer task.Parked(p.ctx)()
	select {
	case <-p.gate:
		return true
	case <-late:
		return false
	}
}

// RunsIn names the task that the owner runs in: its slot is given back while
// the owner is parked.
func (p *parker) RunsIn(ctx context.Context) { p.ctx = ctx }
