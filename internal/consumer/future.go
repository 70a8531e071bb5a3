package consumer

import (
	"context"

	"github.com/thence-go/thence/future"
)

// Every exported generic type of package future, as users name them.
type (
	FutureOf  struct{ F *future.Future[string] }
	PromiseOf struct{ P future.Promise[string] }
	ResultOf  struct{ R future.Result[string] }
	MemoOf    struct{ M *future.Memo[string, int] }
	LoaderOf  struct{ L *future.Loader[string, int] }
	ErrorsOf  struct{ E future.KeyErrors[string] }
)

// An executor of the user's own, and a task of the user's own on it.
type inline struct{}

func (inline) Execute(ctx context.Context, t future.Task) error {
	go func() { _ = t.Run(ctx) }()
	return nil
}

var _ future.Executor = inline{}

// Each type as a parameter of somebody else's generic code.
func resolve[T any](p future.Promise[T], r future.Result[T]) *future.Future[T] {
	p.Settle(r.Get())
	return p.Future()
}

func Chain(ctx context.Context) (string, error) {
	user := future.GoOn(ctx, inline{}, func(context.Context) (int, error) { return 7, nil })
	name := future.Then(user, future.Try(func(n int) (string, error) { return string(rune('a' + n)), nil }))
	return resolve(future.NewPromise[string](), future.Result[string]{Value: "x"}).
		Catch(func(ctx context.Context, _ error) (string, error) { return name.Await(ctx) }).
		Finally(func() {}).
		Await(ctx)
}
