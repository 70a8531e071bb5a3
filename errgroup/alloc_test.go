package errgroup_test

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	xsync "golang.org/x/sync/errgroup"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/internal/race"
)

// A function of a group without a limit costs its goroutine's closure; with a
// limit functions share the goroutines. The bounds leave room for the runtime,
// which now and then makes a goroutine anew.
func TestAllocs_Group(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	fn := func() error { return nil }
	measure := func(limit, n int) float64 {
		return testing.AllocsPerRun(20, func() {
			var g errgroup.Group
			g.SetLimit(limit)
			for range n {
				g.Go(fn)
			}
			_ = g.Wait()
		})
	}
	require.LessOrEqual(t, measure(-1, 1), 2.0)
	require.LessOrEqual(t, measure(-1, 1000), 1500.0)
	require.LessOrEqual(t, measure(8, 1), 4.0)
	require.LessOrEqual(t, measure(8, 1000), 900.0)
}

// A call of a scope is one allocation; the rest is the scope, its goroutines
// and the results.
func TestAllocs_Scope(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	ctx := t.Context()
	fn := value(1)
	const n = 1000
	allocs := testing.AllocsPerRun(20, func() {
		s := errgroup.Collect[int](ctx)
		for range n {
			_ = s.Go(ctx, fn)
		}
		_, _ = s.Wait()
	})
	require.LessOrEqual(t, allocs, 1.5*n)
}

// Without a limit a function costs what it costs there. The slack is for the
// runtime, which now and then makes a goroutine anew.
func TestAllocs_GroupAsInXSync(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	fn := func() error { return nil }
	for _, n := range []int{1, 1000} {
		ours := testing.AllocsPerRun(20, func() {
			var g errgroup.Group
			for range n {
				g.Go(fn)
			}
			_ = g.Wait()
		})
		theirs := testing.AllocsPerRun(20, func() {
			var g xsync.Group
			for range n {
				g.Go(fn)
			}
			_ = g.Wait()
		})
		require.InDelta(t, theirs, ours, 0.1*float64(n), "%d functions", n)
	}
	require.Equal(t, unsafe.Sizeof(xsync.Group{}), unsafe.Sizeof(errgroup.Group{}))
}
