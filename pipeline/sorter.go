package pipeline

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/thence-go/thence/internal/task"
	"github.com/thence-go/thence/pipeline/internal/lane"
)

// sorter is one worker of a Partition. It takes a haul: items of one or more
// keys, which nobody else touches until it has done those. Before it begins
// with the next key it claims it, so an idle worker can steal the keys that it
// has not come to: one slow item never holds other keys back.
type sorter[A, B any, K comparable] struct {
	s      *sorting[A, B, K]
	seg    *segment
	here   *mark
	out    outlet[B]
	number uint64 // of the item that it is at
	begun  int    // items of the haul that it has come to
	hauled bool   // it is about to begin one more
	turn   *turn  // on an executor

	before  uint64 // items of earlier hauls
	watcher lane.Watcher

	items []numbered[A]
	runs  []keyRun
	claim atomic.Uint64   // runs that it has begun << 32 | runs that are its own
	given int             // runs whose keys it has given back; guarded by mu
	most  int             // items in the next haul
	ctx   context.Context // of the task that it runs in; nil: there is none
	gate  chan struct{}   // wakes it when it is idle
}

// keyRun is the items of one key in a haul.
type keyRun struct {
	of       *keyQueue
	from, to int
}

func (w *sorter[A, B, K]) runsIn(ctx context.Context) {
	w.ctx = ctx
	w.seg.runsAs(ctx)
	w.out.RunsIn(ctx)
	w.turn = newTurn(w.s.on, ctx)
}

func (w *sorter[A, B, K]) main() {
	for w.getHaul() {
		w.hauled = true
		w.seg.Took()
		w.hauled = false
		began := time.Now()
		n, ok := w.work()
		if !ok {
			break
		}
		w.learn(began, n)
		if w.turn != nil {
			w.settle()
			w.turn.give()
		}
	}
	flush(w.seg, w.out)
}

// What a worker does next.
const (
	hauls = iota
	fetches
	waits
	leaves
)

// getHaul reports false when there is nothing more to do.
func (w *sorter[A, B, K]) getHaul() bool {
	w.seg.tell()
	for {
		switch w.decide() {
		case hauls:
			return true
		case fetches:
			w.s.hasRead(w.read())
		case waits:
			w.wait()
		case leaves:
			return false
		}
	}
}

func (w *sorter[A, B, K]) decide() int {
	s := w.s
	s.mu.Lock()
	defer s.mu.Unlock()
	w.settleLocked()
	if !s.reading {
		s.pushLocked()
	}
	switch {
	case s.stopped:
		return leaves
	case w.haulLocked() || w.stealLocked():
		s.passOnLocked()
		return hauls
	case s.wantsInput():
		s.reading = true
		return fetches
	case s.isOver():
		s.wakeAllLocked()
		return leaves
	}
	if s.releaseLocked() {
		w.haulLocked()
		s.passOnLocked()
		return hauls
	}
	s.idle = append(s.idle, w)
	return waits
}

func (w *sorter[A, B, K]) wait() {
	w.seg.Parks(false)
	defer w.seg.Wakes()
	defer task.Parked(w.ctx)()
	<-w.gate
}

// reads says what w takes its items from.
func (w *sorter[A, B, K]) reads(from *between) {
	w.seg.figures()
	w.seg.readsAs(w, from)
}

// settle leaves nothing that others would have to wait for.
func (w *sorter[A, B, K]) settle() {
	s := w.s
	s.mu.Lock()
	defer s.mu.Unlock()
	w.settleLocked()
	if !s.reading {
		s.pushLocked()
	}
	s.passOnLocked()
}

// settleLocked gives the keys of the last haul back.
func (w *sorter[A, B, K]) settleLocked() {
	w.giveBackLocked(int(uint32(w.claim.Load())))
	w.claim.Store(0)
	clear(w.items)
	w.before += uint64(w.begun)
	w.items, w.runs, w.given, w.begun = w.items[:0], w.runs[:0], 0, 0
	if w.watcher != nil {
		w.watcher.Takes()
	}
}

// Counts returns how many items w has begun, and has done with. In a haul, it is
// at an item.
func (w *sorter[A, B, K]) Counts() (begun, done uint64) {
	if w.hauled {
		return w.before + 1, w.before
	}
	begun = w.before + uint64(w.begun)
	return begun, begun - uint64(min(w.begun, 1))
}

