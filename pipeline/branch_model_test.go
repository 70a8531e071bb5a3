package pipeline_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/pipeline"
)

// graph is a random flow and what a naive model makes of it: the items, sorted.
type graph struct {
	name string
	flow pipeline.Flow[int]
	want []int
}

// node is a step of one flow as a stage, and what it makes of items, in any
// order.
type node struct {
	name  string
	stage stage
	model func(in []int) []int
}

func mapModel(fn func(int) int) func([]int) []int {
	return func(in []int) []int {
		out := make([]int, len(in))
		for i, v := range in {
			out[i] = fn(v)
		}
		return out
	}
}

func drawPause(t *rapid.T) func(context.Context, int) (int, error) {
	pause := time.Duration(rapid.SampledFrom([]int{0, 0, 1, 1000}).Draw(t, "pause"))
	return func(ctx context.Context, v int) (int, error) {
		if pause > 0 {
			time.Sleep(pause * time.Duration(v&7))
		}
		return v + 1, nil
	}
}

func drawOptions(t *rapid.T) []pipeline.Option {
	opts := []pipeline.Option{pipeline.Workers(rapid.IntRange(1, 3).Draw(t, "workers"))}
	if rapid.Bool().Draw(t, "unordered") {
		opts = append(opts, pipeline.Unordered())
	}
	if n := rapid.IntRange(0, 4).Draw(t, "ahead"); n > 0 {
		opts = append(opts, pipeline.Ahead(n))
	}
	return opts
}

// drawNode draws a step whose result, as a bag, depends on its items as a bag.
func drawNode(t *rapid.T, depth int) node {
	kinds := []string{"map", "filter", "then", "partition", "batches", "nothing"}
	if depth > 0 {
		kinds = append(kinds, "split", "broadcast", "groupby", "merge", "concat", "chain", "split", "broadcast", "groupby")
	}
	kind := rapid.SampledFrom(kinds).Draw(t, "step")
	m := rapid.IntRange(1, 9).Draw(t, "modulus")
	inc := mapModel(increment)
	switch kind {
	case "map":
		return node{kind, func(in pipeline.Flow[int]) pipeline.Flow[int] { return pipeline.Map(in, increment) }, inc}
	case "filter":
		keep := func(v int) bool { return v%m != 0 }
		return node{kind, func(in pipeline.Flow[int]) pipeline.Flow[int] { return in.Filter(keep) }, func(in []int) []int {
			return slices.DeleteFunc(slices.Clone(in), func(v int) bool { return !keep(v) })
		}}
	case "then":
		fn, opts := drawPause(t), drawOptions(t)
		return node{kind, func(in pipeline.Flow[int]) pipeline.Flow[int] { return pipeline.Then(in, fn, opts...) }, inc}
	case "partition":
		fn, opts := drawPause(t), drawOptions(t)
		return node{kind, func(in pipeline.Flow[int]) pipeline.Flow[int] { return pipeline.Partition(in, modulo(m), fn, opts...) }, inc}
	case "batches": // held back, and flattened again
		return node{kind, func(in pipeline.Flow[int]) pipeline.Flow[int] {
			sizes := pipeline.Map(pipeline.Batch(in, m, 0), func(b []int) int { return len(b) })
			return sizes.Filter(func(n int) bool { return n < m })
		}, func(in []int) []int {
			if n := len(in) % m; n > 0 {
				return []int{n}
			}
			return nil
		}}
	case "split":
		yes, no := drawNode(t, depth-1), drawNode(t, depth-1)
		cond := func(v int) bool { return v%m == 0 }
		return node{fmt.Sprintf("split(%s, %s)", yes.name, no.name), func(in pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Split(in, cond, yes.stage, no.stage)
		}, func(in []int) []int {
			not := func(v int) bool { return !cond(v) }
			return append(yes.model(slices.DeleteFunc(slices.Clone(in), not)), no.model(slices.DeleteFunc(slices.Clone(in), cond))...)
		}}
	case "broadcast":
		a, b, c := drawNode(t, depth-1), drawNode(t, depth-1), drawNode(t, 0)
		return node{fmt.Sprintf("broadcast(%s, %s, %s)", a.name, b.name, c.name), func(in pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.Broadcast(in, a.stage, b.stage, c.stage)
		}, func(in []int) []int { return slices.Concat(a.model(in), b.model(in), c.model(in)) }}
	case "groupby":
		each := drawNode(t, depth-1)
		return node{fmt.Sprintf("groupby(%s)", each.name), func(in pipeline.Flow[int]) pipeline.Flow[int] {
			return pipeline.GroupBy(in, modulo(m), func(_ int, in pipeline.Flow[int]) pipeline.Flow[int] { return each.stage(in) })
		}, func(in []int) (out []int) {
			for k := range m {
				if group := slices.DeleteFunc(slices.Clone(in), func(v int) bool { return v%m != k }); len(group) > 0 {
					out = append(out, each.model(group)...)
				}
			}
			return out
		}}
	case "merge", "concat":
		other := drawGraph(t, depth-1)
		first := rapid.Bool().Draw(t, "first")
		return node{fmt.Sprintf("%s(%s)", kind, other.name), func(in pipeline.Flow[int]) pipeline.Flow[int] {
			fs := []pipeline.Flow[int]{in, other.flow}
			if first {
				slices.Reverse(fs)
			}
			if kind == "merge" {
				return pipeline.Merge(fs...)
			}
			return pipeline.Concat(fs...)
		}, func(in []int) []int { return append(slices.Clone(in), other.want...) }}
	case "chain":
		a, b := drawNode(t, depth-1), drawNode(t, depth-1)
		return node{a.name + "." + b.name, func(in pipeline.Flow[int]) pipeline.Flow[int] { return b.stage(a.stage(in)) },
			func(in []int) []int { return b.model(a.model(in)) }}
	}
	return node{"nothing", identity, slices.Clone[[]int]}
}

