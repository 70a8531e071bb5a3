package pipeline_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pipeline"
)

type stage = pipeline.Stage[int, int]

func identity(in pipeline.Flow[int]) pipeline.Flow[int] { return in }

func asThen(fn func() error, opts ...pipeline.Option) stage {
	return func(in pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.Then(in, func(_ context.Context, i int) (int, error) { return i, fn() }, opts...)
	}
}

func asMap(fn func() error) stage {
	return func(in pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.Map(in, func(i int) int { fn(); return i })
	}
}

func isEven(i int) bool { return i%2 == 0 }

func modulo(n int) func(int) int { return func(i int) int { return i % n } }

// branchPositions are those of the steps with several inputs or branches.
func branchPositions() map[string]position {
	flows := map[string]func(hit func() error) pipeline.Flow[int]{
		"Merge": func(hit func() error) pipeline.Flow[int] {
			return pipeline.Merge(endless(), asThen(hit)(endless()), endless())
		},
		"Concat, first": func(hit func() error) pipeline.Flow[int] { return pipeline.Concat(asThen(hit)(endless()), endless()) },
		"Concat, second": func(hit func() error) pipeline.Flow[int] {
			return pipeline.Concat(endless().Take(70), asThen(hit)(endless()))
		},
		"Zip, input": func(hit func() error) pipeline.Flow[int] {
			return pipeline.Zip(endless(), asThen(hit)(endless()), plus)
		},
		"Split, branch": func(hit func() error) pipeline.Flow[int] {
			return pipeline.Split(endless(), isEven, asThen(hit), identity)
		},
		"Broadcast, branch": func(hit func() error) pipeline.Flow[int] {
			return pipeline.Broadcast(endless(), identity, asThen(hit, pipeline.Workers(3)), asMap(func() error { return nil }))
		},
		"GroupBy, branch": func(hit func() error) pipeline.Flow[int] {
			return pipeline.GroupBy(endless(), modulo(7), func(k int, in pipeline.Flow[int]) pipeline.Flow[int] {
				if k == 3 {
					return asThen(hit)(in)
				}
				return in
			})
		},
		"GroupBy, short branches": func(hit func() error) pipeline.Flow[int] {
			return pipeline.GroupBy(endless(), modulo(3), func(_ int, in pipeline.Flow[int]) pipeline.Flow[int] {
				return asThen(hit)(in).Take(2)
			})
		},
		"Partition, on an executor": func(hit func() error) pipeline.Flow[int] {
			return pipeline.Partition(endless(), modulo(7), func(_ context.Context, i int) (int, error) { return i, hit() },
				pipeline.Workers(3), pipeline.On(newExecutor(2)))
		},
	}
	quiet := map[string]func(hit func() error) pipeline.Flow[int]{
		"Zip": func(hit func() error) pipeline.Flow[int] {
			return pipeline.Zip(endless(), endless(), func(a, b int) int { hit(); return a + b })
		},
		"Split": func(hit func() error) pipeline.Flow[int] {
			return pipeline.Split(endless(), func(i int) bool { hit(); return isEven(i) }, identity, identity)
		},
		"Split, fused branch": func(hit func() error) pipeline.Flow[int] {
			return pipeline.Split(endless(), isEven, asMap(hit), identity)
		},
		"Split, behind": func(hit func() error) pipeline.Flow[int] {
			return asMap(hit)(pipeline.Split(endless(), isEven, identity, asMap(func() error { return nil })))
		},
		"Merge, behind":  func(hit func() error) pipeline.Flow[int] { return asMap(hit)(pipeline.Merge(endless(), endless())) },
		"Concat, behind": func(hit func() error) pipeline.Flow[int] { return asMap(hit)(pipeline.Concat(endless(), endless())) },
		"Partition's key": func(hit func() error) pipeline.Flow[int] {
			return pipeline.Partition(endless(), hitting(hit), double, pipeline.Workers(3))
		},
		"Partition, behind": func(hit func() error) pipeline.Flow[int] {
			return asMap(hit)(pipeline.Partition(endless(), modulo(9), double, pipeline.Workers(3)))
		},
		"GroupBy's key": func(hit func() error) pipeline.Flow[int] {
			return pipeline.GroupBy(endless(), hitting(hit), sameForAll)
		},
		"GroupBy's function": func(hit func() error) pipeline.Flow[int] {
			return pipeline.GroupBy(endless(), func(i int) int { return i }, func(_ int, in pipeline.Flow[int]) pipeline.Flow[int] { hit(); return in })
		},
		"GroupBy, fused branch": func(hit func() error) pipeline.Flow[int] {
			return pipeline.GroupBy(endless(), modulo(5), func(_ int, in pipeline.Flow[int]) pipeline.Flow[int] { return asMap(hit)(in) })
		},
	}
	ps := map[string]position{
		"Tee": {run: func(ctx context.Context, hit func() error) error {
			return pipeline.Tee(ctx, endless(),
				func(ctx context.Context, f pipeline.Flow[int]) error { return f.Drain(ctx) },
				func(ctx context.Context, f pipeline.Flow[int]) error { return asThen(hit)(f).Drain(ctx) },
				func(ctx context.Context, f pipeline.Flow[int]) error { return f.Take(3).Drain(ctx) })
		}},
		"Tee, source": {run: func(ctx context.Context, hit func() error) error {
			return pipeline.Tee(ctx, asThen(hit)(endless()),
				func(ctx context.Context, f pipeline.Flow[int]) error { return f.Drain(ctx) },
				func(_ context.Context, f pipeline.Flow[int]) error { return f.Drain(context.Background()) })
		}},
	}
	for name, opts := range ways {
		flows["Partition, "+name] = func(hit func() error) pipeline.Flow[int] {
			return pipeline.Partition(endless(), modulo(7), func(_ context.Context, i int) (int, error) { return i, hit() }, opts...)
		}
	}
	for name, f := range flows {
		ps[name] = position{run: func(ctx context.Context, hit func() error) error { return f(hit).Drain(ctx) }}
		ps[name+", read"] = position{run: func(ctx context.Context, hit func() error) error {
			return f(hit).ForEach(ctx, func(context.Context, int) error { return nil })
		}}
	}
	for name, f := range quiet {
		ps[name] = position{noErrors: true, run: func(ctx context.Context, hit func() error) error {
			_, err := f(hit).Collect(ctx)
			return err
		}}
	}
	return ps
}

