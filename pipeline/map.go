package pipeline

import "context"

// Map applies a function that is quick and cannot fail. Without Workers it is
// fused with its neighbor: it has no goroutine and no queue of its own. For a
// function that may block or fail there is Then.
func Map[A, B any](f Flow[A], fn func(A) B, opts ...Option) Flow[B] {
	mustFlow("Map", f)
	mustFunc("Map", "function", fn == nil)
	c := configure(opts)
	name := f.label("map", c.name)
	if c.workers > 1 || c.on != nil {
		return parallel(f, name, c, func(_ context.Context, a A) (B, error) { return fn(a), nil })
	}
	return next(f, name, f.total, func(p *part, to dest[B]) {
		f.open(p, fused[A, B]{to: to, name: name, link: func(l *link[B]) outlet[A] {
			return &mapping[A, B]{link: *l, fn: fn}
		}})
	})
}

type mapping[A, B any] struct {
	link[B]
	fn     func(A) B
	mapped []B
}

func (m *mapping[A, B]) Put(n uint64, a A) bool {
	m.enter()
	return m.next.Put(n, m.fn(a))
}

// PutAll has one loop for the function and one for what follows.
func (m *mapping[A, B]) PutAll(as []A) int {
	if !m.inBulk() {
		return putEach(m, as)
	}
	if len(m.mapped) < len(as) {
		m.mapped = make([]B, len(as))
	}
	mapped, fn, here := m.mapped[:len(as)], m.fn, m.here
	m.seg.at = here
	first := here.item + 1
	for i, a := range as {
		here.item = first + int64(i) // a store alone: counting up would wait for the one before
		mapped[i] = fn(a)
	}
	n := putAll(m.next, mapped)
	clear(mapped)
	return n
}

// Filter lets the items pass for which keep reports true. Without Workers it
// is fused with its neighbor.
func (f Flow[T]) Filter(keep func(T) bool, opts ...Option) Flow[T] {
	mustFlow("Filter", f)
	mustFunc("Filter", "function", keep == nil)
	c := configure(opts)
	name := f.label("filter", c.name)
	if c.workers > 1 || c.on != nil {
		kept := parallel(f, name, c, func(_ context.Context, v T) (T, error) {
			if keep(v) {
				return v, nil
			}
			return v, errDropped
		})
		kept.total = unknown
		return kept
	}
	return next(f, name, unknown, func(p *part, to dest[T]) {
		f.open(p, fused[T, T]{to: to, name: name, link: func(l *link[T]) outlet[T] {
			return &filtering[T]{link: *l, keep: keep}
		}})
	})
}

type filtering[T any] struct {
	link[T]
	keep func(T) bool
	kept []T
}

func (f *filtering[T]) Put(n uint64, v T) bool {
	f.enter()
	if !f.keep(v) {
		return true
	}
	return f.next.Put(n, v)
}

// PutAll has one loop for the function and one for what follows.
func (f *filtering[T]) PutAll(vs []T) int {
	if !f.inBulk() {
		return putEach(f, vs)
	}
	kept, keep, here := f.kept[:0], f.keep, f.here
	f.seg.at = here
	first := here.item + 1
	for i, v := range vs {
		here.item = first + int64(i)
		if keep(v) {
			kept = append(kept, v)
		}
	}
	f.kept = kept
	stopped := putAll(f.next, kept) < len(kept)
	clear(kept)
	if stopped {
		return 0
	}
	return len(vs)
}
