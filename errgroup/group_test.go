package errgroup_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
)

var (
	errDisk = errors.New("disk full")
	errNet  = errors.New("net down")
)

// quiet keeps the panic hook from logging, and counts what it was told.
func quiet(t *testing.T) *[]*future.PanicError {
	var mu sync.Mutex
	told := new([]*future.PanicError)
	old := future.SetHooks(future.Hooks{Panic: func(e *future.PanicError) {
		mu.Lock()
		defer mu.Unlock()
		*told = append(*told, e)
	}})
	t.Cleanup(func() { future.SetHooks(old) })
	return told
}

// limits are the ways in which a Group can run its functions.
var limits = map[string]func(*errgroup.Group){
	"no limit": func(*errgroup.Group) {},
	"limit 1":  func(g *errgroup.Group) { g.SetLimit(1) },
	"limit 8":  func(g *errgroup.Group) { g.SetLimit(8) },
}

func TestGroup_FirstErrorEndsTheContext(t *testing.T) {
	for name, limit := range limits {
		t.Run(name, func(t *testing.T) {
			g, ctx := errgroup.WithContext(t.Context())
			limit(g)
			ran := make([]bool, 20)
			for i := range ran {
				g.Go(func() error {
					ran[i] = true
					if i == 0 {
						return errDisk
					}
					<-ctx.Done()
					return context.Cause(ctx)
				})
			}
			require.Equal(t, errDisk, g.Wait())
			require.Equal(t, errDisk, context.Cause(ctx))
			require.NotContains(t, ran, false, "every function runs, also after the first error")
		})
	}
}

func TestGroup_LimitIsReachedAndKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g errgroup.Group
		var gauge testkit.Gauge
		g.SetLimit(3)
		release := make(chan struct{})
		var started atomic.Int32
		go func() {
			for range 10 {
				g.Go(func() error {
					gauge.Enter()
					defer gauge.Leave()
					<-release
					return nil
				})
				started.Add(1)
			}
		}()
		synctest.Wait()
		require.Equal(t, 3, gauge.Now())
		require.EqualValues(t, 3, started.Load(), "the fourth Go waits for room")
		require.False(t, g.TryGo(func() error { return errNet }))
		release <- struct{}{}
		synctest.Wait()
		require.Equal(t, 3, gauge.Now())
		require.EqualValues(t, 4, started.Load())
		close(release)
		synctest.Wait()
		require.NoError(t, g.Wait())
		require.EqualValues(t, 10, started.Load())
		require.Equal(t, 3, gauge.Peak())
	})
}

func TestGroup_CallersAtTheLimitAreServedInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g errgroup.Group
		g.SetLimit(1)
		release := make(chan struct{})
		g.Go(func() error { <-release; return nil })
		var order []int
		for i := range 10 {
			go g.Go(func() error { order = append(order, i); return nil })
			synctest.Wait()
		}
		close(release)
		synctest.Wait()
		require.NoError(t, g.Wait())
		require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, order)
	})
}

// All functions that a limit lets in must be able to run at once, whichever
// goroutine they were handed to.
func TestGroup_NoneWaitsBehindABlockedOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g errgroup.Group
		g.SetLimit(8)
		for range 50 {
			var all sync.WaitGroup
			all.Add(8)
			for range 8 {
				g.Go(func() error {
					all.Done()
					all.Wait()
					return nil
				})
			}
		}
		require.NoError(t, g.Wait())
	})
}

func TestGroup_SetLimit(t *testing.T) {
	t.Run("while active", func(t *testing.T) {
		var g errgroup.Group
		g.SetLimit(2)
		release := make(chan struct{})
		g.Go(func() error { <-release; return nil })
		require.PanicsWithError(t, "errgroup: modify limit while 1 goroutines in the group are still active",
			func() { g.SetLimit(5) })
		g.SetLimit(-1)
		g.Go(func() error { return nil })
		close(release)
		require.NoError(t, g.Wait())
	})
	t.Run("after Wait", func(t *testing.T) {
		var g errgroup.Group
		for n := range 100 {
			g.SetLimit(n%7 + 1)
			for range 20 {
				g.Go(func() error { return nil })
			}
			require.NoError(t, g.Wait())
		}
	})
	t.Run("zero", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var g errgroup.Group
			g.SetLimit(0)
			require.False(t, g.TryGo(func() error { return nil }))
			require.NoError(t, g.Wait())
		})
	})
}

func TestGroup_GoexitLosesNeitherWorkerNorWork(t *testing.T) {
	for name, limit := range limits {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var g errgroup.Group
				limit(&g)
				ran := make([]bool, 40)
				for i := range ran {
					g.Go(func() error {
						ran[i] = true
						if i%3 == 0 {
							runtime.Goexit()
						}
						return nil
					})
				}
				require.Equal(t, future.ErrGoexit, g.Wait())
				require.NotContains(t, ran, false)
			})
		})
	}
}

func TestGroup_Misuse(t *testing.T) {
	var g errgroup.Group
	require.PanicsWithValue(t, "errgroup: Go needs a function, got nil", func() { g.Go(nil) })
	require.PanicsWithValue(t, "errgroup: TryGo needs a function, got nil", func() { g.TryGo(nil) })
	require.PanicsWithValue(t,
		"errgroup: WithContext needs a context, got nil: pass context.Background() if there is none",
		func() { errgroup.WithContext(nil) }) //nolint:staticcheck // that is the point
	require.NoError(t, g.Wait())
}

func TestGroup_Stress(t *testing.T) {
	n := 4000
	if testing.Short() {
		n = 1000
	}
	for _, limit := range []int{1, 2, 3, 8, 1000} {
		var g errgroup.Group
		var gauge testkit.Gauge
		var callers sync.WaitGroup
		var mu sync.Mutex
		ran := 0
		g.SetLimit(limit)
		for range 4 {
			callers.Go(func() {
				for i := range n / 4 {
					fn := func() error {
						gauge.Enter()
						defer gauge.Leave()
						mu.Lock()
						ran++
						mu.Unlock()
						if i%100 == 7 {
							runtime.Gosched()
						}
						if i%1000 == 9 {
							runtime.Goexit()
						}
						return nil
					}
					for i%5 == 0 && !g.TryGo(fn) {
						g.Go(fn)
						break
					}
					if i%5 != 0 {
						g.Go(fn)
					}
				}
			})
		}
		callers.Wait()
		require.Equal(t, future.ErrGoexit, g.Wait())
		require.Equal(t, n, ran)
		require.LessOrEqual(t, gauge.Peak(), limit)
	}
}
