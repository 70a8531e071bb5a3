package pipeline

import "github.com/thence-go/thence/pipeline/internal/lane"

// OnUndelivered calls fn, once, for each item that had come to this point and
// that the next step had not begun when the flow stopped: by a failure, a
// cancel, a break, or a Take behind it that had enough. A step begins an item
// when it calls its function with it; Take and Throttle begin what they let pass,
// Debounce what is followed by another or lasts, Zip what it has made a pair of,
// Batch and Window what goes on in a slice, Broadcast what its branches get, and
// a terminal what it hands to its function or to the body of its loop. Where
// flows and branches come together, an item is begun when what is behind takes
// it: a point further down sees it from then on. What a subscription has in its
// buffer is seen by a point right behind it.
//
// Calls come one at a time, before the terminal returns, when every other
// function of the flow has returned.
//
// It has no goroutine and holds nothing back. Right before a Merge, or at the end
// of a branch, it has a queue and at most one goroutine more there. If fn panics
// or ends by Goexit, it is not called again, and the flow fails.
func (f Flow[T]) OnUndelivered(fn func(T)) Flow[T] {
	mustFlow("OnUndelivered", f)
	mustFunc("OnUndelivered", "function", fn == nil)
	name := f.label("undelivered", "")
	return next(f, name, f.total, func(p *part, to dest[T]) {
		f.open(p, watching[T]{to: to, name: name, fn: fn})
	})
}

type watching[T any] struct {
	to   dest[T]
	name string
	fn   func(T)
}

// leftovers are the places where undelivered items of one point may be. They
// are asked when all segments have returned.
type leftovers[T any] struct {
	from []func(func(T))
	late func(T) // takes one that is found when the point may be gone
	told bool    // fn was called, and did not return
}

// add does nothing for nil: nobody asks.
func (l *leftovers[T]) add(from func(func(T))) {
	if l != nil {
		l.from = append(l.from, from)
	}
}

func (l *leftovers[T]) each(fn func(T)) {
	for _, from := range l.from {
		from(fn)
	}
}

// watchable is a dest that can tell what it was given and did not begin. One
// that is not begins all that it is given.
type watchable[T any] interface {
	watch(p *part, from []*segment, o order, l *leftovers[T]) []outlet[T]
}

func attach[T any](to dest[T], p *part, from []*segment, o order, l *leftovers[T]) []outlet[T] {
	if to, ok := to.(watchable[T]); ok {
		return to.watch(p, from, o, l)
	}
	return to.attach(p, from, o)
}

func (d watching[T]) attach(p *part, from []*segment, o order) []outlet[T] {
	return d.watch(p, from, o, nil)
}

// watch gives an outer point what this one knows: between them is no step.
func (d watching[T]) watch(p *part, from []*segment, o order, outer *leftovers[T]) []outlet[T] {
	own := &leftovers[T]{}
	outer.add(own.each)
	own.late = func(v T) {
		p.run.finally(func() { d.report(p, own, []T{v}) })
		if outer != nil {
			outer.late(v)
		}
	}
	for _, s := range from {
		p.passes(s, s.last)
	}
	outs := attach(d.to, p, from, o, own)
	if len(from) == 1 { // several put their items one by one, right into an edge
		w := &watched[T]{outlet: outs[0], left: own}
		w.lane, _ = outs[0].(*lane.Lane[T])
		own.add(w.leftover)
		outs = []outlet[T]{w}
	}
	p.finally(func() {
		var items []T
		own.each(func(v T) { items = append(items, v) })
		if len(items) > 0 {
			p.run.finally(func() { d.report(p, own, items) })
		}
	})
	return outs
}

// report calls fn on a goroutine of its own, where Goexit ends nobody else's.
func (d watching[T]) report(p *part, own *leftovers[T], items []T) {
	if own.told {
		return
	}
	own.told = true
	seg := p.segment(d.name)
	done := make(chan struct{})
	seg.finish = func() { close(done) }
	go seg.call(func() {
		for _, v := range items {
			d.fn(v)
		}
		own.told = false
	})
	<-done
}

// watched knows the items that come to the point several at a time, until each
// of them is in the hands of what follows.
type watched[T any] struct {
	outlet[T]
	lane *lane.Lane[T] // the outlet, if it is one
	left *leftovers[T]
	hand []T // came, and was not handed on; the caller's, unless the caller is gone
	lost []T // the same, when the outlet has refused the one before
}

func (w *watched[T]) PutAll(vs []T) int {
	if w.lane != nil {
		n := w.lane.PutAll(vs)
		w.lost = append(w.lost, vs[n:]...)
		return n
	}
	for i, v := range vs {
		w.hand = vs[i+1:]
		if !w.Put(0, v) {
			w.lost, w.hand = append(w.lost, w.hand...), nil
			return i
		}
	}
	w.hand = nil
	return len(vs)
}

// inBulk reports whether a step may call its function for several items before
// the first of them goes on. Behind it must be no point that watches: were the
// function to panic, what it has made before would be lost.
func (l *link[B]) inBulk() bool {
	_, watches := l.next.(*watched[B])
	return !watches
}

// putEach is putAll, one by one.
func putEach[T any](out outlet[T], vs []T) int {
	for i, v := range vs {
		if !out.Put(0, v) {
			return i
		}
	}
	return len(vs)
}

func (w *watched[T]) leftover(fn func(T)) {
	for _, v := range w.lost {
		fn(v)
	}
	for _, v := range w.hand {
		fn(v)
	}
}

func (d toEdge[T]) watch(p *part, from []*segment, o order, l *leftovers[T]) []outlet[T] {
	begin := d.begin
	d.begin = func(e *lane.Edge[T]) {
		l.add(e.Leftover)
		begin(e)
	}
	return d.attach(p, from, o)
}

// holding is an edge to a step that holds items back.
type holding[T any] struct {
	toEdge[T]
	held func(func(T))
}

func (d holding[T]) watch(p *part, from []*segment, o order, l *leftovers[T]) []outlet[T] {
	l.add(d.held)
	return d.toEdge.watch(p, from, o, l)
}

// watch asks the link, if it is one that holds back or refuses.
func (d fused[A, B]) watch(p *part, from []*segment, o order, l *leftovers[A]) []outlet[A] {
	if len(from) > 1 {
		return gather(p, d.name, d, l).watch(p, from, o, l)
	}
	with := d.link
	d.link = func(b *link[B]) outlet[A] {
		out := with(b)
		if out, ok := out.(interface{ Leftover(func(A)) }); ok {
			l.add(out.Leftover)
		}
		return out
	}
	return d.attach(p, from, o)
}

func (d beyond[T]) watch(_ *part, from []*segment, o order, l *leftovers[T]) []outlet[T] {
	for _, s := range from {
		s.reach(d.p)
	}
	return attach(d.to, d.p, from, o, l)
}
