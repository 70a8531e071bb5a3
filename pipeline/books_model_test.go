package pipeline_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pipeline"
)

// A run's drawing has its graph and its figures. What goes out of a step comes in
// behind it, and what comes in goes out or is accounted for.
func TestTheBooksBalance(t *testing.T) {
	for seed := range uint64(many() / 500) {
		f := randomFlow(rand.New(rand.NewPCG(seed, 0)), from(300), 5)
		r := f.Start(t.Context(), ignore[int])
		require.NoError(t, r.Wait())
		drawn := r.Mermaid()
		why := fmt.Sprintf("seed %d\n%s", seed, drawn)
		figures := map[string]pipeline.StageStats{}
		for _, s := range r.Stats() {
			figures[s.Name] = s
			require.Zero(t, s.Queued, "%s: %s", s.Name, why)
			if loses.MatchString(s.Name) {
				require.LessOrEqual(t, s.Out, s.In, "%s: %s", s.Name, why)
			} else if !strings.HasPrefix(s.Name, "source") && !makesMore.MatchString(s.Name) && !strings.HasPrefix(s.Name, "start") {
				require.Equal(t, s.In, s.Out+s.Failed+s.Skipped+s.Dropped, "%s: %s", s.Name, why)
			}
		}
		for _, hop := range hops(drawn) {
			in, out := int64(0), int64(0)
			for _, name := range hop.from {
				out += figures[name].Out
			}
			for _, name := range hop.to {
				in += figures[name].In
			}
			require.Equal(t, out, in, "%v to %v: %s", hop.from, hop.to, why)
		}
	}
}

var (
	loses     = regexp.MustCompile(`(^|/)(filter|skip|distinct)#\d+( \(\d+\))?$`)
	makesMore = regexp.MustCompile(`(^|/)(flatmap|expand|broadcast)#\d+( \(\d+\))?$`)
	nodeLine  = regexp.MustCompile(`\t(n\d+)\["(.*?)(?:<br/>.*)?"\]`)
	edgeLine  = regexp.MustCompile(`\t(n\d+) --> (n\d+)`)
)

// hop is where several steps hand their items to several others.
type hop struct{ from, to []string }

// hops are those of a drawing: those behind a step with several, and those before
// each of the others.
func hops(drawn string) []hop {
	names := map[string]string{}
	for _, m := range nodeLine.FindAllStringSubmatch(drawn, -1) {
		names[m[1]] = strings.ReplaceAll(m[2], "#35;", "#")
	}
	behind, before := map[string][]string{}, map[string][]string{}
	for _, m := range edgeLine.FindAllStringSubmatch(drawn, -1) {
		a, b := names[m[1]], names[m[2]]
		step := a[strings.LastIndex(a, "/")+1:]
		if strings.HasPrefix(step, "groupby") && !strings.Contains(step, " joined") { // branches that look alike have one line
			continue
		}
		behind[a] = append(behind[a], b)
		before[b] = append(before[b], a)
	}
	var all []hop
	for a, bs := range behind {
		if len(bs) > 1 {
			all = append(all, hop{[]string{a}, bs})
		}
	}
	for b, as := range before {
		if len(behind[as[0]]) == 1 {
			all = append(all, hop{as, []string{b}})
		}
	}
	return all
}

func randomFlow(r *rand.Rand, f flow, depth int) flow {
	for range 1 + r.IntN(4) {
		f = randomStep(r, f, depth)
	}
	return f
}

func randomStep(r *rand.Rand, f flow, depth int) flow {
	opts := [][]pipeline.Option{
		nil, {pipeline.Workers(3)}, {pipeline.Workers(2), pipeline.Unordered()}, {pipeline.Workers(3), pipeline.Ahead(2)},
	}[r.IntN(4)]
	branch := func(f flow) flow { return randomFlow(r, f, depth-1) }
	switch n := r.IntN(18); {
	case n == 0:
		return pipeline.Map(f, increment, opts...)
	case n == 1:
		return f.Filter(func(i int) bool { return i%3 != 0 }, opts...)
	case n == 2:
		return pipeline.FlatMap(f, twoOf, opts...)
	case n == 3:
		return pipeline.Expand(f, func(ctx context.Context, i int) seq2 { return twoButOne(ctx, i%5+1) }, opts...)
	case n == 4:
		return pipeline.Then(f, skipEven, opts...)
	case n == 5:
		bury := func(context.Context, pipeline.Letter[int]) error { return nil }
		return pipeline.Then(f, pipeline.DeadLetter(bury, failFives), opts...)
	case n == 6:
		return pipeline.Partition(f, modulo(5), skipEven, opts...)
	case n == 7:
		return f.Buffer(1+r.IntN(9), pipeline.Overflow(r.IntN(3)))
	case n == 8:
		return f.Conflate(func(_, b int) int { return b })
	case n == 9:
		return f.OnUndelivered(func(int) {})
	case n == 10:
		return f.InFlight(1 + r.IntN(40))
	case n == 11:
		return f.Skip(int64(r.IntN(5)))
	case n == 12:
		return pipeline.Distinct(f, func(i int) int { return i }, 3)
	case depth == 0:
		return f.Tap(func(int) {})
	case n == 13:
		return pipeline.Merge(f, randomFlow(r, from(50), depth-1))
	case n == 14:
		return pipeline.Concat(f, randomFlow(r, from(50), depth-1))
	case n == 15:
		return pipeline.Split(f, isEven, branchOf(branch, "y"), branchOf(branch, "n"))
	case n == 16:
		return pipeline.Broadcast(f, branchOf(branch, "a"), branchOf(branch, "b"), branchOf(branch, "c"))
	default:
		var nth atomic.Int64
		return grouping(f, 1+r.IntN(100), func(f flow) flow { return stepped("z" + strconv.Itoa(int(nth.Add(1)%2)))(f) })
	}
}

// branchOf is a stage that has at least a step of its own.
func branchOf(s pipeline.Stage[int, int], name string) pipeline.Stage[int, int] {
	return func(f flow) flow { return s(stepped(name)(f)) }
}

func grouping(f flow, keys int, each pipeline.Stage[int, int]) flow {
	return pipeline.GroupBy(f, func(i int) int { return (i%keys + keys) % keys }, func(_ int, f flow) flow { return each(f) })
}

func failFives(_ context.Context, i int) (int, error) {
	if i%5 == 0 {
		return 0, errBoom
	}
	return i, nil
}
