package pipeline

import "errors"

// errDrained is the cause that sources see when Run.Stop was called.
var errDrained = errors.New("pipeline: the run was told to stop")

// source makes the segment of a source, in a part of its own: it can be stopped
// while all that it has put goes on.
func (p *part) source(name string) *segment {
	own := p.child()
	seg := own.segment(name)
	seg.flows = p
	seg.figures()
	r := p.run
	r.told.Lock()
	r.sources = append(r.sources, own)
	draining := r.draining
	r.told.Unlock()
	if draining {
		own.stop(errDrained)
	}
	return seg
}

// drain stops the sources, and those that come later.
func (r *run) drain() {
	r.told.Lock()
	r.draining = true
	sources := r.sources
	r.told.Unlock()
	for _, own := range sources {
		own.stop(errDrained)
	}
}

// drains reports whether a source only says that it was told to stop, while
// what it has put goes on.
func (s *segment) drains(err error) bool {
	return s.part.stopped.Load() && !s.flows.stopped.Load() && isEcho(s.ctx, err)
}
