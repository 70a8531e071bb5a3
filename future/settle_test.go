package future_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

func TestLaw4_PromiseSettlesOnce(t *testing.T) {
	p := future.NewPromise[int]()
	require.True(t, p.Resolve(1))
	require.False(t, p.Resolve(2))
	require.False(t, p.Reject(errDisk))
	require.False(t, p.Settle(3, nil))
	p.Future().Cancel(nil)
	v, err := p.Future().Await(context.Background())
	require.NoError(t, err)
	require.Equal(t, 1, v)
}

func TestLaw4_OneSettlerWinsAndEverybodySeesIt(t *testing.T) {
	ctx := context.Background()
	for range stress(2000) {
		p := future.NewPromise[int]()
		var won atomic.Int64
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				if p.Resolve(i + 1) {
					won.Add(int64(i + 1))
				}
			})
		}
		wg.Go(func() { p.Future().Cancel(errCause) })
		seen := make([]future.Result[int], 4)
		for i := range seen {
			wg.Go(func() {
				var r future.Result[int]
				switch i {
				case 0:
					r.Value, r.Err = p.Future().Await(ctx)
				case 1:
					<-p.Future().Done()
					r, _ = p.Future().Poll()
				case 2:
					c, cancel := context.WithCancel(ctx)
					defer cancel()
					r.Value, r.Err = p.Future().Await(c)
				case 3:
					r.Value, r.Err = future.Map(p.Future(), func(n int) int { return n }).Await(ctx)
				}
				seen[i] = r
			})
		}
		wg.Wait()
		for _, r := range seen {
			require.Equal(t, seen[0], r)
		}
		require.Equal(t, int64(seen[0].Value), won.Load())
	}
}

func TestLaw5_CancelBeforeTheStart(t *testing.T) {
	ctx := context.Background()
	ended, cancel := context.WithCancelCause(ctx)
	cancel(errCause)
	f := future.Go(ended, func(context.Context) (int, error) { t.Error("called"); return 0, nil })
	r, settled := f.Poll()
	require.True(t, settled, "at once")
	require.True(t, r.Canceled())
	require.ErrorIs(t, r.Err, errCause)
}

func TestLaw5_CancelOfAQueuedTaskSettlesAtOnce(t *testing.T) {
	ctx := context.Background()
	var q queue
	f := future.GoOn(ctx, &q, func(context.Context) (int, error) { t.Error("called"); return 0, nil })
	f.Cancel(errCause)
	r, settled := f.Poll()
	require.True(t, settled, "at once, while it is still queued")
	require.ErrorIs(t, r.Err, errCause)
	require.ErrorIs(t, q.tasks[0].Run(ctx), future.ErrCanceled, "and the executor is told")
}

func TestLaw5_CancelOfARunningTaskSettlesWhenItReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		f := future.Go(context.Background(), func(ctx context.Context) (int, error) {
			<-ctx.Done()
			<-release
			return 0, ctx.Err()
		})
		synctest.Wait()
		f.Cancel(errCause)
		synctest.Wait()
		_, settled := f.Poll()
		require.False(t, settled, "it still runs")
		close(release)
		_, err := f.Await(context.Background())
		require.ErrorIs(t, err, errCause)
	})
}

func TestLaw5_CancelOfAPromise(t *testing.T) {
	p := future.NewPromise[int]()
	p.Future().Cancel(errCause)
	<-p.Future().Done()
	require.False(t, p.Resolve(1))
	_, err := p.Future().Await(context.Background())
	require.ErrorIs(t, err, errCause)
}

func TestLaw6_PanicIsReportedAtOnce(t *testing.T) {
	seen := quiet(t)
	f := future.Go(context.Background(), func(context.Context) (int, error) { panic("boom") })
	<-f.Done()
	require.Len(t, *seen, 1, "before anybody awaited it")
	require.Equal(t, "boom", (*seen)[0].Value)
	require.Contains(t, string((*seen)[0].Stack), "TestLaw6_PanicIsReportedAtOnce")
	_, err := f.Await(context.Background())
	require.Same(t, (*seen)[0], err)
}

