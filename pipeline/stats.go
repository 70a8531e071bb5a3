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
// At the end of a run that was not stopped, a step that makes one item of each
// has In = Out + Failed + Skipped + Dropped. What a Filter or a Take lets go no
// further is no figure of its own: it is what Out is less than In. A Zip begins
// the items of both flows, a Broadcast hands each one on to every branch, and
// the items of a source are only its Out.
type StageStats struct {
	// Name is as in errors. What is in a branch has the branch before it, as in
	// "split#1.yes/then#2", "broadcast#1.0/then#2", or, for all branches of a
	// GroupBy together, "groupby#1/then#2". Of stages with the same name, those
	// behind the first one have a number, as in "source (2)".
	Name string

	In      int64 // items that it has begun
	Out     int64 // items that it has handed on
	Failed  int64 // items that failed: one that ended the flow, or those that DeadLetter took
	Skipped int64 // items dropped by ErrSkip
	Retried int64 // further attempts that Retry has made
	Dropped int64 // items for which a buffer had no room, or that Conflate has merged into the next

	// The rest is for stages with goroutines of their own. One that is fused
	// with its neighbor runs on that one's, and its time counts there.

	Workers    int           // goroutines it has had at once; 0: fused
	Queued     int64         // items that wait before it; of what drops items, also those that wait in it
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
	retried atomic.Int64
	gone    figure // of segments that have returned, and edges that are not read any more
	running int    // segments
}

// figure is what there is to say of a stage, while it is added up.
type figure struct {
	StageStats
	arrived int64 // in the edges before it
	held    int64 // wait in a box of its own
}

type shape struct {
	branch, name string
	nth          int
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
	key := shape{of.branch, of.name, of.nth}
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
	s.heard = true
	s.runsAs(s.ctx)
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
	seg.addTo(func(st *stage) *figure { return &st.gone })
	seg.at0.stage.running--
	for b := range s.edges {
		if int(b.ended.Load()) >= b.consumers {
			delete(s.edges, b)
			b.addTo(func(st *stage) *figure { return &st.gone })
		}
	}
}

// read gives the figures of all stages that have any.
func (s *stats) read() map[*stage]StageStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[*stage]*figure{}
	figures := func(st *stage) *figure {
		f := all[st]
		if f == nil {
			f = new(figure)
			*f = st.gone
			f.Failed += st.failed.Load()
			f.Retried = st.retried.Load()
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
		b.addTo(figures)
	}
	values := make(map[*stage]StageStats, len(all))
	for st, f := range all {
		f.Queued = max(0, f.arrived-f.In) + f.held
		values[st] = f.StageStats
	}
	return values
}

// boxed is what a run knows of an edge where items may be dropped. The box counts
// them itself, for the step that it belongs to.
type boxed struct {
	of     *stage
	counts func() (came, lost, waiting uint64)
}

// addTo adds what is known of the edge to the figures of its stages.
func (b *between) addTo(figures func(*stage) *figure) {
	if b.box == nil {
		figures(b.at).arrived += int64(b.arrived())
		return
	}
	came, lost, waiting := b.box.counts()
	taken := int64(came - lost - waiting)
	f := figures(b.box.of)
	if b.box.of.step.from != nil {
		f.In += int64(came)
	}
	f.Out += taken
	f.Dropped += int64(lost)
	f.held += int64(waiting)
	if b.at != nil {
		figures(b.at).arrived += taken
	}
}

func (s *stats) join(b *between) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.edges[b] = true
}

func (s *stats) forget(b *between) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.edges, b)
}
