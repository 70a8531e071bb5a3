package future

import (
	"context"
	"time"

	"github.com/thence-go/thence/internal/task"
)

// HedgePolicy says when Hedge starts another attempt beside those that run. Its
// zero value is ready: two attempts, the second after the live 95th percentile.
// It is a plain value that is copied, reused and shared freely; of its fields
// only Budget has state.
type HedgePolicy struct {
	// Delay is how long an attempt may take before the next one starts. With a
	// Percentile it serves until enough calls are known. 0 means the live
	// percentile, and no further attempt until it is known.
	Delay time.Duration

	// Percentile, between 0 and 1, makes the delay the live percentile of how
	// long first attempts took: of the latest 500 to 1000 of them, from the
	// first 100 on. 0 means 0.95 if there is no Delay either.
	Percentile float64

	// Max is how many attempts there are at most, the first included. 0 means 2.
	Max int

	// Budget, if there is one, must have a token for each attempt but the first.
	Budget *Budget
}

// Hedge returns a function that calls fn and, when it is slow, calls it again
// beside that; the first success wins. It is for calls that may be made twice
// and whose latency has a long tail ("The Tail at Scale", Dean and Barroso,
// 2013). It can be called any number of times, by any number of goroutines, and
// goes wherever a function goes. The live percentile is that of all its calls:
// make one for each kind of call, and keep it.
//
// When an attempt fails the next one starts at once. When all have failed, or
// one with Permanent, the call fails with a *JoinError whose Index counts
// attempts, from 0, and whose text does from 1; if the Budget was what kept
// another from starting, ErrBudget is its last. A panic and runtime.Goexit are failures of their attempt.
//
// Attempts run on goroutines of their own, each with a ctx of its own that has
// the values of the caller's, and ends when fn returns, when the caller's ctx
// does, or when the call is over: then with ErrNotNeeded as its cause. The call
// does not wait for the losers: an attempt that ignores its ctx runs on, and
// its goroutine ends when fn returns.
//
// On cancel of ctx the attempts are canceled, and the call returns a
// *CanceledError with the cause at once. In a task of a bounded pool the call
// gives the task's slot back while it waits.
func Hedge[T any](p HedgePolicy, fn func(context.Context) (T, error)) func(context.Context) (T, error) {
	mustFunc("Hedge", fn == nil)
	p, live := p.withDefaults()
	return func(ctx context.Context) (T, error) {
		mustContext("a function made by Hedge", ctx)
		if ctx.Err() != nil {
			var zero T
			return zero, canceled(context.Cause(ctx))
		}
		h := &hedging[T]{
			HedgePolicy: p, live: live, fn: fn, ctx: ctx,
			attempts: make([]*attempt[T], 0, p.Max),
			ended:    make(chan *attempt[T], p.Max), // so that a loser never blocks
		}
		return h.run()
	}
}

const defaultPercentile = 0.95

func (p HedgePolicy) withDefaults() (HedgePolicy, *latencies) {
	switch {
	case p.Delay < 0:
		panic("future: Hedge needs a Delay above 0, or 0 for the live percentile")
	case p.Max < 0:
		panic("future: Hedge needs a Max of 1 or more, or 0 for two attempts")
	case !(p.Percentile >= 0 && p.Percentile < 1): // NaN too
		panic("future: Hedge needs a Percentile between 0 and 1, such as 0.95, or 0 for the Delay")
	}
	if p.Max == 0 {
		p.Max = 2
	}
	if p.Delay == 0 && p.Percentile == 0 {
		p.Percentile = defaultPercentile
	}
	if p.Percentile == 0 || p.Max == 1 {
		return p, nil
	}
	return p, &latencies{quantile: p.Percentile}
}

// hedging is one call of a function made by Hedge. All but ended belongs to the
// goroutine of the caller.
type hedging[T any] struct {
	HedgePolicy
	live  *latencies
	fn    func(context.Context) (T, error)
	ctx   context.Context
	ended chan *attempt[T] // each attempt, when it has ended

	attempts []*attempt[T] // in the order in which they were started
	running  int
	delay    time.Duration
	timer    *time.Timer // nil if no time is known after which to start another
	start    time.Time   // of the first attempt, if the live percentile wants it
	late     bool        // the timer has fired
	refused  bool        // the budget keeps the next attempt from starting
}

type attempt[T any] struct {
	ctx   task.Ctx
	over  bool // value and err are there; the caller's own note of it
	value T
	err   error
}

