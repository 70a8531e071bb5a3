package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

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
		into := gather(p, name, to, nil)
		begin := into.begin
		into.begin = func(e *lane.Edge[B]) { g.edge = e; begin(e) }
		g.own = into.attach(p, make([]*segment, 1), order{})[0]
		g.traced = sync.OnceFunc(func() { p.finally(g.late) })
		defer p.standAt(first)()
		f.open(p, grouped[A]{p: p, name: name, link: func(s *segment, here *mark) outlet[A] {
			s.reach(p)
			g.seg, g.here, g.last, g.past = s, here, s.last, s.past
			note := noteOf(g.edge)
			note.opener = s
			s.last = nil // each branch counts what it puts there
			s.writes(g.own, note)
			s.last = g.last
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
	return d.watch(p, from, o, nil)
}

// watch begins all that comes to the one segment.
func (d grouped[A]) watch(p *part, from []*segment, o order, l *leftovers[A]) []outlet[A] {
	if len(from) > 1 {
		return gather(p, d.name, d, l).watch(p, from, o, l)
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
	traced func()          // makes late be called
	ends   *ends[B]        // the same for those with a point at their end; nil: there is none yet
	ctx    context.Context // of the task that this goroutine runs in, or nil
	past   []*gate         // that stand before it in this goroutine
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
	if b.out == nil {
		return true
	}
	ok := b.put(g.seg, v)
	if ok {
		return true
	}
	if g.p.stopped.Load() {
		return false
	}
	delete(g.groups, k)
	b.flush(g.seg)
	b.out.Close()
	b.out = nil
	ok = g.waitForRoom()
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
	leave := g.seg.fills(&b.page, g.last, g.past)
	flow.open(b.branch, adding[B]{p: g.p, name: g.here.name, edge: g.edge, seg: g.seg, own: g.own, ends: &g.ends, traced: g.traced})
	b.attach(g.seg)
	leave()
	if b.out != nil && g.ctx != nil {
		b.out.RunsIn(g.ctx)
	}
	g.groups[k] = b
	b.branch.start()
	return b
}

func (b *group[A]) flush(s *segment) bool {
	s.visits(&b.page)
	defer s.returns()
	return s.apart(b.out.Flush)
}

func (b *group[A]) put(s *segment, v A) bool {
	if !s.heard {
		return b.out.Put(0, v)
	}
	s.visits(&b.page)
	defer s.returns()
	return b.out.Put(0, v)
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
		if b.out != nil {
			ok = b.flush(g.seg) && ok
		}
	}
	return ok
}

func (g *grouping[A, B, K]) Close() {
	for _, b := range g.groups {
		b.close()
	}
	clear(g.groups)
	if g.ends != nil {
		g.ends.way.Close()
	}
	g.own.Close()
}

func (g *grouping[A, B, K]) RunsIn(ctx context.Context) {
	g.ctx = ctx
	g.own.RunsIn(ctx)
	if g.ends != nil {
		g.ends.way.RunsIn(ctx)
	}
	for _, b := range g.groups {
		if b.out != nil {
			b.out.RunsIn(ctx)
		}
	}
}

// late tells points at the ends of branches, which may be gone, what came from
// there and was not begun.
func (g *grouping[A, B, K]) late() {
	var fromHere []B
	g.own.(*lane.Lane[B]).LeftoverFrom(func(l any, v B) {
		if l, ok := l.(*leftovers[B]); ok {
			l.late(v)
		} else {
			fromHere = append(fromHere, v)
		}
	})
	for i, v := range fromHere {
		g.ends.of.At(g.ends.of.Len() - len(fromHere) + i).late(v)
	}
}
