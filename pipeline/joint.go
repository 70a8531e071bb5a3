package pipeline

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
		w := &way[T]{crossing: j.crossing(s)}
		if s.at0.stage != p.at { // else it is the joint that s runs
			s.writes(w, nowhere())
		}
		outs[i] = w
	}
	if j.due--; j.due == 0 {
		for _, s := range j.segs {
			defer func(was *sum) { s.last = was }(s.last) // another branch of s may be half put together
			p.passes(s, nil)
		}
		for i, out := range j.to.attach(j.p, j.segs, order{unordered: true}) {
			j.crossings[i].outlet = out
		}
	}
	return outs
}

// crossing is the same for all branches that end in the same goroutine: so what
// follows may run there too.
func (j *joint[T]) crossing(s *segment) *crossing[T] {
	for i, other := range j.segs {
		if other == s {
			c := j.crossings[i]
			c.open++
			c.held++
			return c
		}
	}
	c := &crossing[T]{open: 1, held: 1}
	j.segs, j.crossings = append(j.segs, s), append(j.crossings, c)
	return c
}

// crossing is one segment's way through a joint.
type crossing[T any] struct {
	outlet[T]
	open int // branches that have not closed it
	held int // branches that have not flushed it
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
