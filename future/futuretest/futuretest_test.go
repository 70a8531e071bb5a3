package futuretest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/future/futuretest"
	"github.com/thence-go/thence/pool"
)

func TestThenceObeysEveryRule(t *testing.T) {
	quiet(t)
	futuretest.Run(t, thence())
}

func TestThenceObeysEveryRuleOnAPool(t *testing.T) {
	quiet(t)
	futuretest.Run(t, onPool())
}

// quiet keeps the panics that are made on purpose out of the log.
func quiet(t *testing.T) {
	old := future.SetHooks(future.Hooks{Panic: func(*future.PanicError) {}})
	t.Cleanup(func() { future.SetHooks(old) })
}

type futureOfInt = *future.Future[int]

func thence() futuretest.Adapter {
	return futuretest.Adapter{
		Name: "thence",
		Go: func(ctx context.Context, fn func(context.Context) (int, error)) futuretest.Future {
			return future.Go(ctx, fn)
		},
		NewPromise: func() futuretest.Promise {
			p := future.NewPromise[int]()
			return futuretest.Promise{Future: p.Future(), Resolve: p.Resolve, Reject: p.Reject}
		},
		Resolved: func(v int) futuretest.Future { return future.Resolved(v) },
		Failed:   func(err error) futuretest.Future { return future.Failed[int](err) },
		Then: func(f futuretest.Future, fn func(context.Context, int) (int, error)) futuretest.Future {
			return future.Then(f.(futureOfInt), fn)
		},
		Catch: func(f futuretest.Future, fn func(context.Context, error) (int, error)) futuretest.Future {
			return f.(futureOfInt).Catch(fn)
		},
		Finally: func(f futuretest.Future, fn func()) futuretest.Future {
			return f.(futureOfInt).Finally(fn)
		},
		All: func(fs ...futuretest.Future) futuretest.Futures {
			ours := make([]futureOfInt, len(fs))
			for i, f := range fs {
				ours[i] = f.(futureOfInt)
			}
			return future.All(ours...)
		},
		Done:           func(f futuretest.Future) <-chan struct{} { return f.(futureOfInt).Done() },
		Cancel:         func(f futuretest.Future, cause error) { f.(futureOfInt).Cancel(cause) },
		CancelAll:      func(fs futuretest.Futures, cause error) { fs.(*future.Future[[]int]).Cancel(cause) },
		Canceled:       func(err error) bool { return errors.Is(err, future.ErrCanceled) },
		StoppedWaiting: func(err error) bool { return errors.Is(err, future.ErrStoppedWaiting) },
		Panic: func(err error) (any, bool) {
			var p *future.PanicError
			if !errors.As(err, &p) {
				return nil, false
			}
			return p.Value, true
		},
		Goexit:   func(err error) bool { return errors.Is(err, future.ErrGoexit) },
		Deadlock: func(err error) bool { return errors.Is(err, future.ErrDeadlock) },
		Index: func(err error) (int, bool) {
			var j *future.JoinError
			if !errors.As(err, &j) || len(j.Errs) == 0 {
				return 0, false
			}
			return j.Errs[0].Index, true
		},
	}
}

// onPool launches on a pool of two workers, fewer than most rules have work
// under way.
func onPool() futuretest.Adapter {
	a := thence()
	a.Name = "thence on a pool"
	var p *pool.Pool
	a.Setup = func() func() {
		p = pool.New(2)
		return func() { _ = p.Close() }
	}
	a.Go = func(ctx context.Context, fn func(context.Context) (int, error)) futuretest.Future {
		return future.GoOn(ctx, p, fn)
	}
	return a
}
