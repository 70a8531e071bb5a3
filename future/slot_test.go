package future_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/task"
)

// gate is a slot that counts.
type gate struct{ parked, parks atomic.Int32 }

func (g *gate) Park()                  { g.parked.Add(1); g.parks.Add(1) }
func (g *gate) Unpark(context.Context) { g.parked.Add(-1) }

// bounded is an executor whose tasks hold a slot.
type bounded struct{ slot task.Slot }

func (b bounded) Execute(ctx context.Context, t future.Task) error {
	c := new(task.Ctx)
	c.Init(ctx, b.slot)
	go func() { _ = t.Run(c) }()
	return nil
}

func TestLaw9_ABlockedAwaitGivesItsSlotBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		var g gate
		p := future.NewPromise[int]()
		f := future.GoOn(ctx, bounded{&g}, func(ctx context.Context) (int, error) {
			v, err := future.Resolved(1).Await(ctx)
			require.NoError(t, err)
			require.Zero(t, g.parks.Load(), "nothing to wait for")
			child, cancel := context.WithCancel(ctx)
			defer cancel()
			w, err := p.Future().Await(child)
			return v + w, err
		})
		synctest.Wait()
		require.Equal(t, int32(1), g.parked.Load())
		p.Resolve(1)
		v, err := f.Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 2, v)
		require.Zero(t, g.parked.Load())
		require.Equal(t, int32(1), g.parks.Load())
	})
}

// A goroutine of its own does not hold its parent's slot, and so must not give
// it back.
func TestLaw9_OwnGoroutinesHoldNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		var g gate
		f := future.GoOn(ctx, bounded{&g}, func(ctx context.Context) (int, error) {
			p := future.NewPromise[int]()
			inner := future.Go(ctx, func(ctx context.Context) (int, error) { return p.Future().Await(ctx) })
			synctest.Wait()
			require.Zero(t, g.parks.Load())
			p.Resolve(3)
			return inner.Await(context.WithoutCancel(ctx))
		})
		v, err := f.Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 3, v)
	})
}

// The first continuation runs on the worker and so holds its slot; a further
// one has a goroutine of its own and holds none.
func TestLaw9_ContinuationsHoldTheSlotOfWhereTheyRun(t *testing.T) {
	ctx := context.Background()
	g := new(gate)
	release := make(chan struct{})
	f := future.GoOn(ctx, bounded{g}, func(context.Context) (int, error) { <-release; return 1, nil })
	slot := func(ctx context.Context, _ int) (task.Slot, error) { return task.SlotOf(ctx), nil }
	first, second := future.Then(f, slot), future.Then(f, slot)
	close(release)
	s1, err := first.Await(ctx)
	require.NoError(t, err)
	require.Same(t, g, s1)
	s2, err := second.Await(ctx)
	require.NoError(t, err)
	require.Nil(t, s2)
}
