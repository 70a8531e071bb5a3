package errgroup

import (
	"context"

	"github.com/thence-go/thence/future"
)

// Scope runs calls as parts of one whole, and has their results in the order
// of the calls. Make it with Collect; the zero Scope is not usable. A Scope
// must not be copied, is used once, and all its methods may be called from any
// goroutine, those of its own calls included, save for Wait and Results, which
// would wait for themselves there.
//
// Everything that a call did synchronizes before the return of Wait, and
// before Results yields its result.
type Scope[T any] struct {
	core

	enough func(int, future.Result[T]) bool // of Until

	// Guarded by mu.
	finished []finished[T] // in the order of finishing, until taken
	deciding int           // with First, Quorum and Until: so many of them, from the first on, decided
	taken    bool          // by Results
	waiting  bool          // a Wait sees to the end
	waited   bool          // and has: what follows is what it returns
	values   []T
	err      error
}

// finished is the result of a call of Go.
type finished[T any] struct {
	index  int
	result future.Result[T]
}

// Collect makes a scope for results of type T. Its calls get a context that
// has the values of ctx and ends when ctx ends, when a call fails, or by
// Cancel. Call Wait in the end: it frees what the scope holds.
func Collect[T any](ctx context.Context, opts ...Option) *Scope[T] {
	mustContext("Collect", ctx)
	s := new(Scope[T])
	for _, o := range opts {
		if o == nil {
			panic("errgroup: Collect got a nil Option: leave it out")
		}
		o.apply(&s.config)
	}
	s.enough = mustUntil[T](&s.config)
	s.parent = ctx
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	if s.offers() {
		s.unhook = context.AfterFunc(s.ctx, s.settleQueued)
	}
	return s
}

// Go starts fn, and gives its result a place behind those of the calls before.
// The context that fn gets is the scope's, not ctx: ctx is for the waiting. At
// the limit Go waits for room, and a call of the scope that waits so, with the
// context that it was given, makes room itself.
//
// Nothing is started, and the error says why, when the scope is over
// (*OverError), when ctx ends first (*future.WaitError), or when the executor
// or the limiter of Throttle does not accept the call, which then counts as a
// failure of that call.
//
// On cancel of ctx the place among the waiters is given up.
func (s *Scope[T]) Go(ctx context.Context, fn func(context.Context) (T, error)) error {
	mustContext("Go", ctx)
	mustFunc("Go", fn == nil)
	s.mustMade()
	return s.begin(ctx, newCall(s, fn, false), true)
}

// TryGo is Go that returns ErrLimit rather than wait at the limit. Whether an
// executor, or the limiter of Throttle, waits is its own affair.
func (s *Scope[T]) TryGo(ctx context.Context, fn func(context.Context) (T, error)) error {
	mustContext("TryGo", ctx)
	mustFunc("TryGo", fn == nil)
	s.mustMade()
	return s.begin(ctx, newCall(s, fn, false), false)
}

// Do is Go for a function without a result: it has no place among the values,
// but its failure is one of the scope.
func (s *Scope[T]) Do(ctx context.Context, fn func(context.Context) error) error {
	mustContext("Do", ctx)
	mustFunc("Do", fn == nil)
	s.mustMade()
	void := func(ctx context.Context) (none T, err error) { return none, fn(ctx) }
	return s.begin(ctx, newCall(s, void, true), true)
}

// Wait waits for every call, ends the scope, and returns the results in the
// order of the calls together with the error. A nil error means that every
// call that was accepted has succeeded (with First, Quorum, Until and Supervise:
// what they say). A call that was not, because its own ctx had ended or TryGo found
// no room, is the affair of whoever got the error of Go; Stats counts it as not
// started. The values of the calls that failed are what they returned beside
// the error, most often the zero value.
//
// The error is the first failure as it was returned, or all of them with
// AllErrors. What siblings return because they were canceled is no failure. If
// there is no failure but the scope was canceled, or a call was for the end of
// its context, it is a *future.CanceledError with the cause. If a cleanup has
// failed, it is a *CleanupError that has the failure too.
//
// When the calls have settled and the context of the scope has ended, Wait has
// the cleanups called, and returns after the last one.
//
// Wait may be called more than once; it answers the same. If Results has taken
// the results, there are no values.
func (s *Scope[T]) Wait() ([]T, error) {
	s.mustMade()
	s.mu.Lock()
	for s.admitted > 0 || s.waiting && !s.waited {
		s.awaitIdle()
	}
	if !s.waited {
		s.waiting = true
		s.end()
	}
	s.mu.Unlock()
	return s.values, s.err
}

// end is what the first Wait does when no call is left. It lets go of mu.
func (s *Scope[T]) end() {
	s.closeLocked()
	values, err, reason := s.valuesLocked(), s.errLocked(), s.reason
	if !s.taken {
		s.finished = nil
	}
	s.mu.Unlock()
	s.stop(reason)
	s.mu.Lock()
	err = s.cleanLocked(err)
	s.values, s.err, s.waited = values, err, true
	s.changeLocked()
}

// awaitIdle waits with mu unlocked until no call is left. A call of a bounded
// executor that waits for a scope of its own gives its place back meanwhile.
func (s *Scope[T]) awaitIdle() {
	defer s.parkLocked()()
	for s.admitted > 0 || s.waiting && !s.waited {
		changed := s.changedLocked()
		s.mu.Unlock()
		<-changed
		s.mu.Lock()
	}
}

func (s *Scope[T]) valuesLocked() []T {
	switch {
	case s.taken:
		return nil
	case s.joiner != "":
		return s.decisiveLocked()
	}
	values := make([]T, s.numbered)
	for _, f := range s.finished {
		values[f.index] = f.result.Value
	}
	return values
}

// Cancel ends the scope: nothing is started any more, calls that an executor
// has not begun are settled as canceled, and the contexts of the calls that run
// are canceled with cause; nil means context.Canceled. Cancel does not wait for
// them: Wait does, and returns a *future.CanceledError if no call has
// failed. After the end of the scope Cancel does nothing.
func (s *Scope[T]) Cancel(cause error) {
	s.mustMade()
	why := canceledBy(cause)
	s.mu.Lock()
	first := s.endLocked(why)
	s.mu.Unlock()
	if first {
		s.stop(why)
	}
}

// Close says that no more calls will be made; those that run go on. A Go that
// waits for a place at the limit returns an *OverError. One that has a place, and
// waits for a limiter or for an executor to take it, is a call that was made
// before: it goes on, as those that run do. Cancel ends it.
func (s *Scope[T]) Close() {
	s.mustMade()
	s.mu.Lock()
	hopeless := s.closeLocked() && s.hopelessLocked(s.admitted) && s.endLocked(ErrQuorum)
	s.mu.Unlock()
	if hopeless {
		s.stop(ErrQuorum)
	}
}

// Context returns the context that the contexts of the calls are made from.
func (s *Scope[T]) Context() context.Context {
	s.mustMade()
	return s.ctx
}
