package pipeline

import (
	"sync"
	"sync/atomic"
	"time"
)

// StageStats is what one stage of a run has done so far. A value is a copy that
// nothing changes any more.
//
// In, Out and the like are exact for a stage that waits or has ended. One that
// is busy tells them between batches, which last some 50 microseconds, or after
// the item that it is at if that one takes longer; a source tells them after at
// most 256 items.
//
// Not counted yet are Merge, Partition, Buffer, Conflate and the ends of branches:
// they show no items. Of fused steps that end branches, one has the Out of all.
type StageStats struct {
	Name    string // as in errors
	In      int64  // items that it has begun
	Out     int64  // items that it has handed on
	Failed  int64  // items that failed: one that ended the flow, or those that DeadLetter took
	Skipped int64  // items dropped by ErrSkip

	// The rest is for stages with goroutines of their own. One that is fused
	// with its neighbor runs on that one's, and its time counts there.

	Workers    int           // goroutines it has had at once; 0: fused
	Queued     int64         // items that wait before it
	InFlight   int           // of its goroutines, how many are at an item
	Busy       time.Duration // all its goroutines together: in functions, also those of fused steps
	BlockedIn  time.Duration // waiting for items
	BlockedOut time.Duration // waiting for room
}

// stats is the figures of one run.
type stats struct {
	mu     sync.Mutex // held for short, never while anything blocks
	stages map[*step]*stage
	shapes map[shape]*stage // of steps that came while the run was on
	late   []*stage         // the same, as they came
	segs   map[*segment]bool
	edges  map[*between]bool
	live   bool // the run has begun
}

// stage is one step in one run. A branch that opens again and again is one
// stage all the time.
type stage struct {
	step    *step
	failed  atomic.Int64
	gone    StageStats // of segments that have returned
	arrived uint64     // in edges that are not read any more
	running int        // segments
}

type shape struct {
	name string
	nth  int
}

// tallied is what a mark has told.
type tallied struct {
	in, sent, skipped, lettered atomic.Int64
}

func newStats() *stats {
	return &stats{
		stages: map[*step]*stage{}, shapes: map[shape]*stage{},
		segs: map[*segment]bool{}, edges: map[*between]bool{},
	}
}

// stage finds the stage of a step. The steps that a run begins with have one
// each; of those that come later, the ones that look the same share one, so
// that the figures do not grow with the number of branches.
func (s *stats) stage(of *step) *stage {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.stages[of]; st != nil {
		return st
	}
	st := &stage{step: of}
	if !s.live {
		s.stages[of] = st
		return st
	}
	key := shape{of.name, of.nth}
	if old := s.shapes[key]; old != nil {
		return old
	}
	s.shapes[key] = st
	s.late = append(s.late, st)
	return st
}

// begin says that what comes now comes late.
func (s *stats) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live = true
}

// figures makes s a goroutine whose time counts.
func (s *segment) figures() {
	all := s.part.stats
	if all == nil || s.at.stage == nil || s.clock != nil {
		return
	}
	s.clock = &clock{since: time.Now()}
	s.left, s.every = 1, 1
	all.mu.Lock()
	defer all.mu.Unlock()
	all.segs[s] = true
	st := s.at.stage
	st.running++
	st.gone.Workers = max(st.gone.Workers, st.running)
}

// retire keeps the figures of a segment that has returned, and forgets it.
func (s *stats) retire(seg *segment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.segs[seg] {
		return
	}
	delete(s.segs, seg)
	seg.addTo(func(st *stage) *StageStats { return &st.gone })
	seg.at0.stage.running--
	for b := range s.edges {
		if int(b.ended.Load()) >= b.consumers {
			delete(s.edges, b)
			b.at.arrived += b.arrived()
		}
	}
}

// addTo adds what the segment has told to the figures of its stages.
func (s *segment) addTo(figures func(*stage) *StageStats) {
	for _, m := range s.marks {
		f := figures(m.stage)
		in := m.shown.in.Load()
		f.In += in
		f.Out += m.shown.sent.Load()
		f.Skipped += m.shown.skipped.Load()
		f.Failed += m.shown.lettered.Load()
		if m.before != nil {
			figures(m.before.stage).Out += in
		}
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

// read gives the figures of all stages that have any.
func (s *stats) read() map[*stage]StageStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[*stage]*StageStats{}
	figures := func(st *stage) *StageStats {
		f := all[st]
		if f == nil {
			f = new(StageStats)
			*f = st.gone
			f.Name = st.step.name
			f.Failed += st.failed.Load()
			f.Queued = int64(st.arrived)
			all[st] = f
		}
		return f
	}
	for _, st := range s.stages {
		figures(st)
	}
	for _, st := range s.late {
		figures(st)
	}
	for seg := range s.segs {
		seg.addTo(figures)
	}
	for b := range s.edges {
		figures(b.at).Queued += int64(b.arrived())
	}
	values := make(map[*stage]StageStats, len(all))
	for st, f := range all {
		f.Queued = max(0, f.Queued-f.In)
		values[st] = *f
	}
	return values
}

func (s *stats) join(b *between) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.edges[b] = true
}
