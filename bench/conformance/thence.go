package conformance

import (
	"context"
	"errors"

	thencefuture "github.com/thence-go/thence/future"
	"github.com/thence-go/thence/future/futuretest"
	"github.com/thence-go/thence/pool"
)

type ours = *thencefuture.Future[int]

func thence() Subject {
	return Subject{Adapter: futuretest.Adapter{
		Name: "thence",
		Go:   func(ctx context.Context, fn launch) future { return thencefuture.Go(ctx, fn) },
		NewPromise: func() futuretest.Promise {
			p := thencefuture.NewPromise[int]()
			return futuretest.Promise{Future: p.Future(), Resolve: p.Resolve, Reject: p.Reject}
		},
		Resolved: func(v int) future { return thencefuture.Resolved(v) },
		Failed:   func(err error) future { return thencefuture.Failed[int](err) },
		Then:     func(f future, fn next) future { return thencefuture.Then(f.(ours), fn) },
		Catch:    func(f future, fn rescue) future { return f.(ours).Catch(fn) },
		Finally:  func(f future, fn func()) future { return f.(ours).Finally(fn) },
		All: func(fs ...future) futuretest.Futures {
			all := make([]ours, len(fs))
			for i, f := range fs {
				all[i] = f.(ours)
			}
			return thencefuture.All(all...)
		},
		Done:           func(f future) <-chan struct{} { return f.(ours).Done() },
		Cancel:         func(f future, cause error) { f.(ours).Cancel(cause) },
		CancelAll:      func(fs futuretest.Futures, cause error) { fs.(*thencefuture.Future[[]int]).Cancel(cause) },
		Canceled:       func(err error) bool { return errors.Is(err, thencefuture.ErrCanceled) },
		StoppedWaiting: func(err error) bool { return errors.Is(err, thencefuture.ErrStoppedWaiting) },
		Panic: func(err error) (any, bool) {
			var p *thencefuture.PanicError
			if !errors.As(err, &p) {
				return nil, false
			}
			return p.Value, true
		},
		Goexit:   func(err error) bool { return errors.Is(err, thencefuture.ErrGoexit) },
		Deadlock: func(err error) bool { return errors.Is(err, thencefuture.ErrDeadlock) },
		Index: func(err error) (int, bool) {
			var j *thencefuture.JoinError
			if !errors.As(err, &j) || len(j.Errs) == 0 {
				return 0, false
			}
			return j.Errs[0].Index, true
		},
	}}
}

func thenceOnPool() Subject {
	s := thence()
	s.Name = "thence on a pool"
	s.Notes = []string{"`GoOn` with a `pool.New(2)`: fewer workers than most rules have work under way"}
	var p *pool.Pool
	s.Setup = func() func() {
		p = pool.New(2)
		return func() { _ = p.Close() }
	}
	s.Go = func(ctx context.Context, fn launch) future { return thencefuture.GoOn(ctx, p, fn) }
	return s
}
