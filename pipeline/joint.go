package pipeline

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
}

// join brings n flows together. Each must be opened with the dest once.
func join[T any](p *part, name string, n int, to dest[T]) dest[T] {
	return &joint[T]{p: p, name: name, to: to, due: n}
}

func (j *joint[T]) attach(p *part, from []*segment, o order) []outlet[T] {
	if o.ahead > 0 || len(from) > 1 && !o.unordered {
		return gather[T](p, j.name, j).attach(p, from, o)
	}
	outs := make([]outlet[T], len(from))
	for i, s := range from {
		s.reach(j.p)
		outs[i] = j.way(s)
	}
	if j.due--; j.due == 0 {
		j.open()
	}
	return outs
}

// open attaches what follows. Only a gate that all items of a segment have
// passed stands before it.
func (j *joint[T]) open() {
	for i, s := range j.segs {
		s.past, j.ways[i].past = j.ways[i].past, s.past
	}
	for i, out := range j.to.attach(j.p, j.segs, order{unordered: true}) {
		j.ways[i].outlet = out
	}
	for i, s := range j.segs {
		s.past = j.ways[i].past
	}
}

// way is the same for all branches that end in the same goroutine: so what
// follows may run there too.
func (j *joint[T]) way(s *segment) *way[T] {
	for i, other := range j.segs {
		if other == s {
			j.ways[i].open++
			j.ways[i].held++
			j.ways[i].past = common(j.ways[i].past, s.past)
			return j.ways[i]
		}
	}
	w := &way[T]{open: 1, held: 1, past: s.past}
	j.segs, j.ways = append(j.segs, s), append(j.ways, w)
	return w
}

// way is one segment's way through a joint.
type way[T any] struct {
	outlet[T]
	open int // branches that have not closed it
	held int // branches that have not flushed it
	past []*gate
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
