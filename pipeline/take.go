package pipeline

import "fmt"

// Take lets the first n items pass and then ends the flow there: what is
// upstream stops, as if its consumer had walked away, and its failures do not
// count any more. Sources see yield report false, and contexts end.
func (f Flow[T]) Take(n int64) Flow[T] {
	mustFlow("Take", f)
	if n < 0 {
		panic(fmt.Sprintf("pipeline: Take needs a number of 0 or more, got %d", n))
	}
	total := f.total // n is no promise: Collect makes room for as many as are known
	if total != unknown {
		total = min(n, total)
	}
	return ending(f, f.label("take", ""), total, func(l *endLink[T]) outlet[T] {
		if n == 0 {
			l.upstream.enough()
		}
		return &taking[T]{endLink: *l, left: n}
	})
}

// TakeWhile lets items pass until keep reports false for one: that one and all
// after it are dropped, and what is upstream stops, as for Take.
func (f Flow[T]) TakeWhile(keep func(T) bool) Flow[T] {
	mustFlow("TakeWhile", f)
	mustFunc("TakeWhile", "function", keep == nil)
	return ending(f, f.label("takewhile", ""), unknown, func(l *endLink[T]) outlet[T] {
		return &takingWhile[T]{endLink: *l, keep: keep}
	})
}

// endLink is the link of a step that may have had enough.
type endLink[T any] struct {
	link[T]
	upstream *part
	refused  []T
}

// refuse is for what comes after the end.
func (l *endLink[T]) refuse(v T) bool {
	l.refused = append(l.refused, v)
	return false
}

// Leftover gives what was refused.
func (l *endLink[T]) Leftover(fn func(T)) {
	for _, v := range l.refused {
		fn(v)
	}
}

// ending is a fused step that can end what is upstream of it.
func ending[T any](f Flow[T], name string, total int64, with func(*endLink[T]) outlet[T]) Flow[T] {
	return next(f, name, total, func(p *part, to dest[T]) {
		up := p.child()
		f.open(up, fused[T, T]{to: beyond[T]{to: to, p: p}, name: name, link: func(l *link[T]) outlet[T] {
			return with(&endLink[T]{link: *l, upstream: up})
		}})
	})
}

// beyond is a dest that belongs to another part than those who attach to it.
type beyond[T any] struct {
	to dest[T]
	p  *part
}

func (d beyond[T]) attach(p *part, from []*segment, o order) []outlet[T] {
	return d.watch(p, from, o, nil)
}

type taking[T any] struct {
	endLink[T]
	left int64
}

func (t *taking[T]) Put(n uint64, v T) bool {
	if t.left == 0 {
		return t.refuse(v)
	}
	t.enter()
	t.left--
	ok := t.next.Put(n, v)
	if t.left == 0 {
		t.upstream.enough()
		return false
	}
	return ok
}

// PutAll says that it has put all it was given only if more may come.
func (t *taking[T]) PutAll(vs []T) int {
	if t.left == 0 {
		return 0
	}
	most := int(min(t.left, int64(len(vs))))
	t.here.item += int64(most)
	t.seg.at = t.here
	n := putAll(t.next, vs[:most])
	if t.left -= int64(most); t.left == 0 {
		t.upstream.enough()
	}
	return n
}

type takingWhile[T any] struct {
	endLink[T]
	keep func(T) bool
	over bool
}

func (t *takingWhile[T]) Put(n uint64, v T) bool {
	if t.over {
		return t.refuse(v)
	}
	t.enter()
	if !t.keep(v) {
		t.over = true
		t.upstream.enough()
		return false
	}
	return t.next.Put(n, v)
}
