package pipeline_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
)

// bookOf is what a stage has counted, as "name in>out", and what else is not 0.
func bookOf(s pipeline.StageStats) string {
	line := fmt.Sprintf("%s %d>%d", s.Name, s.In, s.Out)
	for i, n := range []int64{s.Failed, s.Skipped, s.Retried, s.Dropped, s.Queued} {
		if n != 0 {
			line += fmt.Sprintf(" %s %d", [...]string{"failed", "skipped", "retried", "dropped", "queued"}[i], n)
		}
	}
	return line
}

func booksOf(all []pipeline.StageStats) []string {
	var lines []string
	for _, s := range all {
		lines = append(lines, bookOf(s))
	}
	return lines
}

type flow = pipeline.Flow[int]

type seq2 = iter.Seq2[int, error]

func from(n int) flow { return pipeline.FromSlice(upTo(n)) }

// lengths turns a flow of slices into one of their lengths.
func lengths(f pipeline.Flow[[]int]) flow {
	return pipeline.Map(f, func(s []int) int { return len(s) }, pipeline.Name("len"))
}

func twoOf(i int) iter.Seq[int] { return slices.Values([]int{i, i}) }

func twoButOne(_ context.Context, i int) seq2 {
	return func(yield func(int, error) bool) {
		_ = yield(i, nil) && (i != 0 || yield(0, pipeline.ErrSkip)) && yield(i, nil)
	}
}

func skipEven(_ context.Context, i int) (int, error) {
	if isEven(i) {
		return 0, pipeline.ErrSkip
	}
	return i, nil
}

func stepped(name string) pipeline.Stage[int, int] {
	return func(f flow) flow { return pipeline.Map(f, increment, pipeline.Name(name)) }
}

func apart(name string, opts ...pipeline.Option) pipeline.Stage[int, int] {
	return func(f flow) flow { return pipeline.Then(f, double, append(opts, pipeline.Name(name))...) }
}

// instant is a limiter that lets all through.
type instant struct{}

func (instant) Wait(context.Context) error { return nil }

