package future

import (
	"context"
	"errors"
)

// FlatMap calls fn with f's value and settles as the future does that fn
// returns. A failure of f passes by, and so does a cancellation. fn should be
// quick, as Map's, and runs where Map's does.
//
// The derived future has a claim on f until fn has run, and on fn's future from
// then on: canceling it cancels either, if nobody else depends on it.
func FlatMap[T, U any](f *Future[T], fn func(T) *Future[U]) *Future[U] {
	mustFunc("FlatMap", fn == nil)
	m := new(flat[T, U])
	m.self = m
	m.outer.follower, m.inner.follower = m, m
	m.first.init("FlatMap", f, operation[T, *Future[U]](flatFunc[T, U](fn)), pending)
	m.born("FlatMap")
	if r := m.record; r != nil {
		m.first.op = flatFunc[T, U](func(v T) *Future[U] {
			r.start()
			return fn(v)
		})
	}
	m.first.watchBy(&m.outer, oneClaim)
	m.first.joinInput()
	return &m.Future
}

var errNoFuture = errors.New("future: the function that was given to FlatMap returned nil: return a future, Resolved or Failed for one that is there already")

// flat is the future of FlatMap. It follows the future of fn's call, which is a
// part of it, and then the one that fn has returned.
type flat[T, U any] struct {
	Future[U]
	combining
	first        derived[T, *Future[U]]
	outer, inner link
	second       *Future[U] // mu; nil until fn has returned it
	left         bool       // mu; the claims were given up before that
}

func (m *flat[T, U]) follow(in *core) (news, continuation) {
	if in != &m.first.core {
		if second := m.takeSecond(); second != nil {
			return m.settle(second.value, in.err), nil
		}
		return news{}, nil
	}
	var zero U
	second := m.first.value
	m.first.value = nil
	switch {
	case in.err != nil:
		return m.settle(zero, in.err), nil
	case second == nil:
		return m.settle(zero, errNoFuture), nil
	case second == &m.Future:
		return m.settle(zero, ErrDeadlock), nil
	}
	second.word.Add(oneClaim)
	m.mu.Lock()
	left := m.left
	if !left {
		m.second = second // from now on who gives up finds the claim
	}
	m.mu.Unlock()
	if left { // nobody waits for what fn began
		return second.unclaim(nil, m.reason()), nil
	}
	// Not under mu: second may be a FlatMap that waits for this one.
	if !second.join(&m.inner, 0) {
		m.takeSecond()
		return m.settle(second.value, second.err), nil
	}
	if m.isDecided() { // it came after the claim was given up
		second.unwatch(&m.inner)
	}
	return news{}, nil
}

// takeSecond lets go of the second input: a chain does not keep its past.
func (m *flat[T, U]) takeSecond() *Future[U] {
	m.mu.Lock()
	defer m.mu.Unlock()
	second := m.second
	m.second = nil
	return second
}

func (m *flat[T, U]) base() context.Context { return m.first.base() }

// input gives the first one without its link: what fn returns must be found
// even after a cancel.
func (m *flat[T, U]) input(i int) (*core, *link) {
	switch i {
	case 0:
		return &m.first.core, nil
	case 1:
		m.mu.Lock()
		defer m.mu.Unlock()
		m.left = true
		if second := m.second; second != nil {
			m.second = nil
			return &second.core, &m.inner
		}
	}
	return nil, nil
}
