package pipeline

// Tap calls fn for every item and lets it pass. It is fused with its neighbor:
// it has no goroutine and holds nothing back.
func (f Flow[T]) Tap(fn func(T)) Flow[T] {
	mustFlow("Tap", f)
	mustFunc("Tap", "function", fn == nil)
	name := f.label("tap", "")
	return next(f, name, f.total, func(p *part, to dest[T]) {
		f.open(p, fused[T, T]{to: to, name: name, link: func(l *link[T]) outlet[T] {
			return &tapping[T]{link: *l, fn: fn}
		}})
	})
}

type tapping[T any] struct {
	link[T]
	fn func(T)
}

func (t *tapping[T]) Put(n uint64, v T) bool {
	t.enter()
	t.fn(v)
	return t.next.Put(n, v)
}

// PutAll has one loop for the function and one for what follows.
func (t *tapping[T]) PutAll(vs []T) int {
	if !t.inBulk() {
		return putEach(t, vs)
	}
	t.seg.at = t.here
	for _, v := range vs {
		t.here.item++
		t.fn(v)
	}
	return putAll(t.next, vs)
}
