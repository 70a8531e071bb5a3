package future

import (
	"context"
	"sync/atomic"
)

// rule decides what comes of a group of inputs.
type rule[T, R any] interface {
	// note is told of each input that has settled, once, by whoever settled
	// it. It returns what it has settled because of that.
	note(g *group[T, R], p *place[T, R]) news
}

// group is a future that is decided by a rule over inputs of one type.
type group[T, R any] struct {
	Future[R]
	combining
	rule   rule[T, R]
	ctx    context.Context // of the first input's chain
	left   atomic.Int64    // what the rule still waits for
	places []place[T, R]   // mu; nil once it has settled and given up its claims
}

// place is a group's place at one of its inputs.
type place[T, R any] struct {
	link
	of *group[T, R]
	in *Future[T]
}

// combine follows all inputs. word is the state to begin with.
func combine[T, R any](name string, fs []*Future[T], r rule[T, R], left int, word uint64) *Future[R] {
	mustFutures(name, fs)
	g := &group[T, R]{rule: r, places: make([]place[T, R], len(fs))}
	g.self = g
	g.ctx = fs[0].baseContext()
	g.word.Store(word)
	g.left.Store(int64(left))
	g.born(name)
	places := g.places
	for i, f := range fs {
		p := &places[i]
		p.of, p.in = g, f
		p.follower = p
		f.word.Add(oneClaim) // on all, before the first can decide and withdraw from all
	}
	for i := range places {
		p := &places[i]
		if !p.in.join(&p.link, 0) {
			carryOnElsewhere(announce(g.rule.note(g, p)))
		}
	}
	if g.isDecided() {
		for i := range places { // that came after it had given up its claims
			p := &places[i]
			p.in.unwatch(&p.link)
		}
	}
	return &g.Future
}

func (p *place[T, R]) follow(*core) (news, continuation) { return p.of.rule.note(p.of, p), nil }

// index is asked for only when something failed.
func (g *group[T, R]) index(p *place[T, R]) int {
	places := g.inputs()
	for i := range places {
		if p == &places[i] {
			return i
		}
	}
	return -1 // too late: it has settled
}

// failed makes the error of a group that p has decided.
func (g *group[T, R]) failed(p *place[T, R]) error {
	if isCanceled(p.in.err) {
		return p.in.err
	}
	return &JoinError{Errs: []IndexedError{{g.index(p), p.in.err}}}
}

// failures makes the error of a group whose inputs have settled without
// success: it is canceled if nothing but cancellation decided it.
func (g *group[T, R]) failures() error {
	var join JoinError
	over := 0
	places := g.inputs()
	if len(places) == 0 {
		return nil // too late: it has settled
	}
	for i := range places {
		in := places[i].in
		if in.isSettled() && in.err != nil {
			join.Errs = append(join.Errs, IndexedError{i, in.err})
			if isCanceled(in.err) {
				over++
			}
		}
	}
	if over == len(join.Errs) {
		return join.Errs[0].Err
	}
	return &join
}

func (g *group[T, R]) input(i int) (*core, *link) {
	// Only its settler comes here, and nobody else writes places.
	if i == len(g.places) {
		g.mu.Lock()
		g.places = nil // a chain does not keep its past
		g.mu.Unlock()
		return nil, nil
	}
	return &g.places[i].in.core, &g.places[i].link
}

// inputs is for the rules, which may come late: it is empty then.
func (g *group[T, R]) inputs() []place[T, R] {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.places
}

func (g *group[T, R]) base() context.Context { return g.ctx }
