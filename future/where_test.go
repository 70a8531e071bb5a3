package future_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

// here is what a piece of user code says about where it runs.
type here struct {
	goroutine string
	value     any // of its ctx, as every ctx that is asked for below
	ended     error
}

func look(ctx context.Context) here {
	return here{goroutine(), ctx.Value(ctxKey{}), ctx.Err()}
}

// beside tells of two places as one, if they are.
func (h here) beside(other string) here {
	if h.goroutine != other {
		h.goroutine = "two"
	}
	return h
}

// continuations are table 3's rows of what follows a future. Each gives a future
// that settles with where its function ran.
var continuations = map[string]func(f *future.Future[here]) *future.Future[here]{
	"Then": func(f *future.Future[here]) *future.Future[here] {
		return future.Then(f, func(ctx context.Context, _ here) (here, error) { return look(ctx), nil })
	},
	"Catch": func(f *future.Future[here]) *future.Future[here] {
		failed := future.Then(f, func(context.Context, here) (here, error) { return here{}, errDisk })
		return failed.Catch(func(ctx context.Context, _ error) (here, error) { return look(ctx), nil })
	},
	"Handle": func(f *future.Future[here]) *future.Future[here] {
		return future.Handle(f, func(ctx context.Context, _ future.Result[here]) (here, error) { return look(ctx), nil })
	},
	"Join2": func(f *future.Future[here]) *future.Future[here] {
		return future.Join2(f, f, func(ctx context.Context, _, _ here) (here, error) { return look(ctx), nil })
	},
	"behind All": func(f *future.Future[here]) *future.Future[here] {
		return future.Then(future.All(f, f), func(ctx context.Context, _ []here) (here, error) { return look(ctx), nil })
	},
	"behind Shield and Timeout": func(f *future.Future[here]) *future.Future[here] {
		return future.Then(f.Shield().Timeout(time.Hour), func(ctx context.Context, _ here) (here, error) { return look(ctx), nil })
	},
	"Map, then Then": func(f *future.Future[here]) *future.Future[here] {
		mapped := future.Map(f, func(here) string { return goroutine() })
		return future.Then(mapped, func(ctx context.Context, g string) (here, error) {
			return look(ctx).beside(g), nil
		})
	},
	"FlatMap, then Then": func(f *future.Future[here]) *future.Future[here] {
		flat := future.FlatMap(f, func(here) *future.Future[string] { return future.Resolved(goroutine()) })
		return future.Then(flat, func(ctx context.Context, g string) (here, error) {
			return look(ctx).beside(g), nil
		})
	},
	"Finally, then Then": func(f *future.Future[here]) *future.Future[here] {
		var g string
		return future.Then(f.Finally(func() { g = goroutine() }), func(ctx context.Context, _ here) (here, error) {
			return look(ctx).beside(g), nil
		})
	},
}

func TestLaw7_Table3(t *testing.T) {
	for name, follow := range continuations {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				mine := goroutine()
				ctx := context.WithValue(context.Background(), ctxKey{}, "base")
				task := func(ctx context.Context) (here, error) { time.Sleep(time.Second); return look(ctx), nil }
				at := func(f *future.Future[here]) here {
					h, err := f.Await(context.Background())
					require.NoError(t, err)
					return h
				}

				f := future.Go(ctx, task)
				first, second := follow(f), follow(f)
				if strings.HasPrefix(name, "behind") && at(f) != at(first) {
					first, second = second, first // each is the first continuation of a future of its own
				}
				require.Equal(t, at(f), at(first), "where its task ran, with the ctx that began it")
				require.Equal(t, "base", at(second).value)
				require.NotContains(t, []string{mine, at(f).goroutine}, at(second).goroutine, "a goroutine each")

				f = future.GoOn(ctx, spawn{}, task)
				first = follow(f)
				require.Equal(t, at(f), at(first))

				f = future.Lazy(ctx, task)
				first = follow(f)
				require.Equal(t, at(f), at(first))

				first = follow(f) // which has settled
				require.Equal(t, "base", at(first).value)
				require.NotContains(t, []string{mine, at(f).goroutine}, at(first).goroutine)
				require.NoError(t, at(first).ended, "not the ctx of the task, which has returned")

				p := future.NewPromise[here]()
				first = follow(p.Future())
				p.Resolve(here{})
				require.Nil(t, at(first).value, "a promise has no ctx")
				require.NotContains(t, []string{mine, "two"}, at(first).goroutine)

				timer := future.After(ctx, time.Second)
				first = follow(future.Map(timer, func(time.Time) here { return here{goroutine: goroutine()} }))
				require.Equal(t, "base", at(first).value)
				require.NotEqual(t, mine, at(first).goroutine)
			})
		})
	}
}

