package pipeline

import "sync/atomic"

// sum is what one segment has told of one of its stages. The steps of branches
// that come and go in a segment share those of their stages, so there are few.
type sum struct {
	stage  *stage
	before *sum // hands its items to this one here; nil: who does counts them
	passes bool // hands on all that it is given: that is what those behind it get

	in, sent, skipped, lettered atomic.Int64

	handed int64 // scratch of addTo
}

// counts makes a sum of s, for the stage whose way out is put together next.
func (s *segment) counts(at *stage, before *sum, passes bool) *sum {
	all := s.part.stats
	all.mu.Lock()
	defer all.mu.Unlock()
	if s.open != nil {
		for _, m := range s.sums {
			if m.stage == at && m.before == before {
				s.last = m
				return m
			}
		}
	}
	s.last = &sum{stage: at, before: before, passes: passes}
	s.sums = append(s.sums, s.last)
	return s.last
}

// passes says that the step that p is putting together stands in s, where it
// hands on all that comes, so that its items need not be counted.
func (p *part) passes(s *segment, before *sum) {
	if p.at != nil && s.at0.stage != p.at {
		s.counts(p.at, before, true)
	}
}

// uncounted is for a segment whose items somebody else counts. Its time is its
// stage's.
func (s *segment) uncounted() {
	s.marks, s.sums, s.last = nil, nil, nil
}

// relay is for one that hands on to a queue of its own stage, where its items
// are counted, and they are not where it reads them, now or later.
func (s *segment) relay() {
	s.relays = true
	s.uncounted()
	for _, r := range s.ins {
		if r.from.at != nil {
			s.part.stats.forget(r.from)
		}
	}
}

// addTo adds what the segment has told to the figures of its stages.
func (s *segment) addTo(figures func(*stage) *figure) {
	for i := len(s.sums) - 1; i >= 0; i-- { // what is behind comes first
		m := s.sums[i]
		f := figures(m.stage)
		in, out := m.in.Load(), m.sent.Load()+m.handed
		if m.handed = 0; m.passes {
			in = out
		}
		if m.before != nil {
			m.before.handed += in
		}
		f.In += in
		f.Out += out
		f.Skipped += m.skipped.Load()
		f.Failed += m.lettered.Load()
	}
	now, spent := s.clock.read()
	f := figures(s.at0.stage)
	f.Busy += spent[works]
	f.BlockedIn += spent[waitsIn]
	f.BlockedOut += spent[waitsOut]
	if now == works || now == waitsOut {
		f.InFlight++
	}
}
