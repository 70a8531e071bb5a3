package futuretest

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/thence-go/thence/internal/race"
)

// chainLength is how many links the longest chain has. A library may need a
// goroutine for each, of which the race detector takes few.
func chainLength() int {
	if race.Enabled {
		return 5_000
	}
	if testing.Short() {
		return 10_000
	}
	return 100_000
}

func order() []Rule {
	next := func(_ context.Context, v int) (int, error) { return v + 1, nil }
	chain := func(c *check, f Future, n int) Future {
		for range n {
			f = c.Then(f, next)
		}
		return f
	}
	return []Rule{
		{
			ID: "7.1", Title: "A long chain settles, each link with what the one before it gave",
			needs: promises | then,
			run: func(c *check) {
				p := c.promise()
				f := chain(c, p.Future, chainLength())
				go p.Resolve(0)
				c.value(f, chainLength())
			},
		},
		{
			ID: "7.2", Title: "A failure passes a long chain",
			needs: promises | then,
			run: func(c *check) {
				p := c.promise()
				f := chain(c, p.Future, chainLength())
				go p.Reject(errBoom)
				c.failure(f, errBoom)
			},
		},
		{
			ID: "7.3", Title: "The stack does not grow with the chain",
			Why:   "a chain that is long enough would end the process",
			needs: promises | then,
			run: func(c *check) {
				const links, frames = 1000, 100
				p := c.promise()
				depth := 0
				f := c.Then(chain(c, p.Future, links), func(_ context.Context, v int) (int, error) {
					depth = runtime.Callers(0, make([]uintptr, 10*links))
					return v, nil
				})
				go p.Resolve(0)
				c.value(f, links)
				c.want(depth < frames, "the last of %d links runs on a stack of %d frames", links, depth)
			},
		},
		{
			ID: "7.4", Title: "Each of many continuations of one future runs, once",
			needs: promises | then,
			run: func(c *check) {
				p := c.promise()
				const n = 1000
				ran := make([]atomic.Int32, n)
				fs := make([]Future, n)
				for i := range fs {
					fs[i] = c.Then(p.Future, func(_ context.Context, v int) (int, error) { ran[i].Add(1); return v + i, nil })
				}
				go p.Resolve(1)
				for i, f := range fs {
					c.value(f, 1+i)
				}
				c.rest()
				for i := range ran {
					c.want(ran[i].Load() == 1, "continuation %d ran %d times", i, ran[i].Load())
				}
			},
		},
		{
			ID: "7.5", Title: "A continuation that is added while the future settles is not lost",
			needs: promises | then,
			run: func(c *check) {
				for range 10 * racers {
					p := c.promise()
					go p.Resolve(1)
					c.value(c.Then(p.Future, double), 2)
				}
			},
		},
		{
			ID: "7.6", Title: "The values of All are in the order of its inputs, whatever settles first",
			needs: promises | all,
			run: func(c *check) {
				ps, fs := c.many(racers)
				sum := c.All(fs...)
				want := make([]int, racers)
				for i := range racers {
					j := i * 37 % racers // every one, out of order
					want[j] = j
					ps[j].Resolve(j)
					c.rest()
				}
				c.values(sum, want...)
			},
		},
		{
			ID: "7.7", Title: "All misses none of many that settle at once",
			needs: promises | all,
			run: func(c *check) {
				const n = 1000
				ps, fs := c.many(n)
				want := make([]int, n)
				for i, p := range ps {
					want[i] = i
					go p.Resolve(i)
				}
				c.values(c.All(fs...), want...)
			},
		},
		{
			ID: "7.8", Title: "The failure of All says which input failed",
			needs: promises | all | index,
			run: func(c *check) {
				for i := range 3 {
					ps, fs := c.many(3)
					sum := c.All(fs...)
					ps[i].Reject(errBoom)
					_, err := c.outcomes(sum)
					c.isFailure(err, errBoom)
					at, ok := c.Index(err)
					c.want(ok && at == i, "input %d failed, the error %q says %d (%t)", i, err, at, ok)
				}
			},
		},
	}
}

func (c *check) many(n int) ([]Promise, []Future) {
	ps, fs := make([]Promise, n), make([]Future, n)
	for i := range ps {
		ps[i] = c.promise()
		fs[i] = ps[i].Future
	}
	return ps, fs
}
