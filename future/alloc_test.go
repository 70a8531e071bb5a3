package future_test

import (
	"context"
	"testing"

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