// Watch names who is told when a haul is done.
func (w *sorter[A, B, K]) Watch(who lane.Watcher) { w.watcher = who }

// giveBackLocked gives the keys of the first n runs back.
func (w *sorter[A, B, K]) giveBackLocked(n int) {
	for ; w.given < n; w.given++ {
		r := w.runs[w.given]
		w.s.doneLocked(r.of, r.to-r.from)
	}
}

// doneRuns is how many runs have come to their end: all that were begun but
// the last one.
func (w *sorter[A, B, K]) doneRuns() int { return int(w.claim.Load()>>32) - 1 }

// offer is for a worker that sees that others have nothing to do.
func (w *sorter[A, B, K]) offer() {
	s := w.s
	s.mu.Lock()
	defer s.mu.Unlock()
	w.giveBackLocked(w.doneRuns())
	if !s.reading {
		s.pushLocked()
	}
	s.passOnLocked()
}

// haulLocked takes of what is ready.
func (w *sorter[A, B, K]) haulLocked() bool {
	s := w.s
	share := (s.used + len(s.workers) - 1) / len(s.workers)
	most := min(w.most, max(share, leastHaul))
	for s.first != nil && len(w.items) < most {
		from := len(w.items)
		items, k := s.popLocked(w.items, most-from)
		w.items = items
		w.runs = append(w.runs, keyRun{k, from, len(items)})
	}
	w.claim.Store(uint64(len(w.runs)))
	return len(w.runs) > 0
}

// stealLocked takes half of the keys that a sibling has not come to.
func (w *sorter[A, B, K]) stealLocked() bool {
	var victim *sorter[A, B, K]
	most := 0
	for _, other := range w.s.workers {
		if rest := other.rest(); other != w && rest > most {
			victim, most = other, rest
		}
	}
	if victim == nil {
		return false
	}
	for {
		c := victim.claim.Load()
		begun, own := c>>32, uint64(uint32(c))
		if begun >= own {
			return false
		}
		cut := own - (own-begun+1)/2
		if !victim.claim.CompareAndSwap(c, begun<<32|cut) {
			continue
		}
		for _, r := range victim.runs[cut:own] {
			from := len(w.items)
			w.items = append(w.items, victim.items[r.from:r.to]...)
			w.runs = append(w.runs, keyRun{r.of, from, len(w.items)})
		}
		w.claim.Store(uint64(len(w.runs)))
		return true
	}
}

// rest is how many keys of w's haul could be stolen.
func (w *sorter[A, B, K]) rest() int {
	c := w.claim.Load()
	return int(uint32(c)) - int(c>>32)
}

// claimed is the next key of the haul, or -1.
func (w *sorter[A, B, K]) claimed() int {
	for {
		c := w.claim.Load()
		begun, own := c>>32, uint64(uint32(c))
		if begun >= own {
			return -1
		}
		if w.claim.CompareAndSwap(c, c+1<<32) {
			return int(begun)
		}
	}
}

// work goes through the haul. It returns how many items it has done, and
// whether the flow goes on.
func (w *sorter[A, B, K]) work() (n int, ok bool) {
	for i := w.claimed(); i >= 0; i = w.claimed() {
		if i > 0 && w.s.hungry.Load() {
			w.offer()
		}
		r := w.runs[i]
		for at, item := range w.items[r.from:r.to] {
			if w.seg.part.stopped.Load() {
				return n, false
			}
			w.begun = r.from + at + 1
			if !w.one(item) {
				return n, false
			}
			n++
		}
	}
	return n, true
}

func (w *sorter[A, B, K]) one(item numbered[A]) bool {
	if w.seg.at != w.here { // a fused step was the last
		w.seg.at = w.here
	}
	w.number = item.number
	b, err := w.s.fn(w.seg.ctx, item.v)
	switch {
	case err == nil:
		var n uint64
		if w.s.sort {
			n = w.s.made.Add(1) - 1 // right before the Put: nobody waits for a number that comes later
		}
		return w.out.Put(n, b)
	case isSkip(err):
		w.here.skip(err)
		return true
	}
	w.seg.fail(err)
	return false
}

// leftover gives what w has taken, did not begin, and nobody has stolen.
func (w *sorter[A, B, K]) leftover(fn func(A)) {
	for _, r := range w.runs[:uint32(w.claim.Load())] {
		for at := max(r.from, w.begun); at < r.to; at++ {
			fn(w.items[at].v)
		}
	}
}
