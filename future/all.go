package future

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/thence-go/thence/internal/task"
)

// All waits for every future and settles with their values, in input order. It
// fails at the first failure, with a *JoinError that names the input; it is
// canceled if an input is canceled first. Then, and if it is canceled itself,
// it gives up its claims on the others, which cancels those that nobody else
// depends on. All of nothing is an empty slice.
//
// A slice of futures is passed as All(fs...).
func All[T any](fs ...*Future[T]) *Future[[]T] {
	a := &all[T]{places: make([]place[T], len(fs))}
	a.self = a
	a.left.Store(int64(len(fs)) + 1) // one for the setting up below
	for i, f := range fs {
		if f == nil {
			panic(fmt.Sprintf("future: All needs futures, got nil as number %d", i))
		}
		p := &a.places[i]
		p.of, p.in = a, f
		p.follower = p
	}
	for _, f := range fs {
		f.word.Add(oneClaim) // on all, before the first can fail and withdraw from all
	}
	for i := range a.places {
		p := &a.places[i]
		if !p.in.watchBy(&p.link, 0) {
			p.joinSettled()
		}
	}
	if a.countDown() {
		announce(&a.core)
	}
	if a.isSettled() {
		for i := range a.places { // that came after it had settled
			p := &a.places[i]
			p.in.unwatch(&p.link)
		}
	}
	return &a.Future
}

// all is the future of All and its place at each of its inputs.
type all[T any] struct {
	Future[[]T]
	left   atomic.Int64 // inputs that have not settled with a value
	places []place[T]
}

type place[T any] struct {
	link
	of *all[T]
	in *Future[T]
}

func (p *place[T]) joinSettled() {
	if c, _ := p.follow(); c != nil {
		carryOnElsewhere(announce(c))
	}
}

func (p *place[T]) follow() (*core, continuation) {
	a := p.of
	settled := false
	switch err := p.in.err; {
	case err == nil:
		settled = a.countDown()
	case isCanceled(err):
		settled = a.settle(nil, err)
	default:
		settled = a.settle(nil, &JoinError{[]IndexedError{{a.index(p), err}}})
	}
	if settled {
		return &a.core, nil
	}
	return nil, nil
}

// countDown takes note of a value; the last one settles the future.
func (a *all[T]) countDown() bool {
	if a.left.Add(-1) > 0 || a.isSettled() {
		return false
	}
	values := make([]T, len(a.places))
	for i := range a.places {
		values[i] = a.places[i].in.value
	}
	return a.settle(values, nil)
}

func (a *all[T]) index(p *place[T]) int {
	for i := range a.places {
		if p == &a.places[i] {
			return i
		}
	}
	panic("future: a place that is not among its own")
}

func (a *all[T]) input(i int) (*core, *link) {
	if i == len(a.places) {
		return nil, nil
	}
	return &a.places[i].in.core, &a.places[i].link
}

func (a *all[T]) base() context.Context {
	if len(a.places) == 0 {
		return context.Background()
	}
	return a.places[0].in.baseContext()
}

func (a *all[T]) stop(error)          {}
func (a *all[T]) cause() error        { return nil }
func (a *all[T]) owns(*task.Ctx) bool { return false }