// tables has, for each step that there is, flows of it and what they count. The
// last line is that of Start.
var tables = map[string][]struct {
	of    func() flow
	books string
}{
	"From":     {{func() flow { return pipeline.From(slices.Values(upTo(5))) }, "source 0>5|start#1 5>0"}},
	"FromSeq2": {{func() flow { return pipeline.FromSeq2(twoButOne(nil, 1)) }, "source 0>2|start#1 2>0"}},
	"FromSlice": {
		{func() flow { return from(100) }, "source 0>100|start#1 100>0"},
		{func() flow { return from(0) }, "source 0>0|start#1 0>0"},
	},
	"FromChan": {{func() flow {
		c := make(chan int, 2)
		c <- 1
		c <- 2
		close(c)
		return pipeline.FromChan(c)
	}, "source 0>2|start#1 2>0"}},
	"FromReader": {{func() flow {
		return pipeline.Then(pipeline.FromReader(strings.NewReader("a\nb\n"), 9), func(context.Context, string) (int, error) { return 1, nil })
	}, "source 0>2|then#1 2>2|start#2 2>0"}},
	"Generate": {{func() flow { return endless().Take(3) }, "source 0>3|take#1 3>3|start#2 3>0"}},
	"Tick": {{func() flow {
		slow := func(context.Context, time.Time) (int, error) { time.Sleep(10 * time.Second); return 1, nil }
		return pipeline.Then(pipeline.Tick(4*time.Second), slow).Take(3)
	}, "source 0>3 dropped 4 queued 1|then#1 3>3|take#2 3>3|start#3 3>0"}},
	"Subscribe": {{func() flow {
		t := pipeline.NewTopic[int]()
		f := t.Subscribe(9, pipeline.DropOldest)
		for i := range 5 {
			_ = t.Publish(context.Background(), i)
		}
		t.Close()
		return f
	}, "source 0>5|start#1 5>0"}},
	"Map": {
		{func() flow { return pipeline.Map(from(100), increment) }, "source 0>100|map#1 100>100|start#2 100>0"},
		{func() flow { return pipeline.Map(from(100), increment, pipeline.Workers(3)) }, "source 0>100|map#1 100>100|start#2 100>0"},
	},
	"Filter": {
		{func() flow { return from(100).Filter(isEven) }, "source 0>100|filter#1 100>50|start#2 50>0"},
		{func() flow { return from(100).Filter(isEven, pipeline.Workers(3)) }, "source 0>100|filter#1 100>50|start#2 50>0"},
	},
	"Tap":  {{func() flow { return from(100).Tap(func(int) {}) }, "source 0>100|tap#1 100>100|start#2 100>0"}},
	"Scan": {{func() flow { return pipeline.Scan(from(100), 0, func(a, b int) int { return a + b }) }, "source 0>100|scan#1 100>100|start#2 100>0"}},
	"Then": {
		{func() flow { return pipeline.Then(from(100), skipEven) }, "source 0>100|then#1 100>50 skipped 50|start#2 50>0"},
		{func() flow { return pipeline.Then(from(100), skipEven, pipeline.Workers(3)) }, "source 0>100|then#1 100>50 skipped 50|start#2 50>0"},
		{func() flow {
			return pipeline.Map(pipeline.Then(from(100), skipEven, pipeline.Workers(3), pipeline.Unordered()), increment)
		}, "source 0>100|then#1 100>50 skipped 50|map#2 50>50|start#3 50>0"},
		{func() flow { return pipeline.Then(from(10), double, pipeline.On(newExecutor(2)), pipeline.Workers(4)) }, "source 0>10|then#1 10>10|start#2 10>0"},
		{func() flow {
			fails := func(_ context.Context, i int) (int, error) {
				if i < 3 {
					return 0, errBoom
				}
				return i, nil
			}
			bury := func(context.Context, pipeline.Letter[int]) error { return nil }
			return pipeline.Then(from(10), pipeline.DeadLetter(bury, pipeline.Retry(future.RetryPolicy{Attempts: 4}, fails)))
		}, "source 0>10|then#1 10>7 failed 3 retried 9|start#2 7>0"},
	},
	"MapAsync": {{func() flow {
		return pipeline.MapAsync(from(100), func(_ context.Context, i int) *future.Future[int] { return future.Resolved(i) })
	}, "source 0>100|mapasync#1 100>100|start#2 100>0"}},
	"Throttle": {{func() flow { return from(100).Throttle(instant{}) }, "source 0>100|throttle#1 100>100|start#2 100>0"}},
	"FlatMap": {
		{func() flow { return pipeline.FlatMap(from(100), twoOf) }, "source 0>100|flatmap#1 100>200|start#2 200>0"},
		{func() flow { return pipeline.FlatMap(from(100), twoOf, pipeline.Workers(3)) }, "source 0>100|flatmap#1 100>200|start#2 200>0"},
	},
	"Expand": {
		{func() flow { return pipeline.Expand(from(100), twoButOne) }, "source 0>100|expand#1 100>200 skipped 1|start#2 200>0"},
		{func() flow { return pipeline.Expand(from(100), twoButOne, pipeline.Workers(3)) }, "source 0>100|expand#1 100>200 skipped 1|start#2 200>0"},
		{func() flow {
			return pipeline.Map(pipeline.Expand(from(100), twoButOne, pipeline.Workers(3)), increment)
		}, "source 0>100|expand#1 100>200 skipped 1|map#2 200>200|start#3 200>0"},
		{func() flow {
			return pipeline.Expand(from(100), twoButOne, pipeline.Workers(3), pipeline.Unordered())
		}, "source 0>100|expand#1 100>200 skipped 1|start#2 200>0"},
	},
	"Partition": {
		{func() flow { return pipeline.Partition(from(100), modulo(7), skipEven) }, "source 0>100|partition#1 100>50 skipped 50|start#2 50>0"},
		{func() flow { return pipeline.Partition(from(100), modulo(7), skipEven, pipeline.Workers(3)) }, "source 0>100|partition#1 100>50 skipped 50|start#2 50>0"},
		{func() flow {
			return pipeline.Map(pipeline.Partition(from(100), modulo(7), skipEven, pipeline.Workers(3), pipeline.Unordered()), increment)
		}, "source 0>100|partition#1 100>50 skipped 50|map#2 50>50|start#3 50>0"},
		{func() flow {
			return pipeline.Partition(from(100).Buffer(5, pipeline.Block), modulo(7), double, pipeline.On(newExecutor(2)), pipeline.Workers(4))
		}, "source 0>100|buffer#1 100>100|partition#2 100>100|start#3 100>0"},
	},
	"Batch": {
		{func() flow { return lengths(pipeline.Batch(from(100), 30, 0)) }, "source 0>100|batch#1 100>4|len 4>4|start#3 4>0"},
		{func() flow { return lengths(pipeline.Batch(from(100), 30, time.Hour)) }, "source 0>100|batch#1 100>4|len 4>4|start#3 4>0"},
	},
	"BatchWeight": {{func() flow {
		return lengths(pipeline.BatchWeight(from(100), 30, func(int) int64 { return 10 }, 0))
	}, "source 0>100|batchweight#1 100>34|len 34>34|start#3 34>0"}},
	"Window": {{func() flow { return lengths(pipeline.Window(from(100), 10, 20)) }, "source 0>100|window#1 100>5|len 5>5|start#3 5>0"}},
	"Take": {
		{func() flow { return from(100).Take(10) }, "source 0>10|take#1 10>10|start#2 10>0"},
		{func() flow { return from(100).Take(0) }, "source 0>0|take#1 0>0|start#2 0>0"},
	},
	"TakeWhile": {{func() flow { return from(100).TakeWhile(func(i int) bool { return i < 9 }) }, "source 0>10|takewhile#1 10>9|start#2 9>0"}},
	"Skip":      {{func() flow { return from(100).Skip(90) }, "source 0>100|skip#1 100>10|start#2 10>0"}},
	"Distinct":  {{func() flow { return pipeline.Distinct(from(100), modulo(10), 10) }, "source 0>100|distinct#1 100>10|start#2 10>0"}},
	"Debounce":  {{func() flow { return from(100).Debounce(time.Hour) }, "source 0>100|debounce#1 100>1|start#2 1>0"}},
	"Buffer": {
		{func() flow { return from(100).Buffer(5, pipeline.Block) }, "source 0>100|buffer#1 100>100|start#2 100>0"},
		{func() flow { return pipeline.Map(from(100).Buffer(5, pipeline.Block), increment) }, "source 0>100|buffer#1 100>100|map#2 100>100|start#3 100>0"},
		{func() flow {
			return pipeline.Then(from(100), double, pipeline.Workers(3)).Buffer(5, pipeline.Block).Tap(func(int) {})
		}, "source 0>100|then#1 100>100|buffer#2 100>100|tap#3 100>100|start#4 100>0"},
		{func() flow {
			return pipeline.Then(everySecond(10).Buffer(1, pipeline.DropOldest), takes(3500*time.Millisecond))
		}, "source 0>10|buffer#1 10>4 dropped 6|then#2 4>4|start#3 4>0"},
		{func() flow {
			return pipeline.Then(everySecond(10).Buffer(1, pipeline.DropNewest), takes(3500*time.Millisecond))
		}, "source 0>10|buffer#1 10>4 dropped 6|then#2 4>4|start#3 4>0"},
	},
	"Conflate": {{func() flow {
		return pipeline.Then(everySecond(10).Conflate(func(a, b int) int { return a + b }), takes(3500*time.Millisecond))
	}, "source 0>10|conflate#1 10>4 dropped 6|then#2 4>4|start#3 4>0"}},
	"Merge": {
		{func() flow { return pipeline.Merge(from(10), from(20)) }, "source 0>10|source (2) 0>20|merge#1 30>30|start#2 30>0"},
		{func() flow {
			return pipeline.Map(pipeline.Merge(pipeline.Map(from(10), increment), pipeline.Then(from(20), double, pipeline.Workers(2))), increment)
		}, "source 0>10|map#1 10>10|source (2) 0>20|then#1 20>20|merge#2 30>30|map#3 30>30|start#4 30>0"},
	},
	"Concat": {{func() flow { return pipeline.Concat(from(10), from(20)) }, "source 0>10|source (2) 0>20|concat#1 30>30|start#2 30>0"}},
	"Zip": {{func() flow {
		return pipeline.Zip(from(10), from(10), func(a, b int) int { return a + b })
	}, "source 0>10|source (2) 0>10|zip#1 20>10|start#2 10>0"}},
	"Split": {
		{func() flow { return pipeline.Split(from(100), isEven, stepped("a"), stepped("a")) },
			"source 0>100|split#1 100>100|split#1.yes/a 50>50|split#1.no/a 50>50|split#1 joined 100>100|start#4 100>0"},
		{func() flow {
			id := func(f flow) flow { return f }
			return pipeline.Map(pipeline.Split(from(100), func(i int) bool { return i < 9 }, id, stepped("a")), increment)
		}, "source 0>100|split#1 100>100|split#1.no/a 91>91|split#1 joined 100>100|map#4 100>100|start#5 100>0"},
		{func() flow {
			inner := func(f flow) flow {
				return pipeline.Split(f, func(i int) bool { return i < 10 }, stepped("a"), apart("a"))
			}
			return pipeline.Split(from(100), isEven, inner, inner)
		}, "source 0>100|split#1 100>100|" +
			"split#1.yes/split#2 50>50|split#1.yes/split#2.yes/a 5>5|split#1.yes/split#2.no/a 45>45|split#1.yes/split#2 joined 50>50|" +
			"split#1.no/split#2 50>50|split#1.no/split#2.yes/a 5>5|split#1.no/split#2.no/a 45>45|split#1.no/split#2 joined 50>50|" +
			"split#1 joined 100>100|start#6 100>0"},
	},
	"Broadcast": {{func() flow {
		return pipeline.Map(pipeline.Broadcast(from(100), stepped("a"), apart("a"), apart("a", pipeline.Workers(3))), increment)
	}, "source 0>100|broadcast#1 100>300|broadcast#1.0/a 100>100|broadcast#1.1/a 100>100|broadcast#1.2/a 100>100|broadcast#1 joined 300>300|map#4 300>300|start#5 300>0"}},
	"GroupBy": {
		{func() flow { return keyed(200, stepped("a")) },
			"source 0>1000|groupby#1 1000>1000|groupby#1 joined 1000>1000|groupby#1/a 1000>1000|start#2 1000>0"},
		{func() flow { return keyed(200, apart("a", pipeline.Workers(2))) },
			"source 0>1000|groupby#1 1000>1000|groupby#1 joined 1000>1000|groupby#1/a 1000>1000|start#2 1000>0"},
		{func() flow {
			return keyed(100, func(f flow) flow { return stepped("b")(apart("a")(f.Take(1)).Buffer(1, pipeline.Block)) })
		}, "source 0>1000|groupby#1 1000>1000|groupby#1 joined 1000>1000|groupby#1/take#2 1000>1000|groupby#1/a 1000>1000|groupby#1/buffer#4 1000>1000|groupby#1/b 1000>1000|start#2 1000>0"},
		{func() flow {
			return keyed(100, func(f flow) flow { return apart("a")(f).Buffer(1, pipeline.Block) })
		}, "source 0>1000|groupby#1 1000>1000|groupby#1 joined 1000>1000|groupby#1/a 1000>1000|groupby#1/buffer#3 1000>1000|start#2 1000>0"},
		{func() flow {
			return keyed(100, func(f flow) flow { return lengths(pipeline.Batch(f, 4, 0)) })
		}, "source 0>1000|groupby#1 1000>1000|groupby#1 joined 300>300|groupby#1/batch#2 1000>300|groupby#1/len 300>300|start#2 300>0"},
		{func() flow {
			return keyed(100, func(f flow) flow { return pipeline.Split(f, isEven, stepped("a"), stepped("a")) })
		}, "source 0>1000|groupby#1 1000>1000|groupby#1 joined 1000>1000|groupby#1/split#2 1000>1000|groupby#1/split#2.yes/a 500>500|groupby#1/split#2.no/a 500>500|groupby#1/split#2 joined 1000>1000|start#2 1000>0"},
	},
	"a step behind workers, and behind a Buffer": {
		{func() flow {
			return pipeline.Split(apart("w", pipeline.Workers(3))(from(100)), isEven, stepped("a"), stepped("b"))
		},
			"source 0>100|w 100>100|split#2 100>100|split#2.yes/a 100>100|split#2.no/b 0>0|split#2 joined 100>100|start#5 100>0"},
		{func() flow {
			return pipeline.Broadcast(from(100).Buffer(3, pipeline.Block), stepped("a"), stepped("b"))
		},
			"source 0>100|buffer#1 100>100|broadcast#2 100>200|broadcast#2.0/a 100>100|broadcast#2.1/b 100>100|broadcast#2 joined 200>200|start#5 200>0"},
		{func() flow {
			return pipeline.GroupBy(from(100).Buffer(3, pipeline.Block), modulo(9), func(_ int, f flow) flow { return stepped("a")(f) })
		}, "source 0>100|buffer#1 100>100|groupby#2 100>100|groupby#2 joined 100>100|groupby#2/a 100>100|start#3 100>0"},
		{func() flow {
			return pipeline.GroupBy(apart("w", pipeline.Workers(3))(from(100)), modulo(9), func(_ int, f flow) flow { return stepped("a")(f) })
		}, "source 0>100|w 100>100|groupby#2 100>100|groupby#2 joined 100>100|groupby#2/a 100>100|start#3 100>0"},
		{func() flow { return lengths(pipeline.Batch(from(100).Buffer(3, pipeline.Block), 7, time.Hour)) },
			"source 0>100|buffer#1 100>100|batch#2 100>15|len 15>15|start#4 15>0"},
		{func() flow { return pipeline.Merge(from(10).Buffer(3, pipeline.Block), from(20)).Tap(func(int) {}) },
			"source 0>10|buffer#1 10>10|source (2) 0>20|merge#2 30>30|tap#3 30>30|start#4 30>0"},
		{func() flow { return apart("w", pipeline.Workers(3))(from(100)).InFlight(4).OnUndelivered(func(int) {}) },
			"source 0>100|w 100>100|inflight#2 100>100|undelivered#3 100>100|start#4 100>0"},
	},
	"Via":      {{func() flow { return pipeline.Via(from(10), stepped("a")) }, "source 0>10|a 10>10|start#2 10>0"}},
	"Progress": {{func() flow { return from(100).Progress(time.Hour, func(pipeline.Progress) {}) }, "source 0>100|progress#1 100>100|start#2 100>0"}},
	"InFlight": {{func() flow { return from(100).InFlight(3) }, "source 0>100|inflight#1 100>100|start#2 100>0"}},
	"OnUndelivered": {
		{func() flow { return from(100).OnUndelivered(func(int) {}) }, "source 0>100|undelivered#1 100>100|start#2 100>0"},
		{func() flow {
			return pipeline.Map(pipeline.Map(from(100), increment).OnUndelivered(func(int) {}), increment)
		}, "source 0>100|map#1 100>100|undelivered#2 100>100|map#3 100>100|start#4 100>0"},
		{func() flow {
			return pipeline.Then(from(100), double, pipeline.Workers(3)).OnUndelivered(func(int) {})
		}, "source 0>100|then#1 100>100|undelivered#2 100>100|start#3 100>0"},
	},
}

