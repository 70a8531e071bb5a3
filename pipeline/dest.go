package pipeline

import (
	"context"
	"time"

	"github.com/thence-go/thence/pipeline/internal/lane"
)

// outlet is where one goroutine puts its items. Lanes and ports of an edge are
// outlets, and so is each fused step.
type outlet[T any] interface {
	// Put hands v on. It reports false when the run has stopped. The number is
	// that of the item that v was made from, where order is kept.
	Put(number uint64, v T) bool
	// Skip says that nothing was made from that item.
	Skip(number uint64) bool
	// Flush hands on what a step has held back; it comes after the last Put.
	Flush() bool
	// Close comes last, however the goroutine has ended.
	Close()
	// RunsIn names the task that the goroutine belongs to.
	RunsIn(ctx context.Context)
}

// bulk is an outlet that is better at several items that are at hand.
type bulk[T any] interface {
	// PutAll returns how many it has put: all, or the run has stopped.
	PutAll(vs []T) int
}

const (
	mostAtHand = 64               // items in one PutAll
	quickStep  = time.Microsecond // an item through the fused steps, if they are cheap
)

func putAll[T any](out outlet[T], vs []T) int {
	if out, ok := out.(bulk[T]); ok {
		return out.PutAll(vs)
	}
	for i, v := range vs {
		if !out.Put(0, v) {
			return i
		}
	}
	return len(vs)
}

// dest is where the items of a flow go in one run. attach gives each of the
// segments that make them its outlet. p is the part that the outlets belong to.
type dest[T any] interface {
	attach(p *part, from []*segment, o order) []outlet[T]
}

// order says what must hold between several segments' items.
type order struct {
	unordered bool
	ahead     int // bound on items that wait; 0: the default
}

// toEdge is a dest whose items are read by other goroutines.
type toEdge[T any] struct {
	consumers int
	begin     func(e *lane.Edge[T])
}

func (d toEdge[T]) attach(p *part, from []*segment, o order) []outlet[T] {
	e := lane.New[T](lane.Config{Consumers: d.consumers, Ahead: o.ahead})
	outs := make([]outlet[T], len(from))
	if len(from) == 1 || o.unordered {
		for i, l := range e.Lanes(len(from)) {
			outs[i] = l
		}
	} else {
		for i, p := range e.Ring(len(from)) {
			outs[i] = p
		}
	}
	joined(p, e, d.consumers, from, outs)
	p.addEdge(e)
	d.begin(e)
	return outs
}

// toNowhere is a dest that only counts.
type toNowhere[T any] struct{ counts *[]*counter[T] }

type counter[T any] struct{ n int64 }

func (d toNowhere[T]) attach(_ *part, from []*segment, _ order) []outlet[T] {
	outs := make([]outlet[T], len(from))
	for i := range outs {
		c := &counter[T]{}
		*d.counts = append(*d.counts, c)
		outs[i] = c
	}
	return outs
}

func (c *counter[T]) Put(uint64, T) bool     { c.n++; return true }
func (c *counter[T]) Skip(uint64) bool       { return true }
func (c *counter[T]) Flush() bool            { return true }
func (c *counter[T]) Close()                 {}
func (c *counter[T]) RunsIn(context.Context) {}
