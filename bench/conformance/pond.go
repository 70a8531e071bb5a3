package conformance

import (
	"context"

	alitto "github.com/alitto/pond/v2"

	"github.com/thence-go/thence/future/futuretest"
)

type pondFuture struct{ alitto.ResultTask[int] }

func (f pondFuture) Await(context.Context) (int, error) { return f.Wait() }

func pond() Subject {
	var p alitto.ResultPool[int]
	return Subject{
		Module: "github.com/alitto/pond/v2",
		Adapter: futuretest.Adapter{
			Name: "alitto/pond",
			Setup: func() func() {
				p = alitto.NewResultPool[int](1000)
				return p.StopAndWait
			},
			Go: func(ctx context.Context, fn launch) future {
				return pondFuture{p.SubmitErr(func() (int, error) { return fn(ctx) })}
			},
			Done:      func(f future) <-chan struct{} { return f.(pondFuture).Done() },
			NoContext: true,
		},
		Notes: []string{"the `ResultTask` of a `NewResultPool(1000)`: no ctx for one task, no chaining, no promise"},
	}
}
