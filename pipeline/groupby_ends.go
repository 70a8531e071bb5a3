package pipeline

import "github.com/thence-go/thence/pipeline/internal/lane"

// mostOnTheWay is more than a lane and its reader hold.
const mostOnTheWay = 1 << 13

// ends is the way out of branches that end in one goroutine and have a point at
// their end. It remembers, in order, which of them the last items came from:
// what is left of them are the last ones.
type ends[T any] struct {
	way outlet[T]
	of  lane.FIFO[*leftovers[T]]
}

// endWay is the end of one of them.
type endWay[T any] struct {
	outlet[T]
	all *ends[T]
	l   *leftovers[T]
}

func (e endWay[T]) Put(n uint64, v T) bool {
	if e.all.of.Len() == mostOnTheWay {
		e.all.of.Pop()
	}
	e.all.of.Push(e.l)
	return e.outlet.Put(n, v)
}
