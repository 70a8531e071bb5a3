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
	ins   []reading
	outs  []writing
	marks []*mark   // its steps that are counted
	clock *clock    // nil: nobody wants figures
	left  int64     // items of a source until it tells
	every int64     // from how many
	told  time.Time // when it told last
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
	by   *mark // the step whose items these are, or nil
	sent uint32
}

type writer interface {
	Sent() uint32
	Watch(lane.Watcher)
}

// between is what a run knows of one edge.
type between struct {
	consumers int
	readers   []*segment
	limit     func(int)
	arrived   func() uint64
	at        *stage // the one that reads; nil: nobody wants figures

	gates  []*gate      // that want to know what is here
	inside atomic.Int64 // put by those who told, and not done by those who told
	ended  atomic.Int32 // readers that have returned
}

// mostKept bounds what one segment keeps count of: branches come and go.
const mostKept = 64

// reads makes s the i-th reader of e.
func reads[T any](s *segment, e *lane.Edge[T], i int) *lane.Consumer[T] {
	in := e.Consumer(i)
	s.figures()
	b, ok := e.Note.(*between)
	if !ok {
		b = &between{consumers: math.MaxInt}
	}
	b.readers = append(b.readers, s)
	s.ins = append(s.ins, reading{in: in, from: b})
	if s.clock != nil {
		in.Watch(s)
	}
	return in
}

// writes says that s puts its items in an edge.
func (s *segment) writes(out any, b *between, at *stage) {
	w, ok := out.(writer)
	if !ok || len(s.outs) == mostKept {
		return
	}
	s.outs = append(s.outs, writing{out: w, to: b, by: s.before(at)})
	if at != nil {
		w.Watch(s)
	}
}

// watch makes s tell also if nobody wants figures.
func (s *segment) watch() {
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
	for i := range s.outs {
		w := &s.outs[i]
		n := w.out.Sent() - w.sent
		if n == 0 {
			continue
		}
		w.sent += n
		if len(w.to.gates) > 0 {
			w.to.inside.Add(int64(n))
		}
		if w.by != nil {
			w.by.shown.sent.Add(int64(n))
		}
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
