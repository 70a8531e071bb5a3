package pipeline

import "github.com/thence-go/thence/pipeline/internal/lane"

// joint is where several flows become one, as their items come. It needs no
// goroutine: each segment of theirs has a way of its own into what follows.
// What follows is attached when the last of the flows is, since only then is
// it known from how many segments its items come.
type joint[T any] struct {
	p    *part
	name string
	to   dest[T]
	due  int // flows that have not attached
	segs []*segment
	ways []*way[T] // of segs

	watched bool // a way is
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
		outs[i] = j.way(s, l)
	}
	if j.due--; j.due == 0 {
		j.open()
	}
	return outs
}

// open attaches what follows.
func (j *joint[T]) open() {
	defer j.passed()()
	to := j.to
	if _, ok := edgeOf(j.p, to, nil); !ok && j.watched {
		to = gather(j.p, j.name, to, nil)
	}
	for i, out := range to.attach(j.p, j.segs, order{unordered: true}) {
		w := j.ways[i]
		if w.outlet = out; w.left != nil {
			way := out.(*lane.Lane[T])
			way.Trace(w)
			w.left.add(func(fn func(T)) {
				way.LeftoverFrom(func(of any, v T) {
					if of == w {
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
			s.past = common(s.past, j.ways[i].past)
			continue
		}
		before[s], s.past = s.past, j.ways[i].past
	}
	return func() {
		for s, past := range before {
			s.past = past
		}
	}
}

// way is the same for all branches that end in the same goroutine: so what
// follows may run there too.
func (j *joint[T]) way(s *segment, l *leftovers[T]) *way[T] {
	for i, other := range j.segs {
		if other == s && l == nil && j.ways[i].left == nil {
			j.ways[i].open++
			j.ways[i].held++
			j.ways[i].past = common(j.ways[i].past, s.past)
			return j.ways[i]
		}
	}
	w := &way[T]{open: 1, held: 1, past: s.past, left: l}
	j.watched = j.watched || l != nil
	j.segs, j.ways = append(j.segs, s), append(j.ways, w)
	return w
}

// way is one segment's way through a joint.
type way[T any] struct {
	outlet[T]
	open int // branches that have not closed it
	held int // branches that have not flushed it
	past []*gate
	left *leftovers[T] // wants to know what came this way; or nil
}

func (w *way[T]) PutAll(vs []T) int { return putAll(w.outlet, vs) }

// Flush goes on when there is nothing held back in any branch.
func (w *way[T]) Flush() bool {
	w.held--
	return w.held > 0 || w.outlet.Flush()
}

func (w *way[T]) Close() {
	if w.open--; w.open == 0 {
		w.outlet.Close()
	}
}
