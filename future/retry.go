package future

import (
	"context"
	"errors"
	"time"
)

// RetryPolicy says how often and how fast Retry tries again. Its zero value is
// ready: three attempts, full jitter below 100 ms and then 200 ms. It is a plain
// value that is copied, reused and shared freely; of its fields only Budget has
// state.
//
// Attempts and Elapsed bound the retries of one call; only a Budget bounds those
// of all calls together, so services that call others want one.
type RetryPolicy struct {
	// Attempts is how often the function is called at most, the first time
	// included. 0 means 3, or as often as Elapsed allows if that is set.
	Attempts int

	// Elapsed is how long after the start of the first attempt another may
	// start at the latest. 0 means that Attempts alone decides. It does not cut
	// an attempt short: that is what a ctx with a deadline is for.
	Elapsed time.Duration

	// Base is the ceiling of the first delay; each further one has twice the
	// ceiling of the one before. 0 means 100 ms.
	Base time.Duration

	// Max is the highest ceiling. 0 means 10 s, or Base if that is longer.
	Max time.Duration

	// Budget, if there is one, must have a token for each retry.
	Budget *Budget

	// RetryIf, if there is one, is asked whether a failure is worth another
	// attempt, and not asked after Permanent. It runs where the function runs.
	RetryIf func(error) bool

	// Jitter chooses a delay, given its ceiling. nil means full jitter: evenly
	// from nothing to the ceiling, which spreads out those who failed together
	// best. A test that wants exact times returns the ceiling itself.
	Jitter func(ceiling time.Duration) time.Duration
}

// Retry returns a function that calls fn until it succeeds, waiting between the
// attempts: exponential backoff with full jitter ("Exponential Backoff And
// Jitter", AWS Architecture Blog, 2015). It can be called any number of times,
// by any number of goroutines; it runs fn on the goroutine of its caller, with
// the caller's ctx, so it nests and goes wherever a function goes: to Go, to a
// pool, into Hedge.
//
// It fails with a *RetryError, always: when the attempts or the time are used
// up; at once if the failure is Permanent or RetryIf says no, if the Budget is
// empty (the error matches ErrBudget), or if the deadline of ctx comes before
// the next attempt would (it matches context.DeadlineExceeded), since that wait
// would be in vain. A delay that a failure asks for, see RetryAfter, comes on
// top of the backoff.
//
// On cancel of ctx the wait ends, no further attempt starts, and the call
// returns a *CanceledError with the cause of ctx; so it does when an attempt
// ends with the echo of that. A failure of its own that an attempt still
// returned is not hidden by it.
//
// A panic or runtime.Goexit in fn is not a failure to try again: it goes through
// to whoever called, as in a plain call. In a task of a bounded pool the wait
// keeps the task's slot, so that retries slow down what feeds the pool.
func Retry[T any](p RetryPolicy, fn func(context.Context) (T, error)) func(context.Context) (T, error) {
	mustFunc("Retry", fn == nil)
	p = p.withDefaults()
	return func(ctx context.Context) (v T, err error) {
		mustContext("a function made by Retry", ctx)
		if ctx.Err() != nil {
			return v, canceled(context.Cause(ctx))
		}
		r := retrying{RetryPolicy: &p, start: time.Now()}
		for {
			v, err = fn(ctx)
			if err == nil {
				p.Budget.earn()
				return v, nil
			}
			if err = r.failed(ctx, err); err != nil {
				var zero T
				return zero, err
			}
		}
	}
}

const (
	defaultAttempts = 3
	defaultBase     = 100 * time.Millisecond
	defaultMax      = 10 * time.Second
)

func (p RetryPolicy) withDefaults() RetryPolicy {
	switch {
	case p.Attempts < 0:
		panic("future: Retry needs Attempts of 1 or more, or 0 for three of them; to go on for long, set Elapsed")
	case p.Elapsed < 0:
		panic("future: Retry needs an Elapsed above 0, or 0 to leave it to Attempts")
	case p.Base < 0:
		panic("future: Retry needs a Base above 0, or 0 for 100 ms")
	case p.Max < 0:
		panic("future: Retry needs a Max above 0, or 0 for 10 s")
	case p.Max > 0 && p.Max < p.Base:
		panic("future: Retry needs a Max that is not below Base: pass a longer Max or a shorter Base")
	}
	if p.Attempts == 0 && p.Elapsed == 0 {
		p.Attempts = defaultAttempts
	}
	if p.Base == 0 {
		p.Base = defaultBase
		if p.Max > 0 {
			p.Base = min(p.Base, p.Max)
		}
	}
	if p.Max == 0 {
		p.Max = max(defaultMax, p.Base)
	}
	if p.Jitter == nil {
		p.Jitter = fullJitter
	}
	return p
}

// retrying is one call of a function made by Retry.
type retrying struct {
	*RetryPolicy
	start    time.Time
	attempts int     // that have failed
	errs     []error // of them, see RetryError
}

// failed takes note of a failure. It returns nil when it is time for the next
// attempt, else the error to end with.
func (r *retrying) failed(ctx context.Context, err error) error {
	err = Outcome(ctx, err)
	if isCanceled(err) {
		return err
	}
	r.attempts++
	r.note(err)
	switch {
	case ctx.Err() != nil: // but err is no echo of it
		return r.giveUp(nil)
	case isPermanent(err), r.RetryIf != nil && !r.RetryIf(err):
		return r.giveUp(nil)
	case r.Attempts > 0 && r.attempts >= r.Attempts:
		return r.giveUp(nil)
	}
	delay := r.delay(r.attempts, err)
	if r.Elapsed > 0 && delay > r.Elapsed-time.Since(r.start) {
		return r.giveUp(errElapsed)
	}
	if deadline, ok := ctx.Deadline(); ok && delay >= time.Until(deadline) {
		return r.giveUp(errTooLate)
	}
	// Last, since what is spent is spent.
	if r.Budget != nil && !r.Budget.spend() {
		return r.giveUp(ErrBudget)
	}
	return sleep(ctx, delay)
}

func (r *retrying) giveUp(why error) error {
	return &RetryError{Attempts: r.attempts, Elapsed: time.Since(r.start), Errs: r.errs, why: why}
}

// sleep returns nil after d, or how ctx ended.
func sleep(ctx context.Context, d time.Duration) error {
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil { // both at once too: no attempt starts after the end
		return canceled(context.Cause(ctx))
	}
	return nil
}

// Why a call gave up although it had attempts left.
var (
	errElapsed = errors.New("future: no time is left for another attempt")
	errTooLate = error(lateError{})
)

type lateError struct{}

func (lateError) Error() string {
	return "future: the deadline of the context comes before the next attempt"
}
func (lateError) Is(target error) bool { return target == context.DeadlineExceeded }
