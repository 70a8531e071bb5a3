package future_test

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

func TestChainPassesBy(t *testing.T) {
	ctx := context.Background()
	never := func(context.Context, int) (int, error) { t.Error("called"); return 0, nil }
	rescue := func(_ context.Context, err error) (int, error) { return 7, nil }
	canceled := future.NewPromise[int]().Future()
	canceled.Cancel(errCause)

	_, err := future.Then(future.Failed[int](errDisk), never).Await(ctx)
	require.Equal(t, errDisk, err)
	_, err = future.Then(canceled, never).Await(ctx)
	require.Equal(t, &future.CanceledError{Cause: errCause}, err)
	v, err := future.Resolved(1).Catch(rescue).Await(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, v)
	_, err = canceled.Catch(rescue).Await(ctx)
	require.Equal(t, &future.CanceledError{Cause: errCause}, err, "a cancellation is not a failure to be caught")
	ran := false
	_, err = canceled.Finally(func() { ran = true }).Await(ctx)
	require.Equal(t, &future.CanceledError{Cause: errCause}, err)
	require.True(t, ran)
}

func TestLaw7_WhereContinuationsRun(t *testing.T) {
	ctx := context.Background()
	here := goroutine()
	where := func(context.Context, string) (string, error) { return goroutine(), nil }

	t.Run("the first goes on where its task ran", func(t *testing.T) {
		release := make(chan struct{})
		f := future.Go(ctx, func(context.Context) (string, error) { <-release; return goroutine(), nil })
		first := future.Then(f, where)
		second := future.Then(f, where)
		chained := future.Then(first, where)
		close(release)
		task, _ := f.Await(ctx)
		g1, _ := first.Await(ctx)
		g2, _ := second.Await(ctx)
		g3, _ := chained.Await(ctx)
		require.Equal(t, task, g1)
		require.NotEqual(t, task, g2)
		require.NotEqual(t, here, g2)
		require.Equal(t, task, g3)
	})
	t.Run("never where Resolve is called", func(t *testing.T) {
		p := future.NewPromise[string]()
		f := future.Then(p.Future(), where)
		p.Resolve("")
		g, _ := f.Await(ctx)
		require.NotEqual(t, here, g)
	})
	t.Run("never where Then is called", func(t *testing.T) {
		f := future.Then(future.Resolved(""), where)
		g1, _ := f.Await(ctx)
		require.NotEqual(t, here, g1)
	})
	t.Run("never where Cancel is called", func(t *testing.T) {
		var g string
		f := future.NewPromise[int]().Future()
		last := f.Finally(func() { g = goroutine() })
		f.Cancel(nil)
		_, _ = last.Await(ctx)
		require.NotEqual(t, here, g)
	})
}

// A continuation that waits for its sibling must not hang behind it.
func TestLaw7_ContinuationsMayAwaitEachOther(t *testing.T) {
	for range stress(200) {
		synctest.Test(t, func(t *testing.T) {
			ctx := context.Background()
			release := make(chan struct{})
			f := future.Go(ctx, func(context.Context) (int, error) { <-release; return 1, nil })
			sibling := future.NewPromise[*future.Future[int]]()
			first := future.Then(f, func(ctx context.Context, n int) (int, error) {
				s, err := sibling.Future().Await(ctx)
				if err != nil {
					return 0, err
				}
				return s.Await(ctx)
			})
			gathered := future.All(f, f)
			second := future.Then(f, func(context.Context, int) (int, error) { return 2, nil })
			// A continuation of a combinator is a sibling too.
			third := future.Then(gathered, func(ctx context.Context, _ []int) (int, error) { return second.Await(ctx) })
			sibling.Resolve(third)
			close(release)
			v, err := first.Await(ctx)
			require.NoError(t, err)
			require.Equal(t, 2, v)
		})
	}
}