func everySecond(n int) flow {
	return pipeline.From(func(yield func(int) bool) {
		for i := 0; i < n && yield(i); i++ {
			time.Sleep(time.Second)
		}
	})
}

func keyed(keys int, each pipeline.Stage[int, int]) flow {
	return pipeline.GroupBy(from(1000), modulo(keys), func(_ int, f flow) flow { return each(f) })
}

func TestTheBooksOfEveryStep(t *testing.T) {
	for name, cases := range tables {
		for i, c := range cases {
			t.Run(fmt.Sprint(name, i), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := c.of().Start(t.Context(), ignore[int])
					require.NoError(t, r.Wait())
					require.Equal(t, strings.Split(c.books, "|"), booksOf(r.Stats()))
					for _, s := range r.Stats() {
						require.Contains(t, r.Mermaid(), strings.NewReplacer("#", "#35;").Replace(s.Name)+"<br/>")
					}
				})
			})
		}
	}
}

func TestTheBooksOfAHundredFusedSteps(t *testing.T) {
	f := from(100)
	for range 100 {
		f = stepped("a")(f)
	}
	r := f.Start(t.Context(), ignore[int])
	require.NoError(t, r.Wait())
	for _, s := range r.Stats()[1:101] {
		require.Equal(t, []int64{100, 100}, []int64{s.In, s.Out}, s.Name)
	}
}

// A step that is not in the tables is one of which nobody knows what it counts.
func TestTheTablesHaveEveryStep(t *testing.T) {
	var steps []string
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || strings.Contains(name, "go127") {
			continue
		}
		file, err := parser.ParseFile(gotoken.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.IsExported() && makesFlow(f) {
				steps = append(steps, f.Name.Name)
			}
		}
	}
	require.Greater(t, len(steps), 30)
	for _, s := range steps {
		require.NotEmpty(t, tables[s], s)
	}
}

func makesFlow(f *ast.FuncDecl) bool {
	if f.Type.Results == nil {
		return false
	}
	of, ok := f.Type.Results.List[0].Type.(*ast.IndexExpr)
	return ok && fmt.Sprint(of.X) == "Flow"
}
