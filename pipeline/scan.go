package pipeline

// Scan folds the items as Reduce does and lets every intermediate value pass:
// one for each item, the first of them fn(init, item). Each run begins with
// init again; if it is a pointer or a map, fn should not change it but return
// another.
//
// It is fused with its neighbor: it has no goroutine, and holds one value.
func Scan[A, B any](f Flow[A], init B, fn func(B, A) B) Flow[B] {
	mustFlow("Scan", f)
	mustFunc("Scan", "function", fn == nil)
	name := f.label("scan", "")
	return next(f, name, f.total, func(p *part, to dest[B]) {
		f.open(p, fused[A, B]{to: to, name: name, link: func(l *link[B]) outlet[A] {
			s := &scanning[A, B]{mapping: mapping[A, B]{link: *l}}
			come := init
			s.fn = func(a A) B {
				come = fn(come, a)
				return come
			}
			return s
		}})
	})
}

// scanning is a mapping that has a memory.
type scanning[A, B any] struct{ mapping[A, B] }
