package pipelinetest_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pipeline"
	"github.com/thence-go/thence/pipeline/pipelinetest"
)

// saboteurs are stages that are wrong in one thing, and the rules that have to
// see it; others may see it as well.
func saboteurs() map[string]struct {
	a    adapter
	sees []string
} {
	type saboteur = struct {
		a    adapter
		sees []string
	}
	return map[string]saboteur{
		"none": {a: one(pump(walk))},
		"leaves a goroutine after a break": {
			a: one(pump(func(ctx context.Context, f flow, yield func(int) bool) error {
				err := walk(ctx, f, yield)
				if ctx.Err() != nil {
					later()
				}
				return err
			})),
			sees: []string{"1.1", "1.2", "1.4"},
		},
		"leaves a goroutine at its end": {
			a: one(pump(func(ctx context.Context, f flow, yield func(int) bool) error {
				defer later()
				return walk(ctx, f, yield)
			})),
			sees: []string{"1.3", "1.5", "4.1"},
		},
		"runs its input without the context": {
			a: one(pump(func(_ context.Context, f flow, yield func(int) bool) error {
				return walk(context.Background(), f, yield)
			})),
			sees: []string{"1.4 hung", "2.2 hung", "2.3 hung", "2.5", "2.6 hung", "3.4 hung"},
		},
		"takes its time to stop": {
			a: one(pump(func(ctx context.Context, f flow, yield func(int) bool) error {
				err := walk(ctx, f, yield)
				if ctx.Err() != nil {
					time.Sleep(2 * 24 * time.Hour)
				}
				return err
			})),
			sees: []string{"1.1 hung", "2.4 hung", "6.1 hung"},
		},
		"runs its input when it is built": {
			a: one(func(f flow) flow {
				items, _ := f.Collect(context.Background())
				return pipeline.FromSlice(items)
			}),
			sees: []string{"2.1", "2.2 hung", "6.1 hung"},
		},
		"has causes of its own": {
			a: one(pump(func(outer context.Context, f flow, yield func(int) bool) error {
				ctx, cancel := context.WithCancel(context.WithoutCancel(outer))
				defer context.AfterFunc(outer, cancel)()
				return walk(ctx, f, yield)
			})),
			sees: []string{"2.6"},
		},
		"keeps errors to itself": {
			a: one(pump(func(ctx context.Context, f flow, yield func(int) bool) error {
				_ = walk(ctx, f, yield)
				return nil
			})),
			sees: []string{"3.1", "3.2", "3.3"},
		},
		"recovers from everything": {
			a: one(func(f flow) flow {
				return pipeline.From(func(yield func(int) bool) {
					defer func() { recover() }()
					for v, err := range f.All(context.Background()) {
						if err != nil || !yield(v) {
							return
						}
					}
				})
			}),
			sees: []string{"3.2", "3.5"},
		},
		"makes an item up at the end": {
			a: one(pump(func(ctx context.Context, f flow, yield func(int) bool) error {
				err := walk(ctx, f, yield)
				yield(1 << 20)
				return err
			})),
			sees: []string{"4.1", "4.3"},
		},
		"holds the last item back": {
			a: one(pump(func(ctx context.Context, f flow, yield func(int) bool) error {
				held := -1
				return walk(ctx, f, func(i int) bool {
					ok := held < 0 || yield(held)
					held = i
					return ok
				})
			})),
			sees: []string{"4.2"},
		},
		"gives an item twice":  {a: one(func(f flow) flow { return pipeline.FlatMap(f, twice) }), sees: []string{"4.4"}},
		"loses the order":      {a: one(then(pipeline.Workers(4), pipeline.Unordered())), sees: []string{"4.5"}},
		"drops without saying": {a: one(func(f flow) flow { return f.Filter(func(i int) bool { return i != 50 }) }), sees: []string{"4.2"}},
		"counts across its runs": {
			a: func() adapter {
				var runs atomic.Int64
				return one(pump(func(ctx context.Context, f flow, yield func(int) bool) error {
					n := int(runs.Add(1) % 90)
					return walk(ctx, f, func(i int) bool { return i == n || yield(i) })
				}))
			}(),
			sees: []string{"5.1", "5.2", "5.3", "5.4"},
		},
		"allows for one run at a time": {
			a: func() adapter {
				var running atomic.Bool
				return one(pump(func(ctx context.Context, f flow, yield func(int) bool) error {
					if !running.CompareAndSwap(false, true) {
						return nil
					}
					defer running.Store(false)
					return walk(ctx, f, yield)
				}))
			}(),
			sees: []string{"5.3 hung"},
		},
		"gives up once it has failed": {
			a: one(func(f flow) flow {
				var broken atomic.Bool
				return pump(func(ctx context.Context, f flow, yield func(int) bool) error {
					if broken.Load() {
						return nil
					}
					err := walk(ctx, f, yield)
					broken.Store(err != nil)
					return err
				})(f)
			}),
			sees: []string{"5.4"},
		},
		"remembers the clock of another bubble": {
			a: func() adapter {
				var mu sync.Mutex
				var last time.Time
				return one(pump(func(ctx context.Context, f flow, yield func(int) bool) error {
					mu.Lock()
					back := time.Now().Before(last)
					last = time.Now().Add(time.Second)
					mu.Unlock()
					if back {
						return errors.New("the clock has gone back")
					}
					return walk(ctx, f, yield)
				}))
			}(),
			sees: []string{"5.5"},
		},
		"takes all that there is": {
			a: one(pump(func(ctx context.Context, f flow, yield func(int) bool) error {
				var items []int
				err := walk(ctx, f, func(i int) bool { items = append(items, i); return len(items) < 1<<17 })
				for _, i := range items {
					if !yield(i) {
						break
					}
				}
				return err
			})),
			sees: []string{"1.4 hung", "6.1 hung", "6.2"},
		},
	}
}

// pump is a stage that runs its input by hand.
func pump(fn func(ctx context.Context, f flow, yield func(int) bool) error) pipeline.Stage[int, int] {
	return func(f flow) flow {
		return pipeline.Generate(func(ctx context.Context, yield func(int) bool) error { return fn(ctx, f, yield) })
	}
}

// walk yields the items of f.
func walk(ctx context.Context, f flow, yield func(int) bool) error {
	for v, err := range f.All(ctx) {
		if err != nil {
			return err
		}
		if !yield(v) {
			return nil
		}
	}
	return nil
}

// later leaves a goroutine behind, for a while.
func later() { go time.Sleep(time.Minute) }

func TestEveryRuleSeesItsSaboteur(t *testing.T) {
	seen := map[string]bool{}
	for name, s := range saboteurs() {
		t.Run(name, func(t *testing.T) {
			said := pipelinetest.Check(t, s.a)
			if name == "none" {
				require.Empty(t, said)
			}
			for _, want := range s.sees {
				id, hung := cutHung(want)
				require.Contains(t, said, id)
				if hung {
					require.Contains(t, said[id], "hung:")
				} else {
					require.Contains(t, said[id], "failed:")
				}
				seen[id] = true
			}
			for id, why := range said {
				if !slices.ContainsFunc(s.sees, func(w string) bool { i, _ := cutHung(w); return i == id }) {
					t.Logf("also %s: %.90s", id, why)
				}
			}
		})
	}
	for _, r := range pipelinetest.Rules() {
		require.True(t, seen[r.ID], "no saboteur for rule %s", r.ID)
	}
}

func cutHung(s string) (id string, hung bool) { return strings.CutSuffix(s, " hung") }
