package future_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

func identity(_ context.Context, n int) (int, error) { return n, nil }

// Canceling the end of a chain gives up its claims up to the head.
func TestLaw11_CancelOfADerivedFuture(t *testing.T) {
	for name, derive := range map[string]func(*future.Future[int]) *future.Future[int]{
		"Then": func(f *future.Future[int]) *future.Future[int] { return future.Then(f, identity) },
		"Map":  func(f *future.Future[int]) *future.Future[int] { return future.Map(f, func(n int) int { return n }) },
		"Catch": func(f *future.Future[int]) *future.Future[int] {
			return f.Catch(func(context.Context, error) (int, error) { return 0, nil })
		},
		"All": func(f *future.Future[int]) *future.Future[int] {
			return future.Map(future.All(f, f), func(v []int) int { return v[0] })
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := context.Background()
				f := future.Go(ctx, untilDone)
				g := derive(derive(f))
				synctest.Wait()
				g.Cancel(errCause)
				r, settled := g.Poll()
				require.True(t, settled, "at once")
				require.Equal(t, &future.CanceledError{Cause: errCause}, r.Err)
				_, err := f.Await(ctx)
				require.Equal(t, &future.CanceledError{Cause: errCause}, err)
			})
		})
	}
}

func TestLaw11_FinallyRunsThoughCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		release := make(chan struct{})
		ran := false
		f := future.Go(ctx, func(ctx context.Context) (int, error) { <-ctx.Done(); <-release; return 0, ctx.Err() })
		g := f.Finally(func() { ran = true })
		synctest.Wait()
		g.Cancel(errCause)
		synctest.Wait()
		_, settled := g.Poll()
		require.False(t, settled)
		require.False(t, ran, "not before its input has settled")
		close(release)
		_, err := g.Await(ctx)
		require.Equal(t, &future.CanceledError{Cause: errCause}, err)
		require.True(t, ran)
	})
}

func TestLaw11_FinallyLeavesAnInputThatOthersNeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := future.NewPromise[int]()
		other := future.Map(p.Future(), func(n int) int { return n })
		g := p.Future().Finally(func() {})
		g.Cancel(errCause)
		g.Cancel(errDisk)
		p.Resolve(1)
		_, err := g.Await(ctx)
		require.ErrorIs(t, err, errCause, "the first cancel wins")
		v, err := other.Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 1, v)
	})
}

func TestLaw11_TheLastClaimCancels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		f := future.Go(ctx, untilDone)
		a, b := future.Then(f, identity), future.Then(f, identity)
		synctest.Wait()
		a.Cancel(errCause)
		synctest.Wait()
		_, settled := f.Poll()
		require.False(t, settled, "b still needs it")
		b.Cancel(errCause)
		_, err := f.Await(ctx)
		require.ErrorIs(t, err, errCause)
	})
}

func TestLaw11_AnAwaitIsAClaimWhileItLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		for name, waitCtx := range map[string]context.Context{"plain": ctx, "that can end": t.Context()} {
			p := future.NewPromise[int]()
			derived := future.Then(p.Future(), identity)
			got := future.Go(ctx, func(context.Context) (int, error) { return p.Future().Await(waitCtx) })
			synctest.Wait()
			derived.Cancel(errCause)
			synctest.Wait()
			require.True(t, p.Resolve(1), name)
			v, err := got.Await(ctx)
			require.NoError(t, err)
			require.Equal(t, 1, v)
		}

		p := future.NewPromise[int]()
		brief, cancel := context.WithCancel(ctx)
		derived := future.Then(p.Future(), identity)
		cancel()
		_, err := p.Future().Await(brief)
		require.ErrorIs(t, err, future.ErrStoppedWaiting)
		require.True(t, p.Resolve(1), "its end cancels nothing")
		_, err = derived.Await(ctx)
		require.NoError(t, err)
	})
}

func TestLaw11_FirstFailureInAllEndsTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		slow := future.Go(ctx, untilDone)
		shared := future.Go(ctx, untilDone)
		keeps := future.Then(shared, identity)
		synctest.Wait()
		_, err := future.All(slow, future.Failed[int](errDisk), shared).Await(ctx)
		require.ErrorIs(t, err, errDisk)
		require.NotErrorIs(t, err, future.ErrCanceled)
		_, err = slow.Await(ctx)
		require.ErrorIs(t, err, future.ErrCanceled)
		require.ErrorIs(t, err, errDisk, "with the failure as its cause")
		synctest.Wait()
		_, settled := shared.Poll()
		require.False(t, settled, "somebody else has a claim on it")
		keeps.Cancel(nil)
	})
}

func TestLaw11_AllIsCanceledByACanceledInput(t *testing.T) {
	ctx := context.Background()
	p, other := future.NewPromise[int](), future.NewPromise[int]()
	all := future.All(other.Future(), p.Future())
	p.Future().Cancel(errCause)
	_, err := all.Await(ctx)
	require.Equal(t, &future.CanceledError{Cause: errCause}, err)
	require.False(t, other.Resolve(1), "nobody needs it any more")
}

func TestLaw11_CanceledLinkLeavesItsInput(t *testing.T) {
	p := future.NewPromise[int]()
	keep := future.Then(p.Future(), identity)
	for range stress(10_000) {
		f := future.Then(p.Future(), identity)
		f.Cancel(nil)
	}
	require.Equal(t, 1, p.Future().Followers())
	p.Resolve(1)
	v, err := keep.Await(context.Background())
	require.NoError(t, err)
	require.Equal(t, 1, v)
}

func TestLaw9_AwaitOfOneself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		self := future.NewPromise[*future.Future[int]]()
		f := future.Go(ctx, func(ctx context.Context) (int, error) {
			f, err := self.Future().Await(ctx)
			if err != nil {
				return 0, err
			}
			child, cancel := context.WithCancel(ctx)
			defer cancel()
			return f.Await(child)
		})
		self.Resolve(f)
		_, err := f.Await(ctx)
		require.ErrorIs(t, err, future.ErrDeadlock)

		selfThen := future.NewPromise[*future.Future[int]]()
		g := future.Then(future.Resolved(1), func(ctx context.Context, _ int) (int, error) {
			g, err := selfThen.Future().Await(ctx)
			if err != nil {
				return 0, err
			}
			return g.Await(ctx)
		})
		selfThen.Resolve(g)
		_, err = g.Await(ctx)
		require.ErrorIs(t, err, future.ErrDeadlock)
	})
}

func TestLaw4_AnExecutorThatDoesNotAccept(t *testing.T) {
	ctx := context.Background()
	errFull := errors.New("full")
	_, err := future.GoOn(ctx, &queue{err: errFull}, untilDone).Await(ctx)
	require.Equal(t, errFull, err)

	var q queue
	f := future.GoOn(ctx, &q, untilDone)
	after := f.Catch(func(_ context.Context, err error) (int, error) { return 1, err })
	q.tasks[0].Refuse(errFull)
	_, err = f.Await(ctx)
	require.Equal(t, errFull, err)
	_, err = after.Await(ctx)
	require.Equal(t, errFull, err)
}
