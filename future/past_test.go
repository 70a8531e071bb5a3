package future_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

// tracked counts its values that are still referred to.
type tracked struct{ live atomic.Int64 }

func (k *tracked) value() *[64]byte {
	v := new([64]byte)
	k.live.Add(1)
	runtime.AddCleanup(v, func(n *atomic.Int64) { n.Add(-1) }, &k.live)
	return v
}

func (k *tracked) fallsTo(t *testing.T, want int64) {
	t.Helper()
	for range 200 {
		runtime.GC()
		if k.live.Load() <= want {
			return
		}
	}
	t.Fatalf("%d values are kept, want at most %d", k.live.Load(), want)
}

// A future that is kept keeps neither its siblings nor what it came from.
func TestMemory_WhatASettledFutureKeeps(t *testing.T) {
	ctx := context.Background()
	for name, derive := range map[string]func(*future.Future[*[64]byte], *tracked) *future.Future[*[64]byte]{
		"Map": func(f *future.Future[*[64]byte], k *tracked) *future.Future[*[64]byte] {
			return future.Map(f, func(*[64]byte) *[64]byte { return k.value() })
		},
		"FlatMap": func(f *future.Future[*[64]byte], k *tracked) *future.Future[*[64]byte] {
			return future.FlatMap(f, func(*[64]byte) *future.Future[*[64]byte] { return future.Resolved(k.value()) })
		},
		"On": func(f *future.Future[*[64]byte], k *tracked) *future.Future[*[64]byte] {
			return future.Map(f.On(spawn{}), func(*[64]byte) *[64]byte { return k.value() })
		},
		"Join2": func(f *future.Future[*[64]byte], k *tracked) *future.Future[*[64]byte] {
			return future.Join2(f, f, func(context.Context, *[64]byte, *[64]byte) (*[64]byte, error) { return k.value(), nil })
		},
		"Race": func(f *future.Future[*[64]byte], k *tracked) *future.Future[*[64]byte] {
			return future.Map(future.Race(future.Race(f, future.NewPromise[*[64]byte]().Future())), func(*[64]byte) *[64]byte { return k.value() })
		},
		"Any, of a failed Join2": func(f *future.Future[*[64]byte], k *tracked) *future.Future[*[64]byte] {
			failed := future.Join2(f, future.Failed[int](errDisk), func(context.Context, *[64]byte, int) (*[64]byte, error) { return nil, nil })
			return future.Any(failed, f, future.Resolved(k.value()))
		},
	} {
		t.Run(name, func(t *testing.T) {
			var k tracked
			p := future.NewPromise[*[64]byte]()
			var siblings []*future.Future[*[64]byte]
			for range 100 {
				siblings = append(siblings, derive(p.Future(), &k))
			}
			p.Resolve(k.value())
			for _, f := range siblings {
				_, _ = f.Await(ctx)
			}
			kept := siblings[50]
			siblings, p = nil, future.Promise[*[64]byte]{}
			k.fallsTo(t, 1)
			runtime.KeepAlive(kept)

			k = tracked{}
			f := future.Resolved(k.value())
			for range 100 {
				f = derive(f, &k)
				_, _ = f.Await(ctx)
			}
			k.fallsTo(t, 1)
			runtime.KeepAlive(f)
		})
	}
}

func TestMemory_WhatAFailedJoinKeeps(t *testing.T) {
	var k tracked
	j := future.Join2(future.Resolved(k.value()), future.Failed[int](errDisk), func(context.Context, *[64]byte, int) (int, error) { return 0, nil })
	require.Error(t, j.Err())
	k.fallsTo(t, 0)
	runtime.KeepAlive(j)
}

// A future that was canceled, or has timed out, keeps neither what it did not wait
// for nor its function.
func TestMemory_WhatACanceledFutureKeeps(t *testing.T) {
	type large = *[64]byte
	for name, derive := range map[string]func(f *future.Future[large], v large) func() error{
		"Map": func(f *future.Future[large], v large) func() error {
			g := future.Map(f, func(large) large { return v })
			g.Cancel(nil)
			return g.Err
		},
		"WithFallback": func(f *future.Future[large], v large) func() error {
			g := f.WithFallback(v)
			g.Cancel(nil)
			return g.Err
		},
		"Timeout": func(f *future.Future[large], _ large) func() error {
			g := f.Timeout(time.Second)
			time.Sleep(2 * time.Second)
			return g.Err
		},
		"On": func(f *future.Future[large], _ large) func() error {
			g := f.On(spawn{})
			g.Cancel(nil)
			return g.Err
		},
		"Join2": func(f *future.Future[large], v large) func() error {
			g := future.Join2(f, f, func(context.Context, large, large) (large, error) { return v, nil })
			g.Cancel(nil)
			return g.Err
		},
		"FlatMap": func(f *future.Future[large], v large) func() error {
			g := future.FlatMap(f, func(large) *future.Future[large] { return future.Resolved(v) })
			g.Cancel(nil)
			return g.Err
		},
		"FlatMap's second": func(f *future.Future[large], _ large) func() error {
			g := future.FlatMap(future.Resolved(1), func(int) *future.Future[large] { return f })
			synctest.Wait()
			g.Cancel(nil)
			return g.Err
		},
		"Lazy": func(_ *future.Future[large], v large) func() error {
			g := future.Lazy(context.Background(), func(context.Context) (large, error) { return v, nil })
			g.Cancel(nil)
			return g.Err
		},
	} {
		t.Run(name, func(t *testing.T) {
			var k tracked
			var kept func() error
			synctest.Test(t, func(t *testing.T) {
				p := future.NewPromise[large]()
				shield := p.Future().Shield()
				kept = derive(p.Future(), k.value())
				require.True(t, p.Resolve(k.value()))
				require.NoError(t, shield.Err())
			})
			k.fallsTo(t, 0)
			require.Error(t, kept())
		})
	}
}

// Awaiters and links that leave a pending future leave nothing behind.
func TestMemory_WhoLeavesAPendingFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := future.NewPromise[int]()
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		keep := p.Future().Shield()
		for range stress(2000) {
			_, _ = p.Future().Await(ended)
			future.Map(p.Future(), func(n int) int { return n }).Cancel(nil)
			future.Race(p.Future(), future.Resolved(1))
			future.AsCompleted(ended, p.Future())(func(int, future.Result[int]) bool { return true })
			p.Future().Timeout(1)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		require.Equal(t, 1, p.Future().Followers())
		p.Resolve(1)
		require.NoError(t, keep.Err())
	})
}

// The ctx behind combinations of combinations is found without recursion.
func TestLaw7_DeepCombinations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := future.NewPromise[int]()
		f := p.Future()
		for range stress(100_000) {
			f = future.Race(f)
		}
		g := future.Map(f, func(n int) int { return n + 1 })
		p.Resolve(1)
		v, err := g.Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, 2, v)
	})
}

func TestLaw11_QuorumThatCannotBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := future.Go(t.Context(), untilDone)
		synctest.Wait()
		require.Equal(t, future.ErrNoInput, future.Quorum(2, f).Err())
		_, err := f.Await(t.Context())
		require.ErrorIs(t, err, future.ErrCanceled, "it is decided without it")
		require.ErrorIs(t, err, future.ErrNoInput)
	})
}

func TestLaw14_ErrorsWithoutACause(t *testing.T) {
	require.EqualError(t, &future.CanceledError{}, "future: canceled")
	require.EqualError(t, &future.WaitError{}, "future: stopped waiting")
	require.PanicsWithValue(t, "future: the zero Promise has no future to settle: call NewPromise",
		func() { future.Promise[int]{}.Resolve(1) })
}