// Join's function runs where its last input did, with the ctx of its first.
func TestLaw7_JoinRunsWhereItsLastInputDid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, delays := range [][2]time.Duration{{1, 2}, {2, 1}} {
			var fs [2]*future.Future[here]
			for i := range fs {
				ctx := context.WithValue(context.Background(), ctxKey{}, i)
				fs[i] = future.Go(ctx, func(ctx context.Context) (here, error) { time.Sleep(delays[i]); return look(ctx), nil })
			}
			joined := future.Join2(fs[0], fs[1], func(ctx context.Context, a, b here) ([3]here, error) {
				return [3]here{a, b, look(ctx)}, nil
			})
			at, err := joined.Await(t.Context())
			require.NoError(t, err)
			last := 0
			if delays[1] > delays[0] {
				last = 1
			}
			require.Equal(t, at[last].goroutine, at[2].goroutine)
			require.Equal(t, 0, at[2].value)
		}
	})
}

// What follows a FlatMap runs where the second future's task did.
func TestLaw7_WhatFollowsFlatMap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := context.WithValue(context.Background(), ctxKey{}, "first")
		second := context.WithValue(context.Background(), ctxKey{}, "second")
		task := func(ctx context.Context) (here, error) { time.Sleep(time.Second); return look(ctx), nil }
		flat := future.FlatMap(future.Go(first, task), func(here) *future.Future[here] { return future.Go(second, task) })
		after := future.Then(flat, func(ctx context.Context, inner here) ([2]here, error) { return [2]here{inner, look(ctx)}, nil })
		at, err := after.Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, at[0].goroutine, at[1].goroutine)
		require.Equal(t, "first", at[1].value, "the ctx that the head of the chain was launched with")
	})
}

// A continuation's ctx ends when it is canceled itself, for its cause, and when
// its function has returned; not when what it follows does.
func TestLaw5_AContinuationsCtx(t *testing.T) {
	for name, start := range entries {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var kept context.Context
				f := start(context.Background(), func(ctx context.Context) (int, error) {
					kept = ctx
					require.NoError(t, ctx.Err())
					<-ctx.Done()
					require.Equal(t, errCause, context.Cause(ctx))
					return 0, ctx.Err()
				})
				synctest.Wait()
				f.Cancel(errCause)
				_, err := f.Await(context.Background())
				require.Equal(t, &future.CanceledError{Cause: errCause}, err)

				f = start(context.Background(), func(ctx context.Context) (int, error) { kept = ctx; return 7, nil })
				v, err := f.Await(context.Background())
				require.NoError(t, err)
				require.Equal(t, 7, v)
				synctest.Wait()
				<-kept.Done()
			})
		})
	}
}

// The body of a loop over AsCompleted is the caller's own code.
func TestLaw7_AsCompletedsBody(t *testing.T) {
	mine := goroutine()
	for range future.AsCompleted(context.Background(), future.Go(context.Background(), answer), future.Resolved(1)) {
		require.Equal(t, mine, goroutine())
	}
}

// Awaiters are woken before the first continuation runs: one that never ends
// holds up nobody.
func TestLaw7_AwaitersComeFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		f := future.Go(context.Background(), func(context.Context) (int, error) { time.Sleep(time.Second); return 7, nil })
		slow := future.Map(f, func(int) int { <-release; return 8 })
		sibling := future.All(f)
		for _, ctx := range []context.Context{context.Background(), t.Context()} {
			v, err := f.Await(ctx)
			require.NoError(t, err)
			require.Equal(t, 7, v)
		}
		<-f.Done()
		<-sibling.Done()
		require.Equal(t, future.ErrPending, slow.Err())
		close(release)
		<-slow.Done()
	})
}

// Hooks run where the thing happens.
func TestLaw7_HooksRunInline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var started, settled string
		hook(t, future.Hooks{
			Start:  func(future.Event) { started = goroutine() },
			Settle: func(future.Event) { settled = goroutine() },
		})
		at, err := future.Go(t.Context(), func(context.Context) (string, error) { return goroutine(), nil }).Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, at, started)
		require.Equal(t, at, settled)
		future.NewPromise[int]().Resolve(1)
		require.Equal(t, goroutine(), settled)
	})
}
