package pipeline

import "fmt"

// Skip drops the first n items. It is fused with its neighbor: it has no
// goroutine and holds nothing back.
func (f Flow[T]) Skip(n int64) Flow[T] {
	mustFlow("Skip", f)
	if n < 0 {
		panic(fmt.Sprintf("pipeline: Skip needs a number of 0 or more, got %d", n))
	}
	total := int64(unknown)
	if f.total != unknown {
		total = max(0, f.total-n)
	}
	name := f.label("skip", "")
	return next(f, name, total, func(p *part, to dest[T]) {
		f.open(p, fused[T, T]{to: to, name: name, link: func(l *link[T]) outlet[T] {
			return &skipping[T]{link: *l, left: n}
		}})
	})
}

type skipping[T any] struct {
	link[T]
	left int64
}

func (s *skipping[T]) Put(n uint64, v T) bool {
	s.enter()
	if s.left > 0 {
		s.left--
		return true
	}
	return s.next.Put(n, v)
}

func (s *skipping[T]) PutAll(vs []T) int {
	s.seg.at = s.here
	s.here.item += int64(len(vs))
	dropped := int(min(s.left, int64(len(vs))))
	s.left -= int64(dropped)
	if dropped == len(vs) {
		return dropped
	}
	return dropped + putAll(s.next, vs[dropped:])
}
