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
	ins    []reading
	outs   []writing
	marks  []*mark     // its steps that are counted
	clock  *clock      // nil: nobody wants figures
	gates  []*gate     // that all it reads has passed
	past   []*gate     // that stand in it before what is being put together
	inside [][]writing // branches that it is in now, one in the other
	heard  bool        // it tells also if nobody wants figures
	left   int64       // items of a source until it tells
	every  int64       // from how many
	told   time.Time   // when it told last
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
	by   *mark // the step whose items these are, or nil
	past []*gate
	sent uint32
	lost uint32
}

type writer interface {
	Sent() uint32
	Watch(lane.Watcher)
}

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

	gates  []*gate      // that count what is here
	inside atomic.Int64 // put by those who told, and not done by those who told; or deserted
	ended  atomic.Int32 // readers that have returned
}

// wrote is one who writes an edge, and the gates that its items pass in it.
type wrote struct {
	seg  *segment
	past []*gate
}

// mostKept bounds what one segment keeps count of: branches come and go.
const mostKept = 64

// reads makes s the i-th reader of e.
func reads[T any](s *segment, e *lane.Edge[T], i int) *lane.Consumer[T] {
	in := e.Consumer(i)
	s.figures()
	s.readsAs(in, noteOf(e))
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

func noteOf[T any](e *lane.Edge[T]) *between {
	b, ok := e.Note.(*between)
	if !ok {
		b = &between{consumers: math.MaxInt}
	}
	return b
}

// writes says that s puts its items in an edge.
func (s *segment) writes(out any, b *between, at *stage) {
	b.writers = append(b.writers, wrote{s, s.past})
	w, ok := out.(writer)
	if !ok {
		return
	}
	s.outs = append(s.outs, writing{out: w, to: b, by: s.before(at), past: s.past})
	if at != nil || s.heard {
		w.Watch(s)
	}
}

// watch makes s tell also if nobody wants figures.
func (s *segment) watch() {
	s.heard = true
	for _, r := range s.ins {
		r.in.Watch(s)
	}
	for _, w := range s.outs {
		w.out.Watch(s)
	}
}

// tell hands on what was counted. What was put is told before what it was made
// of is done, so that nothing is ever missing.
func (s *segment) tell() {
	tellOf(s.outs)
	for _, outs := range s.inside {
		tellOf(outs)
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
}

// tellOf tells what was put on some ways out.
func tellOf(outs []writing) {
	for i := range outs {
		w := &outs[i]
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
			w.by.shown.sent.Add(int64(n))
		}
	}
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
	s.at0.show(begun)
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

// joined makes an edge known to those on both of its sides.
func joined[T any](p *part, e *lane.Edge[T], consumers int, from []*segment, outs []outlet[T]) {
	b := &between{consumers: consumers, limit: e.Limit, arrived: e.Arrived, at: p.at}
	e.Note = b
	for i, s := range from {
		if s == nil {
			continue // holds the edge open
		}
		s.writes(outs[i], b, p.at)
	}
	if p.at != nil {
		p.stats.join(b)
	}
}
