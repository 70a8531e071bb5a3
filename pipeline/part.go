package pipeline

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/thence-go/thence/internal/task"
)

// errEnough is the cause that functions see when what is behind them needs no
// more items.
var errEnough = errors.New("pipeline: no more items are needed")

// part is a piece of a run that can be stopped while the rest goes on, with all
// that is upstream of it: the sources, or what is before a step that has had
// enough. The whole run is a part too.
//
//	made --start--> begun --stop, enough--> stopped
//	   \----stop----> stopped: its segments end without having run anything
type part struct {
	*run
	outer *part    // what is downstream; nil for the whole run
	ctx   task.Ctx // what functions are given; ends with the outer one

	stopping sync.Once
	stopped  atomic.Bool
	sated    atomic.Bool // stopped because no more is needed: failures do not count any more

	mu     sync.Mutex // held for a few instructions, never while anything blocks
	edges  []interface{ Stop() }
	crews  []*crew // workers that are tasks of an executor
	inner  []*part
	bodies []func() // start the segments
	due    int      // segments that end
	at     *stage   // the one that is being put together; nil: nobody wants figures
	begun  bool
	waits  bool     // start comes later than the outer part's
	nth    int      // place among the outer part's inner ones
	halted []func() // called once p has stopped

	entry  any     // *entry: p is a branch, and this is its input
	census *census // of the group that p is in; nil: it is in none
}

// child is a part upstream of p. It starts with p; if p has begun, whoever puts
// it together starts it.
func (p *part) child() *part { return p.with(&part{}) }

// later is a child that starts when it is told to.
func (p *part) later() *part { return p.with(&part{waits: true}) }

func (p *part) with(c *part) *part {
	c.run, c.outer, c.at = p.run, p, p.at
	if c.census == nil {
		c.census = p.census
	}
	c.ctx.Init(&p.ctx, nil)
	p.mu.Lock()
	c.nth = len(p.inner)
	p.inner = append(p.inner, c)
	p.mu.Unlock()
	if p.stopped.Load() {
		c.stop(errStopped)
	}
	return c
}

// addEdge makes e end with p.
func (p *part) addEdge(e interface{ Stop() }) {
	p.mu.Lock()
	p.edges = append(p.edges, e)
	p.mu.Unlock()
	if p.stopped.Load() {
		e.Stop()
	}
}

// spawn adds a segment that runs on a goroutine of its own.
func (p *part) spawn(s *segment, closing func(), body func()) {
	s.finish = func() { s.settle(); closing(); p.leave() }
	p.due++
	p.bodies = append(p.bodies, func() { go s.main(body) })
}

// start begins the segments of p and of the parts within it, once.
func (p *part) start() {
	p.mu.Lock()
	if p.begun {
		p.mu.Unlock()
		return
	}
	p.begun = true
	p.enter(p.due)
	inner := slices.Clone(p.inner)
	p.mu.Unlock()
	for _, begin := range p.bodies {
		begin()
	}
	if p.stopped.Load() {
		p.dismiss()
	}
	for _, c := range inner {
		if !c.waits {
			c.start()
		}
	}
}

// stop ends p early. The first cause wins; when stop returns, everything in p
// has been stopped, whoever did it.
func (p *part) stop(cause error) {
	p.stopping.Do(func() {
		p.stopped.Store(true)
		p.ctx.Cancel(cause)
		p.mu.Lock()
		edges, inner, halted := p.edges, slices.Clone(p.inner), p.halted
		p.mu.Unlock()
		for _, e := range edges {
			e.Stop()
		}
		p.dismiss()
		for _, c := range inner {
			c.stop(cause)
		}
		for _, fn := range halted {
			fn()
		}
	})
}

// enough stops p because nothing more of it is needed. What is downstream goes
// on with what it has.
func (p *part) enough() {
	p.sated.Store(true)
	p.stop(errEnough)
}

func (p *part) dismiss() {
	p.mu.Lock()
	crews := p.crews
	if !p.begun {
		crews = nil
	}
	p.mu.Unlock()
	for _, c := range crews {
		c.dismiss()
	}
}

// isOver reports whether p or what is downstream of it has been stopped.
func (p *part) isOver() bool {
	for ; p != nil; p = p.outer {
		if p.stopped.Load() {
			return true
		}
	}
	return false
}

// matters reports whether a failure in p is one of the run.
func (p *part) matters() bool {
	for ; p != nil; p = p.outer {
		if p.sated.Load() {
			return false
		}
	}
	return true
}
