package future_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

// decided are the ways in which something comes to need its second input no more:
// by a trigger, or a second later.
var decided = map[string]func(p future.Promise[int], loser ints) (handle, func()){
	"Any": func(p future.Promise[int], loser ints) (handle, func()) {
		return handleOf(future.Any(p.Future(), loser)), func() { p.Resolve(1) }
	},
	"Race": func(p future.Promise[int], loser ints) (handle, func()) {
		return handleOf(future.Race(loser, p.Future())), func() { p.Reject(errDisk) }
	},
	"Quorum": func(p future.Promise[int], loser ints) (handle, func()) {
		return handleOf(future.Quorum(1, p.Future(), loser, loser)), func() { p.Resolve(1) }
	},
	"All": func(p future.Promise[int], loser ints) (handle, func()) {
		return handleOf(future.All(loser, p.Future())), func() { p.Reject(errDisk) }
	},
	"Join2": func(p future.Promise[int], loser ints) (handle, func()) {
		return handleOf(future.Join2(loser, p.Future(), func(context.Context, int, int) (int, error) { return 0, nil })),
			func() { p.Future().Cancel(errCause) }
	},
	"Any of All": func(p future.Promise[int], loser ints) (handle, func()) {
		both := future.Map(future.All(loser, loser), func(vs []int) int { return vs[0] })
		return handleOf(future.Any(both, p.Future())), func() { p.Resolve(1) }
	},
	"Any of what is canceled": func(p future.Promise[int], loser ints) (handle, func()) {
		any := future.Any(p.Future(), loser)
		return handleOf(any), func() { any.Cancel(errCause) }
	},
	"Then": func(_ future.Promise[int], loser ints) (handle, func()) {
		f := future.Then(loser, identity)
		return handleOf(f), func() { f.Cancel(errCause) }
	},
	"FlatMap": func(p future.Promise[int], loser ints) (handle, func()) {
		f := future.FlatMap(loser, future.Resolved[int])
		return handleOf(future.Any(f, p.Future())), func() { p.Resolve(1) }
	},
	"FlatMap's second": func(p future.Promise[int], loser ints) (handle, func()) {
		f := future.FlatMap(future.Resolved(1), func(int) ints { return loser })
		return handleOf(future.Any(f, p.Future())), func() { p.Resolve(1) }
	},
	"On": func(p future.Promise[int], loser ints) (handle, func()) {
		return handleOf(future.Any(loser.On(spawn{}), p.Future())), func() { p.Resolve(1) }
	},
	"Finally": func(p future.Promise[int], loser ints) (handle, func()) {
		return handleOf(future.Any(loser.Finally(func() {}), p.Future())), func() { p.Resolve(1) }
	},
	"Timeout": func(p future.Promise[int], loser ints) (handle, func()) {
		f := future.Then(loser, identity).Timeout(time.Second)
		return handleOf(f), nil
	},
}

// seen sees the outcome as early as that is possible. Without a trigger it comes
// in a second.
func (h handle) seen(trigger func()) {
	if trigger == nil {
		time.Sleep(time.Second)
	} else {
		go trigger()
	}
	for h.now() == isPending {
		if runtime.GOMAXPROCS(0) == 1 {
			synctest.Wait()
		}
	}
}

// Whoever sees that something is decided, however early, cannot keep running any
// more what is not needed because of that.
func TestLaw11_NoClaimComesAfterTheDecision(t *testing.T) {
	for name, decide := range decided {
		t.Run(name, func(t *testing.T) {
			for range stress(300) {
				synctest.Test(t, func(t *testing.T) {
					loser := future.Go(t.Context(), untilDone)
					op, trigger := decide(future.NewPromise[int](), loser)
					synctest.Wait()
					op.seen(trigger)
					_, err := loser.Await(context.Background())
					require.ErrorIs(t, err, future.ErrCanceled)
				})
			}
		})
	}
}

// What has not begun is canceled as soon as the decision can be seen.
func TestLaw11_WhatHasNotBegunIsOverByTheDecision(t *testing.T) {
	for name, decide := range decided {
		t.Run(name, func(t *testing.T) {
			for range stress(300) {
				synctest.Test(t, func(t *testing.T) {
					loser := future.NewPromise[int]()
					op, trigger := decide(future.NewPromise[int](), future.Map(loser.Future(), func(n int) int { return n }))
					synctest.Wait()
					op.seen(trigger)
					require.False(t, loser.Resolve(1))
				})
			}
		})
	}
}

// Others' claims stand, whenever they were made.
func TestLaw11_TheDecisionLeavesWhatOthersNeed(t *testing.T) {
	for name, decide := range decided {
		t.Run(name, func(t *testing.T) {
			for range stress(50) {
				synctest.Test(t, func(t *testing.T) {
					loser := future.NewPromise[int]()
					needs := future.Map(loser.Future(), func(n int) int { return n })
					op, trigger := decide(future.NewPromise[int](), loser.Future())
					synctest.Wait()
					op.seen(trigger)
					require.True(t, loser.Resolve(1))
					v, err := needs.Await(t.Context())
					require.NoError(t, err)
					require.Equal(t, 1, v)
				})
			}
		})
	}
}

// A Memo's call and a Loader's are left once by each caller.
func TestLaw11_ALoserThatSharesItsCall(t *testing.T) {
	ctx := context.Background()
	for range stress(300) {
		synctest.Test(t, func(t *testing.T) {
			m := future.NewMemo(func(ctx context.Context, _ int) (int, error) { return untilDone(ctx) })
			l := future.NewLoader(func(ctx context.Context, _ []int) (map[int]int, error) {
				_, err := untilDone(ctx)
				return nil, err
			})
			p := future.NewPromise[int]()
			other := m.Go(ctx, 1)
			any := future.Any(m.Go(ctx, 1), p.Future(), m.Go(ctx, 2), l.Go(ctx, 1), l.Go(ctx, 2))
			time.Sleep(time.Second)
			handleOf(any).seen(func() { p.Resolve(1) })
			again := m.Go(ctx, 2)
			synctest.Wait()
			require.Equal(t, isPending, handleOf(other).now(), "it still wants it")
			require.Equal(t, isPending, handleOf(again).now(), "the call that it could have joined was canceled")
			other.Cancel(errCause)
			again.Cancel(errCause)
			synctest.Wait() // all functions return, or the bubble says that some do not
		})
	}
}

// A custom context may take a lock that its owner holds while he settles others'
// futures: nobody may be kept waiting for it.
func TestLaw11_NoContextIsAskedBeforeTheDecisionCanBeSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := &askedCtx{Context: context.Background(), ask: func() {}}
		release := make(chan struct{})
		busy := future.Go(ctx, func(context.Context) (int, error) { <-release; return 0, nil })
		other := future.NewPromise[int]()
		finally := future.Then(future.Go(ctx, func(context.Context) (int, error) { <-release; return 0, nil }), identity).Finally(func() {})
		p := future.NewPromise[int]()
		any := future.Any(busy, p.Future(), other.Future(), finally)
		synctest.Wait()
		asked := 0
		ctx.ask = func() {
			asked++
			any.Cancel(nil)
			p.Resolve(2)
			require.NotEqual(t, isPending, handleOf(any).now())
			require.False(t, other.Resolve(1))
		}
		p.Resolve(1)
		require.NotZero(t, asked)
		ctx.ask = func() {}
		close(release)
		synctest.Wait()
	})
}

type askedCtx struct {
	context.Context
	ask func()
}

func (c *askedCtx) Err() error { c.ask(); return nil }
