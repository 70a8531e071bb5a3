package pipeline

import "github.com/thence-go/thence/pipeline/internal/lane"

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
	before   *mark  // what hands its items to this step, in the same segment
	shown    tallied
}

// mark is the mark of a step that is fused in s, which p is putting together.
func (p *part) mark(s *segment, name string) *mark {
	m := &mark{name: name, item: -1, stage: p.at}
	switch {
	case p.at == nil:
	case s.at0.stage == p.at: // s does nothing else: it is counted as it is
	case len(s.marks) < mostKept:
		m.before = s.before(p.at)
		p.stats.count(s, m, p.at)
	}
	return m
}

// count makes m one of those that seg tells about.
func (s *stats) count(seg *segment, m *mark, at *stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.stage = at
	seg.marks = append(seg.marks, m)
}

// before finds what hands items to a stage: the nearest step before it that
// runs in s.
func (s *segment) before(at *stage) *mark {
	if at == nil || len(s.marks) == 0 {
		return nil
	}
	seen := map[*step]bool{at.step: true}
	for steps := at.step.from; len(steps) > 0; {
		var further []*step
		for _, st := range steps {
			if seen[st] {
				continue
			}
			seen[st] = true
			for i := len(s.marks) - 1; i >= 0; i-- {
				if s.marks[i].stage.step == st {
					return s.marks[i]
				}
			}
			further = append(further, st.from...)
		}
		steps = further
	}
	return s.marks[len(s.marks)-1]
}

// show tells what has come to the step. begun is what the segment has read.
func (m *mark) show(begun uint64) {
	in := m.item + 1
	if m.head {
		in = int64(begun)
	}
	m.shown.in.Store(in)
	if m.skipped > 0 {
		m.shown.skipped.Store(m.skipped)
	}
	if m.lettered > 0 {
		m.shown.lettered.Store(m.lettered)
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

// edgeOf is the edge that items go into right here, if they do. What its reader
// holds back is in held.
func edgeOf[T any](p *part, to dest[T], held *leftovers[T]) (toEdge[T], bool) {
	switch to := to.(type) {
	case toEdge[T]:
		return to, true
	case holding[T]:
		held.add(to.held)
		return to.toEdge, true
	case owned[T]:
		edge, ok := edgeOf(p, to.to, held)
		begin := edge.begin
		edge.begin = func(e *lane.Edge[T]) {
			defer p.stand(to.at)()
			begin(e)
		}
		return edge, ok
	}
	return toEdge[T]{}, false
}

// stand says which stage is being put together, until the function that it
// returns is called.
func (p *part) stand(at *stage) (leave func()) {
	was := p.at
	p.at = at
	return func() { p.at = was }
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
