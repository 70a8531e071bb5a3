package future_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

// entries are all ways in which a function of the user's comes to run. The
// future settles as the function returns, for those that have a say in it.
var entries = map[string]func(ctx context.Context, fn func(context.Context) (int, error)) *future.Future[int]{
	"Go": future.Go[int],
	"Lazy": func(ctx context.Context, fn func(context.Context) (int, error)) *future.Future[int] {
		f := future.Lazy(ctx, fn)
		f.Done()
		return f
	},
	"GoOn": func(ctx context.Context, fn func(context.Context) (int, error)) *future.Future[int] {
		return future.GoOn(ctx, spawn{}, fn)
	},
	"Then": func(ctx context.Context, fn func(context.Context) (int, error)) *future.Future[int] {
		return future.Then(future.Go(ctx, answer), func(ctx context.Context, _ int) (int, error) { return fn(ctx) })
	},
	"Handle": func(ctx context.Context, fn func(context.Context) (int, error)) *future.Future[int] {
		return future.Handle(future.Go(ctx, answer), func(ctx context.Context, _ future.Result[int]) (int, error) { return fn(ctx) })
	},
	"Catch": func(ctx context.Context, fn func(context.Context) (int, error)) *future.Future[int] {
		failed := future.Go(ctx, func(context.Context) (int, error) { return 0, errDisk })
		return failed.Catch(func(ctx context.Context, _ error) (int, error) { return fn(ctx) })
	},
	"Join2": func(ctx context.Context, fn func(context.Context) (int, error)) *future.Future[int] {
		a := future.Go(ctx, answer)
		return future.Join2(a, a, func(ctx context.Context, _, _ int) (int, error) { return fn(ctx) })
	},
	"On": func(ctx context.Context, fn func(context.Context) (int, error)) *future.Future[int] {
		return future.Then(future.Go(ctx, answer).On(spawn{}), func(ctx context.Context, _ int) (int, error) { return fn(ctx) })
	},
}

// deaf are those whose function gets no ctx.
var deaf = map[string]func(ctx context.Context, fn func()) *future.Future[int]{
	"Map": func(ctx context.Context, fn func()) *future.Future[int] {
		return future.Map(future.Go(ctx, answer), func(int) int { fn(); return 7 })
	},
	"FlatMap": func(ctx context.Context, fn func()) *future.Future[int] {
		return future.FlatMap(future.Go(ctx, answer), func(int) *future.Future[int] { fn(); return future.Resolved(7) })
	},
	"Finally": func(ctx context.Context, fn func()) *future.Future[int] {
		return future.Go(ctx, answer).Finally(fn)
	},
}

func everywhere(t *testing.T, test func(t *testing.T, start func(context.Context, func(context.Context) (int, error)) *future.Future[int], deaf bool)) {
	for name, start := range entries {
		t.Run(name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { test(t, start, false) }) })
	}
	for name, start := range deaf {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test(t, func(ctx context.Context, fn func(context.Context) (int, error)) *future.Future[int] {
					return start(ctx, func() { _, _ = fn(ctx) })
				}, true)
			})
		})
	}
}

type starter = func(context.Context, func(context.Context) (int, error)) *future.Future[int]

// A panic and a Goexit are the outcome, and nobody behind them is lost.
func TestLaw6_Everywhere(t *testing.T) {
	hook(t, future.Hooks{})
	everywhere(t, func(t *testing.T, start starter, _ bool) {
		for want, end := range map[error]func(){errDisk: func() { panic(errDisk) }, future.ErrGoexit: runtime.Goexit} {
			f := start(t.Context(), func(context.Context) (int, error) { time.Sleep(time.Second); end(); return 1, nil })
			var wg sync.WaitGroup
			wg.Go(func() {
				_, err := f.Await(t.Context())
				require.ErrorIs(t, err, want)
			})
			r, err := future.Handle(f, func(_ context.Context, r future.Result[int]) (error, error) { return r.Err, nil }).Await(t.Context())
			require.NoError(t, err)
			require.ErrorIs(t, r, want)
			require.NotErrorIs(t, r, future.ErrCanceled)
			wg.Wait()
		}
	})
}

// ctx is over before: the function is not called (a Finally is: it is pinned),
// and the future is canceled with the cause.
func TestLaw2_OverBeforeEverywhere(t *testing.T) {
	everywhere(t, func(t *testing.T, start starter, _ bool) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errCause)
		f := start(ctx, func(ctx context.Context) (int, error) {
			require.ErrorIs(t, ctx.Err(), context.Canceled)
			return 0, ctx.Err()
		})
		_, err := f.Await(t.Context())
		require.ErrorIs(t, err, future.ErrCanceled)
		require.ErrorIs(t, err, errCause)
	})
}

// ctx ends while the function runs: the future settles when the function
// returns, canceled if the function says so.
func TestLaw5_OverDuringEverywhere(t *testing.T) {
	everywhere(t, func(t *testing.T, start starter, deaf bool) {
		for _, listens := range []bool{true, false} {
			ctx, cancel := context.WithCancelCause(t.Context())
			f := start(ctx, func(ctx context.Context) (int, error) {
				if listens && !deaf {
					<-ctx.Done()
					time.Sleep(time.Second) // cleaning up
					return 0, ctx.Err()
				}
				time.Sleep(time.Hour)
				return 1, nil
			})
			time.Sleep(time.Minute)
			cancel(errCause)
			synctest.Wait()
			require.Equal(t, future.ErrPending, f.Err(), "its function still runs")
			begin := time.Now()
			_, err := f.Await(t.Context())
			if listens && !deaf {
				require.Equal(t, time.Second, time.Since(begin))
				require.Equal(t, &future.CanceledError{Cause: errCause}, err)
			} else {
				require.Equal(t, time.Hour-time.Minute, time.Since(begin))
				require.NoError(t, err, "the work was done")
			}
		}
	})
}

// A task and each continuation that awaits its own future gets an error.
func TestLaw9_SelfAwaitEverywhere(t *testing.T) {
	for name, start := range entries {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var self *future.Future[int]
				made := make(chan struct{})
				self = start(t.Context(), func(ctx context.Context) (int, error) {
					<-made
					return self.Await(ctx)
				})
				close(made)
				_, err := self.Await(t.Context())
				require.ErrorIs(t, err, future.ErrDeadlock)
			})
		})
	}
}

// Settling, canceling and awaiting race; a continuation settles others and
// chains on its own input.
func TestLaw4_RacesEverywhere(t *testing.T) {
	for name, start := range entries {
		for range stress(200) {
			ctx, cancel := context.WithCancel(context.Background())
			other := future.NewPromise[int]()
			var f *future.Future[int]
			made := make(chan struct{})
			f = start(ctx, func(ctx context.Context) (int, error) {
				<-made
				other.Resolve(1)
				f.Finally(func() {})
				if ctx.Err() != nil {
					return 0, ctx.Err()
				}
				return 3, nil
			})
			close(made)
			var wg sync.WaitGroup
			wg.Go(func() { f.Cancel(errCause) })
			wg.Go(cancel)
			wg.Go(func() { other.Future().Cancel(nil) })
			for range 2 {
				wg.Go(func() {
					v, err := f.Await(context.Background())
					if (err != nil || v != 3) && !errors.Is(err, future.ErrCanceled) {
						t.Errorf("%s: %d, %v", name, v, err)
					}
				})
			}
			wg.Go(func() { _, _ = other.Future().Await(context.Background()) })
			wg.Wait()
			cancel()
		}
	}
}