// Whatever user code does, its future settles and what follows goes on.
func TestLaw6_PanicAndGoexitEverywhere(t *testing.T) {
	ctx := context.Background()
	bad := map[string]struct {
		do func()
		is func(error) bool
	}{
		"panic":  {func() { panic("boom") }, func(err error) bool { var p *future.PanicError; return errors.As(err, &p) }},
		"Goexit": {runtime.Goexit, func(err error) bool { return errors.Is(err, future.ErrGoexit) }},
	}
	for name, b := range bad {
		entries := map[string]func() *future.Future[int]{
			"Go": func() *future.Future[int] {
				return future.Go(ctx, func(context.Context) (int, error) { b.do(); return 1, nil })
			},
			"GoOn": func() *future.Future[int] {
				return future.GoOn(ctx, spawn{}, func(context.Context) (int, error) { b.do(); return 1, nil })
			},
			"Then": func() *future.Future[int] {
				return future.Then(future.Resolved(1), func(context.Context, int) (int, error) { b.do(); return 1, nil })
			},
			"Map": func() *future.Future[int] {
				return future.Map(future.Resolved(1), func(int) int { b.do(); return 1 })
			},
			"Catch": func() *future.Future[int] {
				return future.Failed[int](errDisk).Catch(func(context.Context, error) (int, error) { b.do(); return 1, nil })
			},
			"Finally": func() *future.Future[int] { return future.Resolved(1).Finally(b.do) },
		}
		for entry, launch := range entries {
			t.Run(name+" in "+entry, func(t *testing.T) {
				quiet(t)
				f := launch()
				after := f.Catch(func(_ context.Context, err error) (int, error) {
					require.True(t, b.is(err), "%v", err)
					return 7, nil
				})
				v, err := after.Await(ctx)
				require.NoError(t, err)
				require.Equal(t, 7, v)
			})
		}
	}
}

func TestLaw6_GoexitInAContinuationLosesNoneBehindIt(t *testing.T) {
	ctx := context.Background()
	p := future.NewPromise[int]()
	first := future.Map(p.Future(), func(int) int { runtime.Goexit(); return 0 })
	last := first.Finally(func() {}).Catch(func(context.Context, error) (int, error) { return 1, nil })
	sibling := future.Map(p.Future(), func(n int) int { return n })
	p.Resolve(2)
	v, err := last.Await(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, v)
	v, err = sibling.Await(ctx)
	require.NoError(t, err)
	require.Equal(t, 2, v)
}

func TestLaw14_BadInputSaysWhatToPass(t *testing.T) {
	ctx := context.Background()
	fn := func(context.Context) (int, error) { return 0, nil }
	var none *future.Future[int]
	for name, call := range map[string]func(){
		"Go nil ctx":      func() { future.Go[int](nil, fn) }, //nolint:staticcheck // on purpose
		"Go nil fn":       func() { future.Go[int](ctx, nil) },
		"GoOn nil fn":     func() { future.GoOn[int](ctx, spawn{}, nil) },
		"Then nil fn":     func() { future.Then[int, int](future.Resolved(1), nil) },
		"Then nil future": func() { future.Map(none, func(int) int { return 0 }) },
		"Map nil fn":      func() { future.Map[int, int](future.Resolved(1), nil) },
		"Catch nil fn":    func() { future.Resolved(1).Catch(nil) },
		"Finally nil fn":  func() { future.Resolved(1).Finally(nil) },
		"All nil future":  func() { future.All(future.Resolved(1), none) },
		"Failed nil":      func() { future.Failed[int](nil) },
		"Reject nil":      func() { future.NewPromise[int]().Reject(nil) },
		"Await nil ctx":   func() { _, _ = future.NewPromise[int]().Future().Await(nil) }, //nolint:staticcheck // on purpose
		"Try nil":         func() { future.Try[int, int](nil) },
		"Do nil":          func() { future.Do[int](nil) },
		"Void nil":        func() { future.Void(nil) },
		"GoOn nil ctx":    func() { future.GoOn(nil, spawn{}, fn) }, //nolint:staticcheck // on purpose
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				text, _ := recover().(string)
				require.Regexp(t, `^future: .*needs`, text)
			}()
			call()
			t.Error("did not panic")
		})
	}
}

// Several begin to wait just as it settles. One of them may prepare the wait too
// late for the settler to see that, and none may wait for it.
func TestLaw4_AwaitsThatRaceWithTheSettling(t *testing.T) {
	for range stress(20_000) {
		p := future.NewPromise[int]()
		soon := func() {
			for range rand.N(30) {
				_ = p.Future().Err()
			}
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				soon()
				v, err := p.Future().Await(context.Background())
				if v != 1 || err != nil {
					t.Errorf("got %d, %v", v, err)
				}
			})
		}
		soon()
		p.Resolve(1)
		wg.Wait()
	}
}
