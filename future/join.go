package future

import (
	"context"
	"sync/atomic"
)

// Join2 waits for both futures and calls fn with their values, on the goroutine
// of the one that settles last, or on a new one. Its ctx is that of the first
// input's chain. It settles as fn does; like All, it fails at the first failure
// with a *JoinError, is canceled by an input that is canceled first, and gives
// up its claims on the others then, or when it is canceled itself.
func Join2[A, B, R any](a *Future[A], b *Future[B], fn func(context.Context, A, B) (R, error)) *Future[R] {
	const name = "Join2"
	mustFunc(name, fn == nil)
	mustInputs(name, a == nil, b == nil)
	return join(name, func(ctx context.Context) (R, error) { return fn(ctx, a.value, b.value) },
		&a.core, &b.core)
}

// Join3 is Join2 for three futures.
func Join3[A, B, C, R any](a *Future[A], b *Future[B], c *Future[C], fn func(context.Context, A, B, C) (R, error)) *Future[R] {
	const name = "Join3"
	mustFunc(name, fn == nil)
	mustInputs(name, a == nil, b == nil, c == nil)
	return join(name, func(ctx context.Context) (R, error) { return fn(ctx, a.value, b.value, c.value) },
		&a.core, &b.core, &c.core)
}

// Join4 is Join2 for four futures.
func Join4[A, B, C, D, R any](a *Future[A], b *Future[B], c *Future[C], d *Future[D], fn func(context.Context, A, B, C, D) (R, error)) *Future[R] {
	const name = "Join4"
	mustFunc(name, fn == nil)
	mustInputs(name, a == nil, b == nil, c == nil, d == nil)
	return join(name, func(ctx context.Context) (R, error) { return fn(ctx, a.value, b.value, c.value, d.value) },
		&a.core, &b.core, &c.core, &d.core)
}

// Join5 is Join2 for five futures.
func Join5[A, B, C, D, E, R any](a *Future[A], b *Future[B], c *Future[C], d *Future[D], e *Future[E], fn func(context.Context, A, B, C, D, E) (R, error)) *Future[R] {
	const name = "Join5"
	mustFunc(name, fn == nil)
	mustInputs(name, a == nil, b == nil, c == nil, d == nil, e == nil)
	return join(name, func(ctx context.Context) (R, error) { return fn(ctx, a.value, b.value, c.value, d.value, e.value) },
		&a.core, &b.core, &c.core, &d.core, &e.core)
}

func mustInputs(name string, missing ...bool) {
	for _, m := range missing {
		mustFuture(name, m)
	}
}

// joined is a future whose function runs when all of several inputs, of any
// types, have values.
type joined[R any] struct {
	goTask[R]
	left atomic.Int32
	legs []leg[R] // mu; nil once it needs its inputs no more
}

type leg[R any] struct {
	link
	of *joined[R]
	in *core
}

func join[R any](name string, fn func(context.Context) (R, error), inputs ...*core) *Future[R] {
	j := &joined[R]{legs: make([]leg[R], len(inputs))}
	j.fn = fn
	j.self = j
	j.ctx.Init(inputs[0].baseContext(), nil)
	j.left.Store(int32(len(inputs)))
	j.born(name)
	legs := j.legs
	for i, in := range inputs {
		l := &legs[i]
		l.of, l.in = j, in
		l.follower = l
		in.word.Add(oneClaim) // on all, before the first can fail and withdraw from all
	}
	for i := range legs {
		l := &legs[i]
		if l.in.join(&l.link, 0) {
			continue
		}
		n, k := l.follow(l.in)
		carryOnElsewhere(announce(n))
		l.in.carryOnElsewhere(k)
	}
	if j.isDecided() {
		for i := range legs { // that came after it had given up its claims
			l := &legs[i]
			l.in.unwatch(&l.link)
		}
	}
	return &j.Future
}

func (l *leg[R]) follow(in *core) (news, continuation) {
	j := l.of
	if in.err == nil {
		if j.left.Add(-1) > 0 || j.isDecided() {
			return news{}, nil
		}
		j.forget()
		return news{}, &j.goTask
	}
	err := in.err
	if !isCanceled(err) {
		err = &JoinError{Errs: []IndexedError{{j.index(l), err}}}
	}
	var zero R
	return j.settle(zero, err), nil
}

func (j *joined[R]) index(l *leg[R]) int {
	legs := j.inputs()
	for i := range legs {
		if l == &legs[i] {
			return i
		}
	}
	return -1 // too late: it has settled
}

func (j *joined[R]) input(i int) (*core, *link) {
	legs := j.inputs()
	if i >= len(legs) {
		j.forget()
		j.fn = nil // it was settled without that
		return nil, nil
	}
	return legs[i].in, &legs[i].link
}

func (j *joined[R]) inputs() []leg[R] {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.legs
}

// forget lets go of the inputs: a chain does not keep its past.
func (j *joined[R]) forget() {
	j.mu.Lock()
	j.legs = nil
	j.mu.Unlock()
}