func plus(a, b int) int { return a + b }

func hitting(hit func() error) func(int) int {
	return func(i int) int { hit(); return i % 5 }
}

func sameForAll(_ int, in pipeline.Flow[int]) pipeline.Flow[int] { return in }

// branchFlows are endless flows with each of these steps.
func branchFlows() map[string]pipeline.Flow[int] {
	nothing := func() error { return nil }
	return map[string]pipeline.Flow[int]{
		"Merge":        pipeline.Merge(endless(), asThen(nothing)(endless()), asThen(nothing, pipeline.Workers(3))(endless())),
		"Concat":       pipeline.Concat(endless().Take(3), pipeline.FromSlice[int](nil), endless()),
		"Zip":          pipeline.Zip(endless(), endless(), plus),
		"Split":        pipeline.Split(endless(), isEven, identity, asThen(nothing, pipeline.Workers(2))),
		"Split, fused": pipeline.Split(endless(), isEven, identity, asMap(nothing)),
		"Broadcast":    pipeline.Broadcast(endless(), identity, asMap(nothing), asThen(nothing)),
		"GroupBy": pipeline.GroupBy(endless(), modulo(10), func(k int, in pipeline.Flow[int]) pipeline.Flow[int] {
			switch k % 3 {
			case 0:
				return in
			case 1:
				return in.Take(2)
			}
			return asThen(nothing)(in)
		}),
		"Partition":            pipeline.Partition(endless(), modulo(10), double, pipeline.Workers(3)),
		"Partition, unordered": pipeline.Partition(endless(), modulo(10), double, pipeline.Workers(3), pipeline.Unordered()),
	}
}

// A break, and a Take behind, end every flow, also when it runs twice at once.
func TestBranchesEnd(t *testing.T) {
	for name, f := range branchFlows() {
		for _, n := range []int64{0, 1, 5, 300} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					for range 2 {
						go func() {
							for range f.All(t.Context()) {
								break
							}
						}()
						items, err := f.Take(n).Collect(t.Context())
						require.NoError(t, err)
						require.Len(t, items, int(n))
						batches, err := pipeline.Batch(pipeline.Then(f, double).Take(n), 7, 0).Collect(t.Context())
						require.NoError(t, err)
						require.Len(t, batches, int(n+6)/7)
					}
					synctest.Wait()
				})
			})
		}
	}
}
