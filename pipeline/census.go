package pipeline

import "sync/atomic"

// census counts the segments that run in a part of which there may be many in
// one run, and its opener as one more. When there are none, the part is taken
// out of the run.
type census struct {
	of    *part
	outer *census // of the group around it
	n     atomic.Int64
	empty func()        // called when there are none; may be nil
	quiet chan struct{} // closed when there are none; nil: nobody asked
	atEnd []func()      // for what is left then
}

// group is a child that is forgotten when nothing of it runs any more, and its
// opener has left it. Its opener starts it, when it is whole: p may be about to
// start.
func (p *part) group() *part {
	c := &part{waits: true}
	c.census = &census{of: c, outer: p.census}
	c.census.n.Store(1)
	return p.with(c)
}

// enter counts segments that are about to begin.
func (p *part) enter(n int) {
	p.active.Add(n)
	for c := p.census; c != nil; c = c.outer {
		c.n.Add(int64(n))
	}
}

// leave is called at the end of each.
func (p *part) leave() {
	for c := p.census; c != nil; c = c.outer {
		c.leave()
	}
	p.active.Done()
}

func (c *census) leave() {
	if c.n.Add(-1) == 0 {
		c.of.outer.forget(c.of)
		c.end()
		c.of.ctx.Release()
		if c.quiet != nil {
			close(c.quiet)
		}
		if c.empty != nil {
			c.empty()
		}
	}
}

// end does what is to be done for what is left.
func (c *census) end() {
	r := c.of.run
	r.told.Lock()
	atEnd := c.atEnd
	c.atEnd = nil
	delete(r.branches, c)
	r.told.Unlock()
	if atEnd == nil {
		return
	}
	c.of.stop(errStopped) // its edges tell then what was not begun
	for _, fn := range atEnd {
		fn()
	}
}

// forget takes a part out that has come to its end.
func (p *part) forget(c *part) {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.inner) - 1
	p.inner[c.nth] = p.inner[last]
	p.inner[c.nth].nth = c.nth
	p.inner[last] = nil
	p.inner = p.inner[:last]
}
