package pipeline

import "fmt"

// Window gathers items into slices of size, a new one beginning every step
// items: one after the other if step is size, overlapping if it is less, and
// with items between them that are dropped if it is more. The slices are the
// receiver's to keep, and share no memory.
//
// At the end of the flow a last, shorter window has the items that were in
// none; if there are none, as when windows overlap and the last one was full,
// there is no such window.
//
// It is fused with its neighbor: it has no goroutine, and holds fewer than
// size items back.
func Window[A any](f Flow[A], size, step int) Flow[[]A] {
	return window[A, []A](f, size, step)
}

// window is to Window what batch is to Batch.
func window[T any, B []T](f Flow[T], size, step int) Flow[B] {
	mustFlow("Window", f)
	if size < 1 || step < 1 {
		panic(fmt.Sprintf("pipeline: Window needs a size and a step of at least 1, got %d and %d", size, step))
	}
	name := f.label("window", "")
	return next(f, name, unknown, func(p *part, to dest[B]) {
		f.open(p, fused[T, B]{to: to, name: name, link: func(l *link[B]) outlet[T] {
			return &windowing[T, B]{link: *l, size: size, step: step}
		}})
	})
}

type windowing[T any, B []T] struct {
	link[B]
	size, step int
	gap        int // items to drop before the next window
	held       B
	fresh      int // how many of held, the last ones, were in no window
}

func (w *windowing[T, B]) Put(_ uint64, v T) bool {
	w.enter()
	if w.gap > 0 {
		w.gap--
		return true
	}
	if w.held == nil {
		w.held = make(B, 0, min(w.size, mostAtHand))
	}
	w.held = append(w.held, v)
	w.fresh++
	return len(w.held) < w.size || w.emit()
}

func (w *windowing[T, B]) Skip(uint64) bool { return true }

func (w *windowing[T, B]) Flush() bool {
	w.seg.at = w.here
	ok := w.fresh == 0 || w.emit()
	return w.next.Flush() && ok
}

func (w *windowing[T, B]) emit() bool {
	out := w.held
	w.held, w.fresh = nil, 0
	if keep := len(out) - w.step; keep > 0 {
		w.held = append(make(B, 0, min(w.size, keep+mostAtHand)), out[w.step:]...)
	}
	w.gap = max(0, w.step-w.size)
	return w.next.Put(0, out)
}

// Leftover gives what is in no window yet.
func (w *windowing[T, B]) Leftover(fn func(T)) {
	for _, v := range w.held[len(w.held)-w.fresh:] {
		fn(v)
	}
}
