package futuretest_test

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/future/futuretest"
)

// Futures that are wrong around a right one.

// wrapper is what inner looks into.
type wrapper interface{ inside() futureOfInt }

func inner(f F) F {
	if w, ok := f.(wrapper); ok {
		return w.inside()
	}
	return f
}

// unwrapped makes the functions of a look into wrappers.
func unwrapped(a *futuretest.Adapter) {
	then, catch, finally, all, done, cancel := a.Then, a.Catch, a.Finally, a.All, a.Done, a.Cancel
	a.Then = func(f F, fn func(context.Context, int) (int, error)) F { return then(inner(f), fn) }
	a.Catch = func(f F, fn func(context.Context, error) (int, error)) F { return catch(inner(f), fn) }
	a.Finally = func(f F, fn func()) F { return finally(inner(f), fn) }
	a.All = func(fs ...F) futuretest.Futures {
		ours := make([]F, len(fs))
		for i, f := range fs {
			ours[i] = inner(f)
		}
		return all(ours...)
	}
	a.Done = func(f F) <-chan struct{} { return done(inner(f)) }
	a.Cancel = func(f F, cause error) { cancel(inner(f), cause) }
}

// overwritten gives the value that was set last.
type overwritten struct {
	f    futureOfInt
	last atomic.Pointer[int]
}

func (o *overwritten) set(v int)           { o.last.Store(&v) }
func (o *overwritten) inside() futureOfInt { return o.f }
func (o *overwritten) Await(ctx context.Context) (int, error) {
	v, err := o.f.Await(ctx)
	if last := o.last.Load(); last != nil && o.settled() {
		return *last, nil
	}
	return v, err
}

func (o *overwritten) settled() bool { _, ok := o.f.Poll(); return ok }

// impatient cancels the work when one who awaits leaves.
type impatient struct{ f futureOfInt }

func (i *impatient) inside() futureOfInt { return i.f }
func (i *impatient) Await(ctx context.Context) (int, error) {
	v, err := i.f.Await(ctx)
	if ctx.Err() != nil {
		i.f.Cancel(nil)
	}
	return v, err
}

// hasty settles when it is canceled, whatever its work does.
type hasty struct {
	work futureOfInt
	over chan struct{}
	once sync.Once
	err  error
}

func (h *hasty) inside() futureOfInt { return h.work }
func (h *hasty) Await(ctx context.Context) (int, error) {
	select {
	case <-h.over:
	case <-h.work.Done():
	case <-ctx.Done():
	}
	select {
	case <-h.over:
		return 0, h.err
	default:
		return h.work.Await(ctx)
	}
}

func (h *hasty) cancel(cause error) {
	h.once.Do(func() {
		h.err = &future.CanceledError{Cause: cause}
		close(h.over)
	})
}

// watched leaves a goroutine behind for each Await that gave up.
type watched struct{ f futureOfInt }

func (w *watched) inside() futureOfInt { return w.f }
func (w *watched) Await(ctx context.Context) (int, error) {
	if _, settled := w.f.Poll(); settled {
		return w.f.Await(ctx)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		<-w.f.Done()
		_ = ctx.Err()
	}()
	select {
	case <-over:
	case <-ctx.Done():
	}
	return w.f.Await(ctx)
}

// heir holds on to what it came from.
type heir struct {
	f    futureOfInt
	past F
}

func (h *heir) inside() futureOfInt                    { return h.f }
func (h *heir) Await(ctx context.Context) (int, error) { return h.f.Await(ctx) }

// reordered gives its values in another order.
type reordered struct {
	futuretest.Futures
	order func() []int
}

func (r *reordered) Await(ctx context.Context) ([]int, error) {
	vs, err := r.Futures.Await(ctx)
	if order := r.order(); err == nil && len(order) == len(vs) {
		return order, nil
	}
	return vs, err
}

// inliner runs its continuations where it is resolved.
type inliner struct {
	f    futureOfInt
	mu   sync.Mutex
	next []func()
}

func (i *inliner) inside() futureOfInt                    { return i.f }
func (i *inliner) Await(ctx context.Context) (int, error) { return i.f.Await(ctx) }

func inline(a *futuretest.Adapter) {
	unwrapped(a)
	a.NoContext = true
	then := a.Then
	a.NewPromise = func() futuretest.Promise {
		p := future.NewPromise[int]()
		i := &inliner{f: p.Future()}
		return futuretest.Promise{
			Future: i,
			Resolve: func(v int) bool {
				i.mu.Lock()
				next := i.next
				i.next = nil
				won := p.Resolve(v)
				i.mu.Unlock()
				for _, fn := range next {
					fn()
				}
				return won
			},
			Reject: p.Reject,
		}
	}
	a.Then = func(f F, fn func(context.Context, int) (int, error)) F {
		i, ok := f.(*inliner)
		if !ok {
			return then(f, fn)
		}
		i.mu.Lock()
		defer i.mu.Unlock()
		if _, settled := i.f.Poll(); settled {
			return then(f, fn)
		}
		type outcome struct {
			v   int
			err error
		}
		hand := make(chan outcome, 1)
		f = then(f, func(context.Context, int) (int, error) { o := <-hand; return o.v, o.err })
		i.next = append(i.next, func() {
			if _, canceled := f.(futureOfInt).Poll(); canceled {
				return
			}
			o := outcome{err: future.ErrGoexit}
			defer func() {
				if p := recover(); p != nil {
					o.err = future.Recovered(p)
				}
				hand <- o
			}()
			v, _ := i.f.Await(context.Background())
			o.v, o.err = fn(context.Background(), v)
		})
		return f
	}
}
