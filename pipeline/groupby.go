package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/thence-go/thence/internal/task"
	"github.com/thence-go/thence/pipeline/internal/lane"
)

// These bound the memory of GroupBy.
const (
	mostGroups = 1 << 16 // branches that take items
	mostEnding = 256     // branches that have had enough and are still at work
)

// GroupBy sends the items of each key through a branch of their own, which each
// makes when the key first comes. What the branches make goes on as it comes;
// what a branch makes without goroutines of its own keeps its order.
//
// A branch ends with the flow, or when it has had enough of its items, by a Take
// for example: its memory and goroutines are gone then, and an item of its key
// that comes later opens a new branch. An item that is on its way meanwhile to
// a Take that stands behind other goroutines is dropped. At most 65536 branches
// are open at once; one more fails the flow. To have fewer, let them end. When
// 256 branches have had enough and are still at work, the next one that has had
// enough is waited for, with all items behind it.
//
// key and each run on the goroutine that the items come from, and so do the
// steps that are fused with a branch's input. A branch that is slow holds the
// others back when the queue before it is full. The step has one goroutine,
// which reads what the branches have made; it holds nothing back. At the end
// of the flow all branches get their end, those that were opened first before
// the others.
//
// each must run its input once: if not at all, the items of its key are
// dropped, and twice fails the flow. A run of it outside of the branch fails by
// itself.
func GroupBy[A, B any, K comparable](f Flow[A], key func(A) K, each func(K, Flow[A]) Flow[B], opts ...Option) Flow[B] {
	mustFlow("GroupBy", f)
	mustFunc("GroupBy", "function for the key", key == nil)
	mustFunc("GroupBy", "function that makes a branch", each == nil)
	name := f.label("groupby", configure(opts).name)
	first := f.behind(name)
	return flowOf(&step{name: name + " joined", branch: f.in, nth: f.step.nth + 1, from: []*step{first}}, unknown, func(p *part, to dest[B]) {
		g := &grouping[A, B, K]{p: p, key: key, each: each, first: first, groups: map[K]*group[A]{}, ending: make(chan struct{}, mostEnding)}
		into := gather(p, name, to)
		begin := into.begin
		into.begin = func(e *lane.Edge[B]) { g.edge = e; begin(e) }
		g.own = into.attach(p, make([]*segment, 1), order{})[0]
		defer p.standAt(first)()
		f.open(p, grouped[A]{p: p, name: name, link: func(s *segment, here *mark) outlet[A] {
			s.reach(p)
			g.seg, g.here, g.last = s, here, s.last
			return g
		}})
	})
}

// grouped is a dest for a step that opens branches while it runs.
type grouped[A any] struct {
	p    *part
	name string
	link func(s *segment, here *mark) outlet[A]
}

func (d grouped[A]) attach(p *part, from []*segment, o order) []outlet[A] {
	if len(from) > 1 {
		return gather[A](p, d.name, d).attach(p, from, o)
	}
	return []outlet[A]{d.link(from[0], p.mark(from[0], d.name))}
}

// grouping is the outlet of the segment whose items are grouped.
type grouping[A, B any, K comparable] struct {
	p      *part
	seg    *segment
	here   *mark
	last   *sum // of this step in seg
	key    func(A) K
	each   func(K, Flow[A]) Flow[B]
	first  *step
	ending chan struct{} // has one for each branch that is ending
	groups map[K]*group[A]
	opened int             // so far
	edge   *lane.Edge[B]   // what the branches have made
	own    outlet[B]       // the way into it for what they make in this goroutine
	ctx    context.Context // of the task that this goroutine runs in, or nil
}

// group is a branch that is open.
type group[A any] struct {
	*entry[A]
	branch *part
	page   page // what its steps in the distributor's goroutine are counted on
	nth    int
	over   bool
}

func (g *grouping[A, B, K]) Put(_ uint64, v A) bool {
	g.here.item++
	g.seg.at = g.here
	k := g.key(v)
	b := g.groups[k]
	if b == nil {
		if b = g.open(k); b == nil {
			return false
		}
	}
	g.seg.uses(&b.page)
	goesOn := b.out == nil || b.out.Put(0, v)
	g.seg.uses(&b.page) // it may have waited, and told in between
	if goesOn {
		return true
	}
	if g.p.stopped.Load() {
		return false
	}
	delete(g.groups, k)
	b.out.Flush()
	g.seg.uses(&b.page)
	b.out.Close()
	b.out = nil
	ok := g.waitForRoom()
	if ok {
		b.branch.census.empty = func() { <-g.ending }
	}
	b.close()
	g.seg.tell() // so that nothing of it is kept
	return ok
}