func drawGraph(t *rapid.T, depth int) graph {
	n := rapid.SampledFrom([]int{0, 1, 2, 5, 70, 200}).Draw(t, "items")
	g := graph{name: fmt.Sprint(n), flow: pipeline.FromSlice(upTo(n)), want: upTo(n)}
	if rapid.Bool().Draw(t, "one by one") {
		g.flow = pipeline.Generate(func(_ context.Context, yield func(int) bool) error {
			for i := 0; i < n && yield(i); i++ {
			}
			return nil
		})
	}
	if depth <= 0 {
		return g
	}
	if rapid.Bool().Draw(t, "zip") {
		other := drawGraph(t, depth-1)
		count := min(len(g.want), len(other.want))
		g = graph{fmt.Sprintf("zip(%s, %s)", g.name, other.name), pipeline.Zip(g.flow, other.flow, func(a, _ int) int { return a }), upTo(count)}
	}
	s := drawNode(t, depth)
	return graph{g.name + "." + s.name, s.stage(g.flow), s.model(g.want)}
}

// No graph of steps with inputs and branches hangs, whatever its bounds: each
// gives what a naive model gives, and ends early when it is told to.
func TestRandomGraphs(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := drawGraph(rt, 3)
		few := int64(rapid.IntRange(0, 5).Draw(rt, "few"))
		after := time.Duration(rapid.IntRange(0, 100).Draw(rt, "after"))
		synctest.Test(t, func(t *testing.T) {
			got, err := g.flow.Collect(t.Context())
			require.NoError(t, err, g.name)
			slices.Sort(got)
			slices.Sort(g.want)
			require.Equal(t, append([]int{}, g.want...), append([]int{}, got...), g.name)

			n, err := g.flow.Count(t.Context())
			require.NoError(t, err, g.name)
			require.EqualValues(t, len(g.want), n, g.name)

			n, err = g.flow.Take(few).Count(t.Context())
			require.NoError(t, err, g.name)
			require.EqualValues(t, min(few, int64(len(g.want))), n, g.name)

			for range g.flow.All(t.Context()) {
				break
			}
			ctx, cancel := context.WithTimeout(t.Context(), after)
			defer cancel()
			g.flow.Drain(ctx)
		})
	})
}
