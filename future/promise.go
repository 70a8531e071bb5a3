package future

import "runtime"

// Promise is the producer's side of a Future: whoever settles first decides.
// It is a small value that may be copied; the zero Promise is not usable, call
// NewPromise. A promise that is dropped unsettled leaves its future pending for
// ever; Hooks.Abandoned finds those.
type Promise[T any] struct {
	f     *Future[T]
	guard *guard // nil unless a hook wants to know of promises that are dropped
}

// NewPromise makes a promise with a pending future.
func NewPromise[T any]() Promise[T] {
	p := Promise[T]{f: new(Future[T])}
	if h := hooks.Load(); h != nil {
		p.f.bornRecorded("NewPromise", h)
		if h.Abandoned != nil {
			p.guard = newGuard(&p.f.core, h)
		}
	}
	return p
}

// Future returns the consumer's side. If it is canceled it settles at once,
// and the producer can see that by its Done.
func (p Promise[T]) Future() *Future[T] { return p.f }

// Resolve settles the future with a value; false if it had settled before.
func (p Promise[T]) Resolve(v T) bool { return p.Settle(v, nil) }

// Reject settles the future with a failure; false if it had settled before.
func (p Promise[T]) Reject(err error) bool {
	if err == nil {
		panic("future: Reject needs an error, got nil: use Resolve for a success")
	}
	var zero T
	return p.Settle(zero, err)
}

// Settle settles the future with what a function returned, a cancellation
// included; false if it had settled before. An error of an Await that stopped
// waiting becomes a failure that does not match ErrStoppedWaiting. Continuations run elsewhere, never on the caller's goroutine.
func (p Promise[T]) Settle(v T, err error) bool {
	if p.f == nil {
		panic("future: the zero Promise has no future to settle: call NewPromise")
	}
	err = failure(err)
	if !p.f.claim() {
		p.f.waitSettling()
		return false
	}
	p.f.value, p.f.err = v, err
	if !p.f.publish() {
		carryOnElsewhere(announce(news{of: &p.f.core}))
	}
	runtime.KeepAlive(p.guard)
	return true
}

// Resolved returns a future that has settled with a value.
func Resolved[T any](v T) *Future[T] { return (&Future[T]{value: v}).settledWith(nil) }

// Failed returns a future that has settled with a failure.
func Failed[T any](err error) *Future[T] {
	if err == nil {
		panic("future: Failed needs an error, got nil: use Resolved for a success")
	}
	return new(Future[T]).settledWith(failure(err))
}

// settledWith settles a future that nobody else has seen yet.
func (f *Future[T]) settledWith(err error) *Future[T] {
	f.err = err
	f.word.Store(settled)
	return f
}

// guard is collected when all copies of a promise are, even while somebody
// holds the future.
type guard struct {
	_ *guard // a guard must not share a block with other small values
}

// dropped is what is done then.
type dropped struct {
	future *core
	record *record
}

func newGuard(c *core, h *Hooks) *guard {
	g := new(guard)
	runtime.AddCleanup(g, dropped.report, dropped{c, newRecord("NewPromise", h)})
	return g
}

func (d dropped) report() {
	if d.future.isSettled() {
		return
	}
	if askHook(d.record.hooks.Abandoned, d.record.event(d.record.launched, ErrAbandoned)) && d.future.claim() {
		d.future.err = ErrAbandoned
		carryOnElsewhere(announce(d.future.conclude()))
	}
}
