package conformance

import (
	"context"

	samber "github.com/samber/mo"

	"github.com/thence-go/thence/future/futuretest"
)

type moFuture struct{ f *samber.Future[int] }

func (f moFuture) Await(context.Context) (int, error) { return f.f.Collect() }

func mo() Subject {
	return Subject{
		Module: "github.com/samber/mo",
		Adapter: futuretest.Adapter{
			Name: "samber/mo",
			Go: func(ctx context.Context, fn launch) future {
				return moFuture{samber.NewFuture(func(resolve func(int), reject func(error)) {
					v, err := fn(ctx)
					if err != nil {
						reject(err)
						return
					}
					resolve(v)
				})}
			},
			NewPromise: func() futuretest.Promise {
				type settlers struct {
					resolve func(int)
					reject  func(error)
				}
				made := make(chan settlers, 1)
				f := samber.NewFuture(func(resolve func(int), reject func(error)) { made <- settlers{resolve, reject} })
				s := <-made
				return futuretest.Promise{
					Future:  moFuture{f},
					Resolve: func(v int) bool { s.resolve(v); return false },
					Reject:  func(err error) bool { s.reject(err); return false },
				}
			},
			Then: func(f future, fn next) future {
				return moFuture{f.(moFuture).f.Then(func(v int) (int, error) { return fn(context.Background(), v) })}
			},
			Catch: func(f future, fn rescue) future {
				return moFuture{f.(moFuture).f.Catch(func(err error) (int, error) { return fn(context.Background(), err) })}
			},
			Finally: func(f future, fn func()) future {
				return moFuture{f.(moFuture).f.Finally(func(v int, err error) (int, error) { fn(); return v, err })}
			},
			Cancel:    func(f future, _ error) { f.(moFuture).f.Cancel() },
			Silent:    true,
			NoContext: true,
			NoCause:   true,
		},
		Notes: []string{
			"no ctx anywhere; `NewPromise` keeps the two functions that `NewFuture` gives to its callback",
			"a future has room for one continuation: a second `Then` replaces the first, whose future never settles",
			"`Cancel` forgets the continuations, whose futures never settle, and nothing tells a cancellation",
		},
	}
}