func TestLaw7_ALongChainTakesConstantStack(t *testing.T) {
	links := stress(50_000)
	ctx := context.Background()
	inc := func(n int) int { return n + 1 }

	chain := func(f *future.Future[int]) *future.Future[int] {
		for range links {
			f = future.Map(f, inc)
		}
		return f
	}
	p := future.NewPromise[int]()
	f := chain(p.Future())
	p.Resolve(0)
	v, err := f.Await(ctx)
	require.NoError(t, err)
	require.Equal(t, links, v)

	p = future.NewPromise[int]()
	f = chain(p.Future())
	p.Reject(errDisk)
	_, err = f.Await(ctx)
	require.Equal(t, errDisk, err)

	p = future.NewPromise[int]()
	f = chain(p.Future())
	f.Cancel(errCause) // back to the head
	_, err = p.Future().Await(ctx)
	require.ErrorIs(t, err, errCause)
}

func TestChainStartsFromTheContextOfItsHead(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(context.Background(), key{}, "v")
	f := future.Go(ctx, func(context.Context) (int, error) { return 1, nil })
	g := future.Then(future.All(future.Map(f, func(n int) int { return n })), func(ctx context.Context, _ []int) (any, error) {
		return ctx.Value(key{}), ctx.Err()
	})
	v, err := g.Await(ctx)
	require.NoError(t, err, "not the released ctx of the task before it")
	require.Equal(t, "v", v)
}

func TestChainForgetsItsPast(t *testing.T) {
	ctx := context.Background()
	collected := make(chan struct{})
	f := func() *future.Future[int] {
		big := &[1 << 16]byte{}
		runtime.AddCleanup(big, func(c chan struct{}) { close(c) }, collected)
		return future.Map(future.Resolved(big), func(b *[1 << 16]byte) int { return len(b) })
	}()
	v, err := f.Await(ctx)
	require.NoError(t, err)
	require.Equal(t, 1<<16, v)
	for i := 0; ; i++ {
		runtime.GC()
		select {
		case <-collected:
			runtime.KeepAlive(f)
			return
		default:
			require.Less(t, i, 1000, "the value at the head of the chain is still held")
		}
	}
}

func TestAll(t *testing.T) {
	ctx := context.Background()
	vs, err := future.All(future.Resolved(1), future.Go(ctx, func(context.Context) (int, error) { return 2, nil }), future.Resolved(3)).Await(ctx)
	require.NoError(t, err)
	require.Equal(t, []int{1, 2, 3}, vs)

	vs, err = future.All[int]().Await(ctx)
	require.NoError(t, err)
	require.Equal(t, []int{}, vs)

	_, err = future.All(future.NewPromise[int]().Future(), future.Failed[int](errDisk)).Await(ctx)
	require.ErrorIs(t, err, errDisk)
	var join *future.JoinError
	require.ErrorAs(t, err, &join)
	require.Equal(t, []future.IndexedError{{Index: 1, Err: errDisk}}, join.Errs)
}

func TestAllOfMany(t *testing.T) {
	ctx := context.Background()
	for range stress(20) {
		fs := make([]*future.Future[int], 500)
		for i := range fs {
			fs[i] = future.Go(ctx, func(context.Context) (int, error) { return i, nil })
		}
		vs, err := future.All(fs...).Await(ctx)
		require.NoError(t, err)
		for i, v := range vs {
			require.Equal(t, i, v)
		}
	}
}

// Failures, cancels and values race for the same All; every input settles and
// the outcome is one of those that can be.
func TestAllUnderRaces(t *testing.T) {
	ctx := context.Background()
	for range stress(500) {
		ps := make([]future.Promise[int], 4)
		fs := make([]*future.Future[int], len(ps))
		for i := range ps {
			ps[i] = future.NewPromise[int]()
			fs[i] = ps[i].Future()
		}
		var wg sync.WaitGroup
		wg.Go(func() { ps[0].Resolve(1) })
		wg.Go(func() { ps[1].Reject(errDisk) })
		wg.Go(func() { ps[2].Future().Cancel(errCause) })
		all := future.All(fs...)
		wg.Go(func() { all.Cancel(nil) })
		_, err := all.Await(ctx)
		require.Error(t, err)
		wg.Wait()
		for _, f := range fs {
			_, _ = f.Await(ctx)
		}
	}
}
