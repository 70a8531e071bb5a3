package pool_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pool"
)

func TestLaw8_BadBoundsPanic(t *testing.T) {
	for name, call := range map[string]func(){
		"New 0":            func() { pool.New(0) },
		"New -1":           func() { pool.New(-1) },
		"Queue 0":          func() { pool.Queue(0, pool.DropOldest) },
		"Queue -1":         func() { pool.Queue(-1, pool.Block) },
		"Queue no policy":  func() { pool.Queue(1, pool.Overflow(99)) },
		"IdleTimeout 0":    func() { pool.IdleTimeout(0) },
		"Go nil fn":        func() { _ = pool.New(1).Go(context.Background(), nil) },
		"Go nil ctx":       func() { _ = pool.New(1).Go(nil, nothing) }, //nolint:staticcheck // on purpose
		"TryGo nil fn":     func() { _ = pool.New(1).TryGo(context.Background(), nil) },
		"Execute nil task": func() { _ = pool.New(1).Execute(context.Background(), nil) },
		"Submit nil fn":    func() { pool.Submit[int](context.Background(), pool.New(1), nil) },
		"Map nil fn":       func() { _, _ = pool.Map[int, int](context.Background(), pool.New(1), nil, nil) },
		"ForEach nil ctx":  func() { _ = pool.ForEach(nil, pool.New(1), []int{1}, nil) }, //nolint:staticcheck // on purpose
		"Shutdown nil ctx": func() { _ = pool.New(1).Shutdown(nil) },                     //nolint:staticcheck // on purpose
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				text, _ := recover().(string)
				require.Regexp(t, `^pool: .*needs`, text)
			}()
			call()
			t.Error("did not panic")
		})
	}
}

func TestLaw8_RunningIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(3)
		var g testkit.Gauge
		start := time.Now()
		for range 12 {
			require.NoError(t, p.Go(ctx, func(context.Context) {
				g.Enter()
				defer g.Leave()
				time.Sleep(time.Second)
			}))
		}
		require.NoError(t, p.Shutdown(ctx))
		require.Equal(t, 3, g.Peak())
		require.Equal(t, 4*time.Second, time.Since(start), "and all of them are used")
	})
}

func TestLaw8_AFullQueueBlocksUntilThereIsRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(1, pool.Queue(2, pool.Block))
		start := time.Now()
		for i := range 5 {
			require.NoError(t, p.Go(ctx, func(context.Context) { time.Sleep(time.Second) }))
			synctest.Wait()
			wait := max(0, i-2) // one runs, two are queued
			require.Equal(t, time.Duration(wait)*time.Second, time.Since(start))
		}
		require.NoError(t, p.Shutdown(ctx))
	})
}

func TestLaw8_ABlockedSubmitterGoesWithItsContextOrThePool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(1, pool.Queue(1, pool.Block))
		release := make(chan struct{})
		wait := func(context.Context) { <-release }
		require.NoError(t, p.Go(ctx, wait))
		synctest.Wait()
		require.NoError(t, p.Go(ctx, wait))

		brief, cancel := context.WithTimeoutCause(ctx, time.Second, errCause)
		defer cancel()
		err := p.Go(brief, nothing)
		require.ErrorIs(t, err, future.ErrCanceled)
		require.ErrorIs(t, err, errCause)
		r := pool.Submit(brief, p, one)
		_, err = r.Await(ctx)
		require.ErrorIs(t, err, errCause)

		blocked := future.Go(ctx, future.Void(func(ctx context.Context) error { return p.Go(ctx, nothing) }))
		synctest.Wait()
		require.Equal(t, 1, p.Stats().Waiting)
		down := future.Go(ctx, future.Void(p.Shutdown))
		_, err = blocked.Await(ctx)
		require.ErrorIs(t, err, pool.ErrClosed)
		close(release)
		_, err = down.Await(ctx)
		require.NoError(t, err)
	})
}

func TestRejectAndTryGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(1, pool.Queue(2, pool.Reject))
		release := make(chan struct{})
		require.NoError(t, p.Go(ctx, func(context.Context) { <-release }))
		synctest.Wait()
		require.NoError(t, p.TryGo(ctx, nothing))
		require.NoError(t, p.Go(ctx, nothing))
		require.ErrorIs(t, p.Go(ctx, nothing), pool.ErrFull)
		require.ErrorIs(t, p.TryGo(ctx, nothing), pool.ErrFull)
		_, err := pool.Submit(ctx, p, one).Await(ctx)
		require.ErrorIs(t, err, pool.ErrFull)
		close(release)
		require.NoError(t, p.Shutdown(ctx))
		require.ErrorIs(t, p.TryGo(ctx, nothing), pool.ErrClosed)
		_, err = pool.Submit(ctx, p, one).Await(ctx)
		require.ErrorIs(t, err, pool.ErrClosed)
	})
}

func TestLaw10_BlockedSubmittersAreServedInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(1, pool.Queue(1, pool.Block))
		release := make(chan struct{})
		require.NoError(t, p.Go(ctx, func(context.Context) { <-release }))
		synctest.Wait()
		var order []int
		for i := range 20 {
			brief, cancel := context.WithCancel(ctx)
			go func() {
				_ = p.Go(brief, func(context.Context) { order = append(order, i) })
			}()
			synctest.Wait()
			if i%3 == 2 {
				cancel() // leaves the line, if it is in it
				synctest.Wait()
			}
			defer cancel()
		}
		close(release)
		synctest.Wait()
		require.NoError(t, p.Shutdown(ctx))
		require.IsIncreasing(t, order)
		require.Len(t, order, 20-6)
	})
}

func TestLaw10_FirstInFirstOut(t *testing.T) {
	ctx := context.Background()
	p := pool.New(1, pool.Queue(8, pool.Block))
	var order []int
	for i := range stress(1000) {
		require.NoError(t, p.Go(ctx, func(context.Context) { order = append(order, i) }))
	}
	require.NoError(t, p.Shutdown(ctx))
	require.IsIncreasing(t, order)
}

func TestLaw3_WorkWhoseContextIsOverIsNotRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(1)
		release := make(chan struct{})
		require.NoError(t, p.Go(context.Background(), func(context.Context) { <-release }))
		ctx, cancel := context.WithCancelCause(context.Background())
		f := pool.Submit(ctx, p, func(context.Context) (int, error) { t.Error("run"); return 0, nil })
		require.NoError(t, p.Go(ctx, func(context.Context) { t.Error("run") }))
		g := pool.Submit(context.Background(), p, func(context.Context) (int, error) { t.Error("run"); return 0, nil })
		g.Cancel(errCause)
		_, settled := g.Poll()
		require.True(t, settled, "at once, while it is queued")
		cancel(errCause)
		close(release)
		_, err := f.Await(context.Background())
		require.Equal(t, &future.CanceledError{Cause: errCause}, err)
		require.NoError(t, p.Shutdown(context.Background()))
		require.Equal(t, uint64(3), p.Stats().Canceled)
		require.ErrorIs(t, p.Go(ctx, nothing), errCause, "and nothing is accepted for it")
	})
}

func TestLaw2_TheContextOfATask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		p := pool.New(2)
		ctx, cancel := context.WithCancelCause(context.WithValue(context.Background(), key{}, "v"))
		sees := func(ctx context.Context) (error, error) {
			require.Equal(t, "v", ctx.Value(key{}))
			<-ctx.Done()
			return context.Cause(ctx), nil
		}
		f := pool.Submit(ctx, p, sees)
		var cause error
		require.NoError(t, p.Go(ctx, func(ctx context.Context) { cause, _ = sees(ctx) }))
		synctest.Wait()
		cancel(errCause)
		v, err := f.Await(context.Background())
		require.NoError(t, err)
		require.Equal(t, errCause, v)
		require.NoError(t, p.Shutdown(context.Background()))
		require.Equal(t, errCause, cause)
	})
}

// A worker may keep one ctx for many tasks; it must not keep the wrong one,
// nor compare what cannot be compared.
func TestContextsOfDifferentSubmitters(t *testing.T) {
	type key struct{}
	type odd struct {
		context.Context
		_ []int
	}
	p := pool.New(1)
	base := context.Background()
	for i := range 100 {
		ctx := context.WithValue(base, key{}, i)
		if i%3 == 0 {
			ctx = odd{Context: ctx}
		}
		for range 2 {
			require.NoError(t, p.Go(ctx, func(ctx context.Context) {
				if ctx.Value(key{}) != i {
					t.Error(ctx.Value(key{}), i)
				}
			}))
		}
	}
	require.NoError(t, p.Shutdown(base))
}

