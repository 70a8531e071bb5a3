package pipeline

import (
	"fmt"
	"sync/atomic"
	"time"
)

// Progress says how far a run has come.
type Progress struct {
	Done    int64
	Total   int64         // how many items are expected if none is dropped; 0: unknown
	Elapsed time.Duration // since the run began
	Rate    float64       // items a second, since the run began
	ETA     time.Duration // what is left at that rate; 0: unknown, or nothing is left
}

// Progress calls fn every so often, and once more when the run has ended,
// however it did, with the number of items that passed here. It runs on a
// goroutine of its own, one call at a time, and the terminal waits for it.
//
// Inside a branch of GroupBy the last call comes when the branch has ended.
func (f Flow[T]) Progress(every time.Duration, fn func(Progress)) Flow[T] {
	mustFlow("Progress", f)
	if every <= 0 {
		panic(fmt.Sprintf("pipeline: Progress needs an interval above 0, got %v", every))
	}
	mustFunc("Progress", "function", fn == nil)
	name := f.label("progress", "")
	return next(f, name, f.total, func(p *part, to dest[T]) {
		m := &meter{total: max(0, f.total)}
		p.side(p.segment(name), func(quiet <-chan struct{}) { m.tell(quiet, every, fn) })
		f.open(p, fused[T, T]{to: to, name: name, link: func(l *link[T]) outlet[T] {
			return &counting[T]{link: *l, done: &m.done}
		}})
	})
}

type meter struct {
	done  atomic.Int64
	total int64
}

func (m *meter) tell(quiet <-chan struct{}, every time.Duration, fn func(Progress)) {
	begun := time.Now()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			fn(m.read(time.Since(begun)))
		case <-quiet:
			fn(m.read(time.Since(begun)))
			return
		}
	}
}

func (m *meter) read(elapsed time.Duration) Progress {
	p := Progress{Done: m.done.Load(), Total: m.total, Elapsed: elapsed}
	if elapsed > 0 {
		p.Rate = float64(p.Done) / elapsed.Seconds()
	}
	if left := p.Total - p.Done; left > 0 && p.Rate > 0 {
		p.ETA = time.Duration(float64(left) / p.Rate * float64(time.Second))
	}
	return p
}

type counting[T any] struct {
	link[T]
	done *atomic.Int64
}

func (c *counting[T]) Put(n uint64, v T) bool {
	c.enter()
	c.done.Store(c.here.item + 1)
	return c.next.Put(n, v)
}
