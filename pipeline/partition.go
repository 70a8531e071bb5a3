package pipeline

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline/internal/lane"
)

// Partition applies a function that may block or fail, with Workers to several
// items at once, but never to two with the same key. Within a key, items begin
// and their results go on in the order in which the items came; with Unordered
// only the former. There is no order between keys. An error fails the flow,
// except ErrSkip, which drops the item.
//
// A key that is slow does not hold the others back, until 256 of its items
// wait beside those that a worker has taken, or 4096 of all keys do. A key with
// nothing to do costs nothing: about a thousand of them are remembered, however
// many have come. key should be quick; it is called for one item at a time, in
// order. Workers run on goroutines of the flow's own, or with On as tasks. They
// hold nothing back but what is in their hands.
func Partition[A, B any, K comparable](f Flow[A], key func(A) K, fn func(context.Context, A) (B, error), opts ...Option) Flow[B] {
	mustFlow("Partition", f)
	mustFunc("Partition", "function for the key", key == nil)
	mustFunc("Partition", "function", fn == nil)
	c := configure(opts)
	name := f.label("partition", c.name)
	return next(f, name, f.total, func(p *part, to dest[B]) {
		segs := p.segments(c.workers, name)
		outs := to.attach(p, segs, order{unordered: c.unordered, ahead: c.ahead})
		s := &sorting[A, B, K]{key: key, fn: fn, on: c.on, sort: c.workers > 1 && !c.unordered, most: mostAtOnce, keyQueues: newKeyQueues[A, K]()}
		f.open(p, holding[A]{held: s.leftover, toEdge: toEdge[A]{consumers: 1, begin: func(e *lane.Edge[A]) {
			e.Limit(mostAtOnce)
			s.in = e.Consumer(0)
			from := noteOf(e) // its items are here until a worker is done with them
			from.consumers, from.limit = c.workers, func(most int) { s.most = most }
			p.addEdge(s)
			crew := &crew{part: p, name: name, on: c.on}
			for i, seg := range segs {
				w := &sorter[A, B, K]{s: s, seg: seg, here: seg.at, out: outs[i], most: 1, gate: make(chan struct{}, 1)}
				seg.at.ask = func() uint64 { return w.number }
				s.workers = append(s.workers, w)
				w.reads(from)
				if c.on == nil {
					p.spawn(seg, w.out.Close, w.main)
				} else {
					crew.add(seg, w.out.Close, w.runsIn, w.main)
				}
			}
			if c.on != nil {
				p.crews = append(p.crews, crew)
				p.launch(crew)
			}
		}}})
	})
}

// sorting is a Partition in one run. Its workers take turns at reading the
// input and sorting it by key; whatever of that is ready they share out.
type sorting[A, B any, K comparable] struct {
	in   *lane.Consumer[A] // of the one who is reading
	key  func(A) K
	fn   func(context.Context, A) (B, error)
	on   future.Executor
	sort bool // results have numbers, so that they keep the order in which they are made
	most int  // items in one haul

	_      [64]byte
	made   atomic.Uint64 // results: the number of the next one
	_      [64]byte
	hungry atomic.Bool // somebody is idle although items wait
	_      [64]byte

	keyQueues[A, K]
	workers []*sorter[A, B, K]
	idle    []*sorter[A, B, K] // parked, the last one is woken first
	reading bool               // somebody waits for input
	ended   bool               // there is no more input
	stopped bool
}

// leftover is for OnUndelivered, when all workers have returned.
func (s *sorting[A, B, K]) leftover(fn func(A)) {
	s.keyQueues.leftover(fn)
	for _, w := range s.workers {
		w.leftover(fn)
	}
}

// Stop wakes everybody, for good.
func (s *sorting[A, B, K]) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	s.wakeAllLocked()
}

func (s *sorting[A, B, K]) wakeAllLocked() {
	for _, w := range s.idle {
		w.gate <- struct{}{}
	}
	s.idle = s.idle[:0]
}

// passOnLocked follows whatever may have left something to do.
func (s *sorting[A, B, K]) passOnLocked() {
	last := len(s.idle) - 1
	if last < 0 {
		s.hungry.Store(false)
		return
	}
	if s.first != nil || s.wantsInput() || s.releaseLocked() {
		w := s.idle[last]
		s.idle = s.idle[:last]
		w.gate <- struct{}{}
	}
}

// releaseLocked is for when somebody has nothing to do: what waits then waits
// for keys that others have. They may be done with some, and not yet with their
// haul; those that they will be done with, they give back one by one. It
// reports whether anything is ready.
func (s *sorting[A, B, K]) releaseLocked() bool {
	s.hungry.Store(s.used > 0) // before the look at what they have begun
	if s.used > 0 {
		for _, w := range s.workers {
			w.giveBackLocked(w.doneRuns())
		}
	}
	return s.first != nil
}

func (s *sorting[A, B, K]) wantsInput() bool { return !s.reading && !s.ended && s.allQueued() }

// isOver reports whether everything has been done.
func (s *sorting[A, B, K]) isOver() bool { return s.ended && s.allQueued() && s.undone == 0 }

// read gets a batch of input. It is called without mu, by one at a time.
func (w *sorter[A, B, K]) read() bool {
	s := w.s
	s.in.RunsIn(w.ctx)
	w.seg.Parks(false)
	ok := s.in.Take()
	w.seg.Wakes()
	if !ok {
		return false
	}
	w.seg.at = w.here
	for more := true; more; more = s.in.Next() {
		w.number = s.in.Number()
		v := s.in.Item()
		s.came = append(s.came, keyed[A, K]{s.key(v), numbered[A]{v, w.number}})
	}
	return true
}

// hasRead says that the reading is over; ok: there may be more.
func (s *sorting[A, B, K]) hasRead(ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reading, s.ended = false, !ok
}

// learn sets how much to take next from what the last haul has cost, as lane's
// consumers do: slow items are taken one by one, so that others can have the
// next.
func (w *sorter[A, B, K]) learn(began time.Time, n int) {
	s := w.s
	const lasts = 50 * time.Microsecond
	switch took := time.Since(began); {
	case took > lasts:
		w.most = max(1, int(int64(n)*int64(lasts)/int64(took)))
	case took < lasts/2 && n >= w.most:
		w.most = min(2*w.most, s.most)
	}
}