func (h *hedging[T]) run() (T, error) {
	h.plan()
	h.launch()
	defer task.Parked(h.ctx)()
	if h.timer != nil {
		defer h.timer.Stop()
	}
	defer h.cancelRest() // before the slot is waited for
	for {
		select {
		case a := <-h.ended:
			if v, err, done := h.take(a); done {
				return v, err
			}
		case <-h.due():
			h.late = true
			h.more()
		case <-h.ctx.Done():
			return h.interrupted()
		}
	}
}

// plan finds out after which time a further attempt would start.
func (h *hedging[T]) plan() {
	h.delay = h.Delay
	if h.live != nil {
		h.start = time.Now()
		if d, ok := h.live.current(); ok {
			h.delay = d
		}
	}
	if h.delay > 0 && h.Max > 1 {
		h.timer = time.NewTimer(h.delay)
	}
}

func (h *hedging[T]) due() <-chan time.Time {
	if h.timer == nil {
		return nil
	}
	return h.timer.C
}

func (h *hedging[T]) launch() {
	a := new(attempt[T])
	a.ctx.Init(task.Owned(h.ctx), nil)
	h.attempts = append(h.attempts, a)
	h.running++
	go a.main(h.fn, h.ended)
}

// more starts another attempt if there may be one, and sets the timer for the
// one after it.
func (h *hedging[T]) more() bool {
	if len(h.attempts) == h.Max || h.ctx.Err() != nil {
		return false
	}
	if h.refused = h.Budget != nil && !h.Budget.spend(); h.refused {
		return false
	}
	h.launch()
	if h.timer != nil && len(h.attempts) < h.Max {
		h.timer.Reset(h.delay)
	}
	return true
}

// take takes note of an attempt that has ended, and says whether the call has.
func (h *hedging[T]) take(a *attempt[T]) (v T, err error, done bool) {
	a.over = true
	h.running--
	switch {
	case a.err == nil:
		h.learn(a)
		h.Budget.earn()
		return a.value, nil, true
	case isPermanent(a.err):
		return v, &JoinError{Errs: h.failures(), attempts: true}, true
	case h.more() || h.running > 0:
		return v, nil, false
	case isCanceled(a.err): // with the caller's ctx: nothing else cancels it by now
		h.learn(nil)
		return v, a.err, true
	}
	errs := h.failures()
	if h.refused {
		errs = append(errs, IndexedError{len(h.attempts), ErrBudget})
	}
	return v, &JoinError{Errs: errs, attempts: true}, true
}

// failures are what the attempts have come to that have ended, and so nothing of
// those that are canceled only because the call is over.
func (h *hedging[T]) failures() []IndexedError {
	var errs []IndexedError
	for i, a := range h.attempts {
		if a.over {
			errs = append(errs, IndexedError{i, a.err})
		}
	}
	return errs
}

// learn notes how long the first attempt took, given the one that has won or
// nil. A first attempt that is given up after its time counts with what it had
// taken by then: it was slower than the percentile, which is all that matters.
// One that has failed says nothing about how long a success takes.
func (h *hedging[T]) learn(winner *attempt[T]) {
	first := h.attempts[0]
	givenUp := !first.over || isCanceled(first.err)
	if h.live != nil && (winner == first || h.late && givenUp) {
		h.live.add(time.Since(h.start))
	}
}

// interrupted ends the call because the caller's ctx has ended. What came of
// the attempts by then is not lost.
func (h *hedging[T]) interrupted() (v T, err error) {
	for {
		select {
		case a := <-h.ended:
			if v, err, done := h.take(a); done {
				return v, err
			}
		default:
			h.learn(nil)
			return v, canceled(context.Cause(h.ctx))
		}
	}
}

func (h *hedging[T]) cancelRest() {
	for _, a := range h.attempts {
		if !a.over {
			a.ctx.Cancel(ErrNotNeeded)
		}
	}
}

// main ends in its deferred function: after a panic the goroutine may still be
// exiting.
func (a *attempt[T]) main(fn func(context.Context) (T, error), ended chan<- *attempt[T]) {
	returned := false
	defer func() {
		if !returned {
			var zero T
			a.value, a.err = zero, Recovered(recover())
		}
		a.ctx.Release()
		ended <- a
	}()
	v, err := fn(&a.ctx)
	a.value, a.err = v, Outcome(&a.ctx, err)
	returned = true
}
