package pipeline

import "github.com/thence-go/thence/pipeline/internal/lane"

// joint is where several flows become one, as their items come. It needs no
// goroutine: each segment of theirs has a way of its own into what follows.
// What follows is attached when the last of the flows is, since only then is
// it known from how many segments its items come.
type joint[T any] struct {
	p         *part
	name      string
	to        dest[T]
	due       int // flows that have not attached
	segs      []*segment
	crossings []*crossing[T] // of segs

	watched bool // a crossing is
}

// join brings n flows together. Each must be opened with the dest once.
func join[T any](p *part, name string, n int, to dest[T]) dest[T] {
	return &joint[T]{p: p, name: name, to: to, due: n}
}

func (j *joint[T]) attach(p *part, from []*segment, o order) []outlet[T] {
	return j.lead(p, from, o, nil)
}

// watch has ways that are not shared, into a queue that knows them: an item
// is begun when it is taken from there.
func (j *joint[T]) watch(p *part, from []*segment, o order, l *leftovers[T]) []outlet[T] {
	return j.lead(p, from, o, l)
}

func (j *joint[T]) lead(p *part, from []*segment, o order, l *leftovers[T]) []outlet[T] {
	if o.ahead > 0 || len(from) > 1 && !o.unordered {
		return gather(p, j.name, j, l).watch(p, from, o, l)
	}
	outs := make([]outlet[T], len(from))
	for i, s := range from {
		s.reach(j.p)
		w := &way[T]{crossing: j.crossing(s, l)}
		if s.at0.stage != p.at { // else it is the joint that s runs
			s.writes(w, nowhere())
		}
		outs[i] = w
	}
	if j.due--; j.due == 0 {
		j.open(p.at)
	}
	return outs
}

// open attaches what follows. at is the joint's stage.
func (j *joint[T]) open(at *stage) {
	defer j.p.stand(at)()
	defer j.passed()()
	to := j.to
	_, _, ok := edgeOf(j.p, to, nil)
	queued := !ok && j.watched
	if queued {
		to = gather(j.p, j.name, to, nil)
	}
	for _, s := range j.segs {
		defer func(was *sum) { s.last = was }(s.last) // another branch of s may be half put together
		switch {
		case !queued:
			j.p.passes(s, nil)
		case s.at0.stage == at: // the queue's own segment counts
			s.relay()
		default:
			s.last = nil
		}
	}
	for i, out := range to.attach(j.p, j.segs, order{unordered: true}) {
		c := j.crossings[i]
		if c.outlet = out; c.left != nil {
			way := out.(*lane.Lane[T])
			way.Trace(c)
			c.left.add(func(fn func(T)) {
				way.LeftoverFrom(func(of any, v T) {
					if of == c {
						fn(v)
					}
				})
			})
		}
	}
}

// passed says which gates stand before what follows: those that all items of a
// segment have passed. The function that it returns ends that.
func (j *joint[T]) passed() (leave func()) {
	before := map[*segment][]*gate{}
	for i, s := range j.segs {
		if _, again := before[s]; again {
			s.past = common(s.past, j.crossings[i].past)
			continue
		}
		before[s], s.past = s.past, j.crossings[i].past
	}
	return func() {
		for s, past := range before {
			s.past = past
		}
	}
}

// crossing is the same for all branches that end in the same goroutine: so what
// follows may run there too.
func (j *joint[T]) crossing(s *segment, l *leftovers[T]) *crossing[T] {
	for i, other := range j.segs {
		if c := j.crossings[i]; other == s && l == nil && c.left == nil {
			c.open++
			c.held++
			c.past = common(c.past, s.past)
			return c
		}
	}
	c := &crossing[T]{open: 1, held: 1, past: s.past, left: l}
	j.watched = j.watched || l != nil
	j.segs, j.crossings = append(j.segs, s), append(j.crossings, c)
	return c
}

// crossing is one segment's way through a joint.
type crossing[T any] struct {
	outlet[T]
	open int // branches that have not closed it
	held int // branches that have not flushed it
	past []*gate
	left *leftovers[T] // wants to know what came this way; or nil
}

// Flush goes on when there is nothing held back in any branch.
func (c *crossing[T]) Flush() bool {
	c.held--
	return c.held > 0 || c.outlet.Flush()
}

func (c *crossing[T]) Close() {
	if c.open--; c.open == 0 {
		c.outlet.Close()
	}
}

// way is a crossing for one of its branches.
type way[T any] struct {
	*crossing[T]
	sent uint32
}

func (w *way[T]) Put(n uint64, v T) bool {
	w.sent++
	return w.outlet.Put(n, v)
}

func (w *way[T]) PutAll(vs []T) int {
	n := putAll(w.outlet, vs)
	w.sent += uint32(n)
	return n
}

// Sent is how many items of its branch have gone this way.
func (w *way[T]) Sent() uint32 { return w.sent }
