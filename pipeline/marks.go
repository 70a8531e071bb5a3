package pipeline

import (
	"sync/atomic"

	"github.com/thence-go/thence/pipeline/internal/lane"
)

// mark is one step as one segment sees it.
type mark struct {
	name string
	item int64         // the one that it is at
	ask  func() uint64 // knows better; nil: item it is

	// The rest is for a Run's figures.
	head     bool   // the segment's own step: it is given what the segment reads
	skipped  int64  // by ErrSkip
	lettered int64  // by DeadLetter
	stage    *stage // nil: nobody wants figures
	sum      *sum   // nil: likewise, or it is counted in another way
	told     struct{ in, skipped, lettered int64 }
}

// mark is the mark of a step that is fused in s, which p is putting together.
func (p *part) mark(s *segment, name string) *mark {
	m := &mark{name: name, item: -1, stage: p.at}
	if p.at != nil && s.at0.stage != p.at { // else s does nothing else, and is counted as it is
		s.count(m)
	}
	return m
}

// count makes m one of those that s tells about.
func (s *segment) count(m *mark) {
	m.sum = s.counts(m.stage, s.last, false)
	p := s.toFill()
	p.marks = append(p.marks, m)
}

// show tells what has come to the step. begun is what the segment has read.
func (m *mark) show(begun uint64) {
	in := m.item + 1
	if m.head {
		in = int64(begun)
	}
	tell(&m.sum.in, &m.told.in, in)
	tell(&m.sum.skipped, &m.told.skipped, m.skipped)
	tell(&m.sum.lettered, &m.told.lettered, m.lettered)
}

// tell adds what has come since.
func tell(sum *atomic.Int64, told *int64, now int64) {
	if now != *told {
		sum.Add(now - *told)
		*told = now
	}
}

// owned is a dest with the stage that it belongs to.
type owned[T any] struct {
	to dest[T]
	at *stage
}

func (d owned[T]) attach(p *part, from []*segment, o order) []outlet[T] {
	defer p.stand(d.at)()
	return d.to.attach(p, from, o)
}

func (d owned[T]) watch(p *part, from []*segment, o order, l *leftovers[T]) []outlet[T] {
	defer p.stand(d.at)()
	return attach(d.to, p, from, o, l)
}

// standing is to as the stage wants it that is being put together now.
func standing[T any](p *part, to dest[T]) dest[T] {
	if p.at == nil {
		return to
	}
	return owned[T]{to: to, at: p.at}
}

// edgeOf is the edge that items go into right here, if they do, and the stage that
// works on them then: a joint does not. What its reader holds back is added to l.
func edgeOf[T any](p *part, to dest[T], l *leftovers[T]) (edge toEdge[T], at *stage, ok bool) {
	switch to := to.(type) {
	case toEdge[T]:
		return to, nil, true
	case holding[T]:
		l.add(to.held)
		return to.toEdge, nil, true
	case owned[T]:
		if _, meet := to.to.(*joint[T]); meet {
			return edge, nil, false
		}
		edge, _, ok = edgeOf(p, to.to, l)
		begin := edge.begin
		edge.begin = func(e *lane.Edge[T]) {
			defer p.stand(to.at)()
			begin(e)
		}
		return edge, to.at, ok
	}
	return toEdge[T]{}, nil, false
}

// stand says which stage is being put together, until the function that it
// returns is called.
func (p *part) stand(at *stage) (leave func()) {
	was := p.at
	p.at = at
	return func() { p.at = was }
}

// standAt is stand for a step that is not drawn by itself.
func (p *part) standAt(s *step) (leave func()) {
	if p.stats == nil {
		return func() {}
	}
	return p.stand(p.stats.stage(s))
}

// drawn is open in a run that knows its stages: whoever opens a step is the one
// behind it.
func drawn[T any](s *step, open func(p *part, to dest[T])) func(p *part, to dest[T]) {
	return func(p *part, to dest[T]) {
		if p.stats == nil {
			open(p, to)
			return
		}
		to = owned[T]{to: to, at: p.at}
		defer p.stand(p.stats.stage(s))()
		open(p, to)
	}
}

func (m *mark) skip(err error) {
	switch err {
	case errLetter:
		m.lettered++
	case errDropped:
	default:
		m.skipped++
	}
}
