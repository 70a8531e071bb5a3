package pipeline

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/thence-go/thence/pipeline/internal/lane"
)

// tally is what a segment counts for a gate or for a Run's figures. It counts
// in plain words of its own and tells the others when it asks for a batch, when
// it parks, and a source now and then: an item costs nothing or nearly so.
type tally struct {
	ins []reading
	page
	open   *page   // the one to fill, if it is not that
	inside []*page // branches that it is in now, one in the other
	due    []*page // have been used since the segment told
	heard  bool    // somebody is told
	gates  []*gate // that all it reads has passed
	past   []*gate // that stand in it before what is being put together

	sums   []*sum
	last   *sum      // the step whose way out is being put together
	relays bool      // what it reads is counted where it puts it
	clock  *clock    // nil: nobody wants figures
	left   int64     // items of a source until it tells
	every  int64     // from how many
	told   time.Time // when it told last
}

// reading is an edge that a segment reads.
type reading struct {
	in   counted
	from *between
	done uint64 // as told
}

type counted interface {
	Counts() (begun, done uint64)
	Watch(lane.Watcher)
}

// writing is an edge that a segment writes.
type writing struct {
	out  writer
	to   *between
	by   *sum // of the step whose items these are, or nil
	past []*gate
	sent uint32
	lost uint32
}

type writer interface{ Sent() uint32 }

// loser is a writer that may drop what it has put.
type loser interface{ Lost() uint32 }

// between is what a run knows of one edge.
type between struct {
	consumers int
	readers   []*segment
	limit     func(int)
	arrived   func() uint64
	at        *stage // the one that reads; nil: nobody wants figures
	writers   []wrote
	opener    *segment // opens branches whose ends write here too; nil: nobody does
	elsewhere bool     // it is read in another run
	box       *boxed   // what is here may be dropped; nil: it may not

	gates  []*gate      // that count what is here
	inside atomic.Int64 // put by those who told, and not done by those who told; or deserted
	ended  atomic.Int32 // readers that have returned
}

// wrote is one who writes an edge, and the gates that its items pass in it.
type wrote struct {
	seg  *segment
	past []*gate
}

// reads makes s the i-th reader of e.
func reads[T any](s *segment, e *lane.Edge[T], i int) *lane.Consumer[T] {
	in := e.Consumer(i)
	s.figures()
	b := noteOf(e)
	s.readsAs(in, b)
	if s.relays {
		s.relay()
	}
	if s.clock != nil {
		in.Watch(s)
	}
	return in
}

// readsAs makes s a reader of an edge that counts itself.
func (s *segment) readsAs(in counted, b *between) {
	b.readers = append(b.readers, s)
	s.ins = append(s.ins, reading{in: in, from: b})
}

// nowhere is what a gate knows of what it cannot follow.
func nowhere() *between { return &between{consumers: math.MaxInt} }

func noteOf[T any](e *lane.Edge[T]) *between {
	b, ok := e.Note.(*between)
	if !ok {
		b = nowhere()
	}
	return b
}

// writes says that s puts its items in an edge.
func (s *segment) writes(out any, b *between) {
	b.writers = append(b.writers, wrote{s, s.past})
	w, ok := out.(writer)
	if !ok {
		return
	}
	p := s.toFill()
	to := writing{out: w, to: b, by: s.last, past: s.past}
	p.outs = append(p.outs, to)
	if s.at0.stage != nil || s.heard {
		to.watch(s)
	}
}

// watch makes s tell when it must wait for room.
func (w writing) watch(s *segment) {
	if out, ok := w.out.(interface{ Watch(lane.Watcher) }); ok {
		out.Watch(s)
	}
}

// watch makes s tell also if nobody wants figures.
func (s *segment) watch() {
	s.heard = true
	for _, r := range s.ins {
		r.in.Watch(s)
	}
	for _, w := range s.toFill().outs {
		w.watch(s)
	}
}

// tell hands on what was counted. What was put is told before what it was made
// of is done, so that nothing is ever missing.
func (s *segment) tell() {
	s.tellSent()
	for _, p := range s.inside {
		p.tellSent()
	}
	for _, p := range s.due {
		p.tellSent()
	}
	var begun uint64
	for i := range s.ins {
		r := &s.ins[i]
		b, done := r.in.Counts()
		begun += b
		if n := done - r.done; n > 0 {
			r.done = done
			r.from.leave(int64(n))
		}
	}
	s.show(begun)
	for _, p := range s.inside {
		p.show(begun)
	}
	for i, p := range s.due {
		p.show(begun)
		p.isDue, s.due[i] = false, nil
	}
	s.due = s.due[:0]
}

// Takes, Took, Parks and Wakes are called by the lanes on both sides.
func (s *segment) Takes() { s.tell() }

func (s *segment) Took() {
	if s.clock == nil {
		return
	}
	var begun uint64
	for i := range s.ins {
		b, _ := s.ins[i].in.Counts()
		begun += b
	}
	if s.at0.sum != nil {
		s.at0.show(begun)
	}
}

func (s *segment) Parks(room bool) {
	s.tell()
	if room {
		s.clock.turn(waitsOut)
	} else {
		s.clock.turn(waitsIn)
	}
}

func (s *segment) Wakes() { s.clock.turn(works) }

const (
	tellAfter = 10 * time.Microsecond
	mostTold  = 256 // items of a source that may go by untold
)

// passed is for a source, which takes no batches.
func (s *segment) passed(n int) {
	if s.left -= int64(n); s.left <= 0 {
		s.tellSometimes()
	}
}

func (s *segment) tellSometimes() {
	now := time.Now()
	if now.Sub(s.told) > tellAfter {
		s.every = 1
	} else {
		s.every = min(2*s.every, mostTold)
	}
	s.left, s.told = s.every, now
	s.tell()
}

// settle is the last that is heard of s.
func (s *segment) settle() {
	s.tell()
	for _, r := range s.ins {
		r.from.readerEnded()
	}
	if s.clock != nil {
		s.clock.turn(ended)
		s.part.stats.retire(s)
	}
}

// boxes is joined for a box, where items may be dropped. at is the stage behind.
func boxes[T any](p *part, e *lane.Edge[T], consumers int, at *stage, from *segment, b *lane.Box[T]) {
	n := &between{consumers: consumers, limit: e.Limit, arrived: e.Arrived, at: at, box: &boxed{of: p.at, counts: b.Counts}}
	e.Note = n
	if from.at0.stage == p.at { // it only feeds the box, which counts better; a source's is such a one
		from.uncounted()
	}
	from.writes(b, n)
	if p.at != nil {
		p.stats.join(n)
	}
}

// joined makes an edge known to those on both of its sides.
func joined[T any](p *part, e *lane.Edge[T], consumers int, from []*segment, outs []outlet[T]) {
	b := &between{consumers: consumers, limit: e.Limit, arrived: e.Arrived, at: p.at}
	e.Note = b
	for i, s := range from {
		if s == nil {
			continue // holds the edge open
		}
		s.writes(outs[i], b)
	}
	if p.at != nil {
		p.stats.join(b)
	}
}
