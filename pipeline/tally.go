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
	open  *page   // the one to fill, if it is not that
	due   []*page // have been used since the segment told
	heard bool    // somebody is told

	sums  []*sum
	last  *sum      // the step whose way out is being put together
	clock *clock    // nil: nobody wants figures
	left  int64     // items of a source until it tells
	every int64     // from how many
	told  time.Time // when it told last
}

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

// uses is called before something happens that p keeps count of.
func (s *segment) uses(p *page) {
	if s.heard && !p.isDue {
		p.isDue = true
		s.due = append(s.due, p)
	}
}

// reading is an edge that a segment reads.
type reading struct {
	in interface {
		Counts() (begun, done uint64)
		Watch(lane.Watcher)
	}
	from *between
	done uint64 // as told
}

// writing is an edge that a segment writes.
type writing struct {
	out  writer
	to   *between
	by   *sum // of the step whose items these are, or nil
	sent uint32
}

type writer interface{ Sent() uint32 }

// between is what a run knows of one edge.
type between struct {
	consumers int
	readers   []*segment
	limit     func(int)
	arrived   func() uint64
	at        *stage // the one that reads; nil: nobody wants figures
	box       *boxed // what is here may be dropped; nil: it may not

	gates  []*gate      // that want to know what is here
	inside atomic.Int64 // put by those who told, and not done by those who told
	ended  atomic.Int32 // readers that have returned
}

// reads makes s the i-th reader of e.
func reads[T any](s *segment, e *lane.Edge[T], i int) *lane.Consumer[T] {
	in := e.Consumer(i)
	s.figures()
	b, ok := e.Note.(*between)
	if !ok {
		b = nowhere()
	}
	b.readers = append(b.readers, s)
	s.ins = append(s.ins, reading{in: in, from: b})
	if s.clock != nil {
		in.Watch(s)
	}
	return in
}

// nowhere is what a gate knows of what it cannot follow.
func nowhere() *between { return &between{consumers: math.MaxInt} }

// writes says that s puts its items in an edge.
func (s *segment) writes(out any, b *between) {
	w, ok := out.(writer)
	if !ok {
		return
	}
	p := s.toFill()
	to := writing{out: w, to: b, by: s.last}
	p.outs = append(p.outs, to)
	if s.at0.stage != nil {
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
	for _, m := range s.marks {
		m.show(begun)
	}
	for i, p := range s.due {
		for _, m := range p.marks {
			m.show(begun)
		}
		p.isDue, s.due[i] = false, nil
	}
	s.due = s.due[:0]
}

func (p *page) tellSent() {
	for i := range p.outs {
		w := &p.outs[i]
		n := w.out.Sent() - w.sent
		if n == 0 {
			continue
		}
		w.sent += n
		if len(w.to.gates) > 0 {
			w.to.inside.Add(int64(n))
		}
		if w.by != nil {
			w.by.sent.Add(int64(n))
		}
	}
}

func (b *between) leave(n int64) {
	if len(b.gates) == 0 {
		return
	}
	b.inside.Add(-n)
	for _, g := range b.gates {
		g.wake()
	}
}

// left is what one of its readers says when it returns.
func (b *between) readerEnded() {
	if int(b.ended.Add(1)) < b.consumers {
		return
	}
	for _, g := range b.gates {
		g.wake()
	}
}

// count is how many items are here, for a gate. What nobody reads any more does
// not count, and neither does what is done before it is known to have come.
func (b *between) count() int64 {
	if int(b.ended.Load()) >= b.consumers {
		return 0
	}
	return max(0, b.inside.Load())
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

// boxes is joined for a box, from which no gate learns how many items are there:
// they may be dropped. at is the stage behind.
func boxes[T any](p *part, e *lane.Edge[T], consumers int, at *stage, from *segment, b *lane.Box[T]) {
	n := &between{consumers: consumers, at: at, box: &boxed{of: p.at, counts: b.Counts}}
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
