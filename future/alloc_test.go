package future_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/race"
)

func TestLaw13_Allocations(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	ctx := context.Background()
	answer := func(context.Context) (int, error) { return 42, nil }
	inc := func(n int) int { return n + 1 }
	settled := future.Resolved(1)
	kept := future.NewMemo(func(_ context.Context, k int) (int, error) { return k, nil }, future.TTL(time.Hour))
	_, _ = kept.Get(ctx, 1000)
	type pair struct{ tenant, user string }
	pairs := future.NewMemo(func(_ context.Context, k pair) (string, error) { return k.user, nil })
	_, _ = pairs.Get(ctx, pair{"gold", "ada"})
	for name, c := range map[string]struct {
		want float64
		run  func()
	}{
		"a promise, settled and awaited": {1, func() {
			p := future.NewPromise[int]()
			p.Resolve(1)
			_, _ = p.Future().Await(ctx)
		}},
		"Await of a settled future": {0, func() { _, _ = settled.Await(ctx) }},
		"Poll":                      {0, func() { settled.Poll() }},
		"Go and Await":              {2, func() { _, _ = future.Go(ctx, answer).Await(ctx) }},
		"FlatMap": {5, func() { // the promise, the link, fn's future, one goroutine, what settles because of it
			p := future.NewPromise[int]()
			f := future.FlatMap(p.Future(), future.Resolved[int])
			p.Resolve(1)
			_, _ = f.Await(ctx)
		}},
		"Memo, a hit of Get": {0, func() { _, _ = kept.Get(ctx, 1000) }},
		"the same, strings":  {0, func() { _, _ = pairs.Get(ctx, pair{"gold", "ada"}) }},
		"Memo, a hit of Go":  {1, func() { kept.Go(ctx, 1000) }},
		"ten links behind a promise": {12, func() { // itself, a link each, one goroutine
			p := future.NewPromise[int]()
			f := p.Future()
			for range 10 {
				f = future.Map(f, inc)
			}
			p.Resolve(1)
			_, _ = f.Await(ctx)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			require.LessOrEqual(t, testing.AllocsPerRun(1000, c.run), c.want)
		})
	}
}
