package pipeline

import (
	"context"
	"iter"
	"sync"

	"github.com/thence-go/thence/internal/task"
	"github.com/thence-go/thence/pipeline/internal/lane"
)

const (
	resultsAhead = 1024 // of an Expand in order
	burstsAhead  = 4    // bursts that may be begun, for each worker
)

// expandInOrder has a ring of bursts, one for each item, between the workers
// and a goroutine that reads one burst after the other. It cannot hang: the
// worker that is at the oldest item never waits for a turn.
func expandInOrder[A, B any](f Flow[A], name string, c config, fn func(context.Context, A) iter.Seq2[B, error], p *part, to dest[B]) {
	ahead := resultsAhead
	if c.ahead > 0 {
		ahead = c.ahead
	}
	window := max(c.workers, min(ahead, burstsAhead*c.workers))
	reading := p.segment(name)
	reading.at0.head, reading.at0.item = false, -1 // the workers count what they begin
	out := to.attach(p, []*segment{reading}, order{})[0]
	b := &bursts[B]{most: max(1, ahead/window), out: out, seg: reading, reader: newParker(reading, false)}
	b.parkers = append(b.parkers, b.reader)
	p.addEdge(b)

	segs := p.segments(c.workers, name)
	for _, s := range segs {
		s.last = nil // bursts are no results
	}
	leave := p.stand(nil)
	ports := toEdge[*burst[B]]{consumers: 1, begin: func(e *lane.Edge[*burst[B]]) {
		in := reads(reading, e, 0)
		if w, ok := out.(*watched[B]); ok {
			w.left.add(func(fn func(B)) { b.leftover(e, fn) })
		}
		p.spawn(reading, out.Close, func() {
			in.Each(b.read)
			flush(reading, out)
		})
	}}.attach(p, segs, order{ahead: window})
	leave()

	f.open(p, toEdge[A]{consumers: c.workers, begin: func(e *lane.Edge[A]) {
		if port, ok := ports[0].(interface{ Share() int }); ok {
			e.Limit(port.Share())
		}
		xs := make([]*expander[A, B], c.workers)
		for i := range xs {
			xs[i] = &expander[A, B]{in: reads(segs[i], e, i), seg: segs[i], here: segs[i].at, fn: fn, bursts: b, port: ports[i], parker: newParker(segs[i], true)}
			b.parkers = append(b.parkers, xs[i].parker)
		}
		employ(p, c, xs)
	}})
}

// burst is what an Expand makes of one item. Its worker adds to it while the
// reader, whose turn it may be, takes from it.
type burst[B any] struct {
	items []B
	over  bool    // the worker adds no more
	full  *parker // of the worker, that waits for room
}

// bursts are all of one Expand. Stop wakes everybody, for good.
type bursts[B any] struct {
	most int // items in one burst
	out  outlet[B]
	seg  *segment // reads

	mu      sync.Mutex // held for a few instructions, never while anything blocks
	stopped bool
	free    []*burst[B]
	parkers []*parker

	reader *parker
	now    *burst[B] // that is read
	hand   []B       // taken from it and not handed on yet
	spare  []B
}

func (s *bursts[B]) open() *burst[B] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := len(s.free) - 1; last >= 0 {
		b := s.free[last]
		s.free = s.free[:last]
		return b
	}
	return new(burst[B])
}

// put waits for room. The item is never lost, also if the flow has stopped.
func (s *bursts[B]) put(b *burst[B], v B, worker *parker) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(b.items) >= s.most && !s.stopped {
		b.full = worker
		worker.waitLocked(&s.mu)
	}
	b.items = append(b.items, v)
	if b == s.now {
		s.reader.wakeLocked()
	}
	return !s.stopped
}

func (s *bursts[B]) close(b *burst[B]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b.over = true
	if b == s.now {
		s.reader.wakeLocked()
	}
}

// read hands on all of b, to its end.
func (s *bursts[B]) read(b *burst[B]) bool {
	for s.take(b) {
		all := s.hand
		for len(s.hand) > 0 {
			v := s.hand[0]
			s.hand = s.hand[1:]
			if !putOneOf(s.seg, s.out, 0, v) {
				return false
			}
		}
		clear(all)
		s.spare = all[:0]
	}
	return s.now == nil
}

// take waits for what b has. It reports false at the end of b, which then is
// nobody's, and when the flow has stopped.
func (s *bursts[B]) take(b *burst[B]) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = b
	for len(b.items) == 0 && !b.over && !s.stopped {
		s.reader.waitLocked(&s.mu)
	}
	switch {
	case s.stopped:
		return false
	case len(b.items) == 0:
		b.over, b.full, s.now = false, nil, nil
		s.free = append(s.free, b)
		return false
	}
	s.hand, b.items = b.items, s.spare
	if b.full != nil {
		b.full.wakeLocked()
	}
	return true
}

// Stop is part of what a part stops.
func (s *bursts[B]) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	for _, p := range s.parkers {
		p.wakeLocked()
	}
}

// leftover gives what workers have made and nobody has read.
func (s *bursts[B]) leftover(e *lane.Edge[*burst[B]], fn func(B)) {
	all := func(items []B) {
		for _, v := range items {
			fn(v)
		}
	}
	all(s.hand)
	if s.now != nil {
		all(s.now.items)
	}
	e.Leftover(func(b *burst[B]) { all(b.items) })
}

// parker is where one goroutine waits, under a mutex that guards it.
type parker struct {
	seg     *segment
	forRoom bool
	gate    chan struct{}
	waiting bool
	ctx     context.Context // of the task whose slot is given back meanwhile; nil: there is none
}

func newParker(s *segment, forRoom bool) *parker {
	return &parker{seg: s, forRoom: forRoom, gate: make(chan struct{}, 1)}
}

func (p *parker) waitLocked(mu *sync.Mutex) {
	p.waiting = true
	mu.Unlock()
	p.wait()
	mu.Lock()
}

func (p *parker) wait() {
	p.seg.Parks(p.forRoom)
	defer p.seg.Wakes()
	defer task.Parked(p.ctx)()
	<-p.gate
}

func (p *parker) wakeLocked() {
	if p.waiting {
		p.waiting = false
		p.gate <- struct{}{}
	}
}
