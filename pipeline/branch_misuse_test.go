package pipeline_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pipeline"
)

// A programmer's mistake panics where it is made, and the text says what to
// pass.
func TestBranchesAreCheckedWhenTheyAreMade(t *testing.T) {
	type flow = pipeline.Flow[int]
	ctx, f := context.Background(), pipeline.FromSlice(upTo(3))
	empty := func(flow) flow { return flow{} }
	drain := func(ctx context.Context, f flow) error { return f.Drain(ctx) }
	for text, fn := range map[string]func(){
		"pipeline: Merge needs a flow":                     func() { pipeline.Merge(f, flow{}) },
		"pipeline: Concat needs a flow":                    func() { pipeline.Concat(flow{}, f) },
		"pipeline: Zip needs a flow":                       func() { pipeline.Zip(f, flow{}, plus) },
		"pipeline: Zip needs a function":                   func() { pipeline.Zip[int, int, int](f, f, nil) },
		"pipeline: Split needs a flow":                     func() { pipeline.Split(flow{}, isEven, identity, identity) },
		"pipeline: Split needs a function":                 func() { pipeline.Split(f, nil, identity, identity) },
		"pipeline: Split needs a stage for yes":            func() { pipeline.Split(f, isEven, nil, identity) },
		"pipeline: Split needs a stage for no":             func() { pipeline.Split(f, isEven, identity, nil) },
		"pipeline: stage 1 of split#1 returned":            func() { pipeline.Split(f, isEven, identity, empty) },
		"pipeline: Broadcast needs a flow":                 func() { pipeline.Broadcast[int, int](flow{}, identity) },
		"pipeline: Broadcast needs at least one stage":     func() { pipeline.Broadcast[int, int](f) },
		"pipeline: Broadcast needs a stage 1":              func() { pipeline.Broadcast[int, int](f, identity, nil) },
		"pipeline: GroupBy needs a flow":                   func() { pipeline.GroupBy(flow{}, modulo(2), sameForAll) },
		"pipeline: GroupBy needs a function for the key":   func() { pipeline.GroupBy[int, int, int](f, nil, sameForAll) },
		"pipeline: GroupBy needs a function that makes":    func() { pipeline.GroupBy[int, int](f, modulo(2), nil) },
		"pipeline: Partition needs a flow":                 func() { pipeline.Partition(flow{}, modulo(2), double) },
		"pipeline: Partition needs a function for the key": func() { pipeline.Partition[int, int, int](f, nil, double) },
		"pipeline: Partition needs a function, got nil":    func() { pipeline.Partition[int, int](f, modulo(2), nil) },
		"pipeline: Tee needs a context":                    func() { pipeline.Tee(nil, f, drain) }, //nolint:staticcheck // the mistake is what is tested
		"pipeline: Tee needs a flow":                       func() { pipeline.Tee(ctx, flow{}, drain) },
		"pipeline: Tee needs at least one sink":            func() { pipeline.Tee(ctx, f) },
		"pipeline: Tee needs a sink 1":                     func() { pipeline.Tee(ctx, f, drain, nil) },
		"pipeline: an Option is nil: leave it out":         func() { pipeline.Partition(f, modulo(2), double, nil) },
	} {
		t.Run(text, func(t *testing.T) {
			defer func() { require.Contains(t, recover(), text) }()
			fn()
		})
	}
	// Only the run can see this one.
	zero := func(int, flow) flow { return flow{} }
	require.ErrorContains(t, pipeline.GroupBy(f, modulo(2), zero).Drain(ctx), "returned the zero Flow")
}

func TestTeeOfAContextThatIsOver(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errBoom)
	never := func(context.Context, pipeline.Flow[int]) error { t.Error("it ran"); return nil }
	require.ErrorIs(t, pipeline.Tee(ctx, endless(), never), errBoom)
}

// A run of many items through all of it, and the totals that Progress is told.
func TestBranchesOfABigInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 100_000
		f := pipeline.FromSlice(upTo(n))
		f = pipeline.Partition(f, modulo(100), double, pipeline.Workers(4))
		f = pipeline.Split(f, func(i int) bool { return i%3 == 0 }, asThen(func() error { return nil }, pipeline.Workers(2)), identity)
		f = pipeline.GroupBy(f, modulo(13), func(_ int, in pipeline.Flow[int]) pipeline.Flow[int] { return asThen(func() error { return nil })(in) })
		f = pipeline.Broadcast(pipeline.Merge(f, pipeline.FromSlice(upTo(n))), identity, identity)
		got, err := pipeline.Concat(f, pipeline.Zip(endless(), pipeline.FromSlice(upTo(n)), plus)).Count(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 5*n, got)

		var total int64
		known := pipeline.Zip(pipeline.Merge(pipeline.FromSlice(upTo(3)), pipeline.FromSlice(upTo(4))), pipeline.FromSlice(upTo(5)), plus)
		known = pipeline.Concat(pipeline.Broadcast(known, identity, identity), pipeline.FromSlice(upTo(2)))
		require.NoError(t, known.Progress(1<<40, func(p pipeline.Progress) { total = p.Total }).Drain(t.Context()))
		require.EqualValues(t, 12, total)
	})
}
