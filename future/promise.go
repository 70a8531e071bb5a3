package future

// Promise is the producer's side of a Future: whoever settles first decides.
// It is a small value that may be copied; the zero Promise is not usable, call
// NewPromise.
type Promise[T any] struct {
	f *Future[T]
}

// NewPromise makes a promise with a pending future.
func NewPromise[T any]() Promise[T] { return Promise[T]{new(Future[T])} }

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

// Settle settles the future with what a function returned; false if it had
// settled before. Continuations run elsewhere, never on the caller's goroutine.
func (p Promise[T]) Settle(v T, err error) bool {
	if !p.f.settle(v, err) {
		return false
	}
	carryOnElsewhere(announce(&p.f.core))
	return true
}

// Resolved returns a future that has settled with a value.
func Resolved[T any](v T) *Future[T] {
	f := &Future[T]{value: v}
	f.word.Store(settled)
	return f
}

// Failed returns a future that has settled with a failure.
func Failed[T any](err error) *Future[T] {
	if err == nil {
		panic("future: Failed needs an error, got nil: use Resolved for a success")
	}
	f := new(Future[T])
	f.err = err
	f.word.Store(settled)
	return f
}