// waitForRoom waits until few of the branches that have had enough are still at
// work: else they could be any number.
func (g *grouping[A, B, K]) waitForRoom() bool {
	select {
	case g.ending <- struct{}{}:
		return true
	default:
	}
	g.seg.Parks(true)
	defer g.seg.Wakes()
	defer task.Parked(g.ctx)()
	select {
	case g.ending <- struct{}{}:
		return true
	case <-g.p.ctx.Done():
		return false
	}
}

func (g *grouping[A, B, K]) open(k K) *group[A] {
	if len(g.groups) >= mostGroups {
		g.seg.fail(fmt.Errorf("pipeline: more than %d branches of GroupBy would be open: let branches end, by Take or TakeWhile, or group by fewer keys", mostGroups))
		return nil
	}
	inlet, in := newInlet[A](g.first, "", unknown)
	flow := g.each(k, in)
	if flow.open == nil {
		panic("pipeline: the function that makes the branches of GroupBy returned the zero Flow: return what it makes of its input")
	}
	b := &group[A]{branch: g.p.group(), nth: g.opened}
	g.opened++
	b.entry = inlet.enters(b.branch)
	b.branch.at = nil // what brings it to g's queue is no stage
	flow.open(b.branch, adding[B]{p: g.p, name: g.here.name, edge: g.edge, seg: g.seg, own: g.own})
	g.seg.open, g.seg.last = &b.page, g.last
	b.attach(g.seg)
	g.seg.open = nil
	if b.out != nil && g.ctx != nil {
		b.out.RunsIn(g.ctx)
	}
	g.groups[k] = b
	b.branch.start()
	return b
}

func (b *group[A]) close() {
	if b.over { // a key that is never found again, such as NaN
		return
	}
	b.over = true
	if b.out != nil {
		b.out.Close()
	}
	b.branch.census.leave()
}

func (g *grouping[A, B, K]) Skip(uint64) bool { return true }

// all returns the open branches in the order in which they were opened.
func (g *grouping[A, B, K]) all() []*group[A] {
	all := make([]*group[A], 0, len(g.groups))
	for _, b := range g.groups {
		all = append(all, b)
	}
	slices.SortFunc(all, func(a, b *group[A]) int { return cmp.Compare(a.nth, b.nth) })
	return all
}

func (g *grouping[A, B, K]) Flush() bool {
	ok := true
	for _, b := range g.all() {
		g.seg.uses(&b.page)
		if b.out != nil {
			ok = b.out.Flush() && ok
		}
		g.seg.uses(&b.page)
	}
	return ok
}

func (g *grouping[A, B, K]) Close() {
	for _, b := range g.groups {
		b.close()
	}
	clear(g.groups)
	g.own.Close()
}

func (g *grouping[A, B, K]) RunsIn(ctx context.Context) {
	g.ctx = ctx
	g.own.RunsIn(ctx)
	for _, b := range g.groups {
		if b.out != nil {
			b.out.RunsIn(ctx)
		}
	}
}

// adding is a dest that is one more way into an edge.
type adding[T any] struct {
	p    *part // the edge's
	name string
	edge *lane.Edge[T]
	seg  *segment // has a way already
	own  outlet[T]
}

func (d adding[T]) attach(p *part, from []*segment, o order) []outlet[T] {
	if o.ahead > 0 || len(from) > 1 && !o.unordered {
		return gather[T](p, d.name, d).attach(p, from, o)
	}
	outs := make([]outlet[T], len(from))
	for i, s := range from {
		s.reach(d.p)
		if s == d.seg {
			outs[i] = &kept[T]{outlet: d.own}
		} else {
			outs[i] = d.edge.Lane()
		}
		s.writes(outs[i], nowhere())
	}
	return outs
}

// kept is a way that stays open when one of its users is done with it.
type kept[T any] struct {
	outlet[T]
	sent uint32
}

func (k *kept[T]) Put(n uint64, v T) bool {
	k.sent++
	return k.outlet.Put(n, v)
}

func (k *kept[T]) PutAll(vs []T) int {
	n := putAll(k.outlet, vs)
	k.sent += uint32(n)
	return n
}

// Sent is how many items of its user have gone this way.
func (k *kept[T]) Sent() uint32 { return k.sent }

func (*kept[T]) Flush() bool { return true }
func (*kept[T]) Close()      {}
