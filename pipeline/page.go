package pipeline

import "slices"

// page is what a segment keeps count of together: the steps that it has from its
// beginning, or those of one branch of many that come and go. The latter cost
// nothing but while they are used.
type page struct {
	outs  []writing
	marks []*mark // steps that are counted
	isDue bool
}

func (s *segment) toFill() *page {
	if s.open != nil {
		return s.open
	}
	return &s.page
}

// fills begins a branch of s, which is counted on p. Its items have passed past
// and the gates of s, and come from the step last. The function that it returns
// ends that, and lets those gates count what is in the branch.
func (s *segment) fills(p *page, last *sum, past []*gate) (leave func()) {
	wasOpen, wasLast, wasPast := s.open, s.last, s.past
	s.open, s.last, s.past = p, last, past
	return func() {
		for _, g := range append(slices.Clip(past), s.gates...) {
			g.follow(s, p.outs, func([]*gate) bool { return true })
		}
		s.open, s.last, s.past = wasOpen, wasLast, wasPast
	}
}

// visits says that s is in the branch of p now, returns that it was.
func (s *segment) visits(p *page) { s.inside = append(s.inside, p) }

func (s *segment) returns() {
	last := len(s.inside) - 1
	p := s.inside[last]
	s.inside[last] = nil
	s.inside = s.inside[:last]
	if !p.isDue {
		p.isDue = true
		s.due = append(s.due, p)
	}
}

// tellSent tells what was put on the ways out.
func (p *page) tellSent() {
	for i := range p.outs {
		w := &p.outs[i]
		n := w.out.Sent() - w.sent
		if n == 0 {
			continue
		}
		w.sent += n
		w.to.enter(int64(n))
		if l, ok := w.out.(loser); ok {
			lost := l.Lost() - w.lost
			w.lost += lost
			w.to.leave(int64(lost))
		}
		if w.by != nil {
			w.by.sent.Add(int64(n))
		}
	}
}

func (p *page) show(begun uint64) {
	for _, m := range p.marks {
		m.show(begun)
	}
}