func TestLaw6_PanicsAndGoexitLoseNoWorkerAndNoTask(t *testing.T) {
	quiet(t)
	ctx := context.Background()
	p := pool.New(2, pool.Queue(16, pool.Block))
	n := stress(2000)
	var ran atomic.Int64
	var failed int
	var fs []*future.Future[int]
	for i := range n {
		bad := func() {
			ran.Add(1)
			switch i % 10 {
			case 3:
				panic(i)
			case 7:
				runtime.Goexit()
			}
		}
		if i%2 == 0 {
			require.NoError(t, p.Go(ctx, func(context.Context) { bad() }))
		} else {
			fs = append(fs, pool.Submit(ctx, p, func(context.Context) (int, error) { bad(); return i, nil }))
		}
		if i%10 == 3 || i%10 == 7 {
			failed++
		}
	}
	for _, f := range fs {
		<-f.Done()
	}
	require.NoError(t, p.Shutdown(ctx))
	require.Equal(t, int64(n), ran.Load())
	s := p.Stats()
	require.Equal(t, uint64(n), s.Submitted)
	require.Equal(t, uint64(failed), s.Failed)
	require.Equal(t, uint64(n-failed), s.Completed)
}

// Many submitters, workers that come and go, and futures that are canceled:
// everything settles, and the books balance.
func TestLaw4_EverythingSettles(t *testing.T) {
	quiet(t)
	for range stress(20) {
		p := pool.New(4, pool.Queue(8, pool.Block), pool.IdleTimeout(time.Microsecond))
		var wg sync.WaitGroup
		var submitted, settled atomic.Int64
		ctx, cancel := context.WithCancel(context.Background())
		for c := range 8 {
			wg.Go(func() {
				for i := range 100 {
					submitted.Add(1)
					f := pool.Submit(ctx, p, func(ctx context.Context) (int, error) {
						switch i % 7 {
						case 1:
							return pool.Submit(ctx, p, one).Await(ctx)
						case 2:
							return 0, errDisk
						case 3:
							runtime.Gosched()
						case 4:
							panic(i)
						}
						return i, nil
					})
					if i%5 == c%5 {
						f.Cancel(errCause)
					}
					wg.Go(func() { <-f.Done(); settled.Add(1) })
					if c == 0 && i == 80 {
						cancel()
					}
				}
			})
		}
		wg.Wait()
		require.NoError(t, p.Shutdown(context.Background()))
		require.Equal(t, submitted.Load(), settled.Load())
		s := p.Stats()
		require.Equal(t, s.Submitted, s.Completed+s.Failed+s.Canceled+s.Rejected+s.Dropped, "%+v", s)
		require.Zero(t, s.Running+s.Parked+s.Queued+s.Waiting+s.Workers, "%+v", s)
		cancel()
	}
}

func TestLaw6_PanicWhileExitingLosesNoWorker(t *testing.T) {
	quiet(t)
	ctx := context.Background()
	p := pool.New(1)
	bad := func() {
		defer func() { panic("while exiting") }()
		runtime.Goexit()
	}
	for range 10 {
		require.NoError(t, p.Go(ctx, func(context.Context) { bad() }))
		_, err := pool.Submit(ctx, p, func(context.Context) (int, error) { bad(); return 1, nil }).Await(ctx)
		var panicked *future.PanicError
		require.ErrorAs(t, err, &panicked)
	}
	require.NoError(t, p.Shutdown(ctx))
	require.Equal(t, uint64(20), p.Stats().Failed)
}

func TestLaw6_AHookThatExitsLosesNoWorker(t *testing.T) {
	old := future.SetHooks(future.Hooks{Panic: func(*future.PanicError) { runtime.Goexit() }})
	defer future.SetHooks(old)
	ctx := context.Background()
	p := pool.New(1)
	require.NoError(t, p.Go(ctx, func(context.Context) { panic("boom") }))
	_, err := pool.Submit(ctx, p, one).Await(ctx)
	require.NoError(t, err)
	require.NoError(t, p.Shutdown(ctx))
}

// What a task starts as a future belongs to the submitter's ctx, whether or not
// the task has looked at its own.
func TestLaw2_FuturesOutliveTheTaskThatStartsThem(t *testing.T) {
	for _, look := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			ctx := context.Background()
			p := pool.New(1)
			fs := make(chan *future.Future[int], 1)
			require.NoError(t, p.Go(ctx, func(ctx context.Context) {
				if look {
					ctx.Done()
				}
				fs <- future.Then(future.Go(ctx, func(ctx context.Context) (int, error) {
					time.Sleep(time.Second)
					return 1, ctx.Err()
				}), func(ctx context.Context, n int) (int, error) { return n, ctx.Err() })
			}))
			v, err := (<-fs).Await(ctx)
			require.NoError(t, err)
			require.Equal(t, 1, v)
			require.NoError(t, p.Shutdown(ctx))
		})
	}
}
