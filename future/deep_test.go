package future_test

import (
	"context"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

// Chains of every link, of any length, take constant stack: the limit here is
// far below what one frame a link would need.
func TestLaw7_DeepChains(t *testing.T) {
	defer debug.SetMaxStack(debug.SetMaxStack(256 << 10))
	ctx := context.Background()
	links := stress(100_000)
	for name, c := range map[string]struct {
		link        func(ints) ints
		start, want int
		fails       bool
	}{
		"Map": {link: func(f ints) ints { return future.Map(f, func(n int) int { return n + 1 }) }, want: links},
		"Then": {link: func(f ints) ints {
			return future.Then(f, func(_ context.Context, n int) (int, error) { return n + 1, nil })
		}, want: links},
		"Handle": {link: func(f ints) ints {
			return future.Handle(f, func(_ context.Context, r future.Result[int]) (int, error) { return r.Value + 1, nil })
		}, want: links},
		"FlatMap": {link: func(f ints) ints {
			return future.FlatMap(f, func(n int) ints { return future.Resolved(n + 1) })
		}, want: links},
		"Finally":      {link: func(f ints) ints { return f.Finally(func() {}) }},
		"Shield":       {link: func(f ints) ints { return f.Shield() }},
		"WithFallback": {link: func(f ints) ints { return f.WithFallback(1) }},
		"Any":          {link: func(f ints) ints { return future.Any(f) }},
		"Join2": {link: func(f ints) ints {
			return future.Join2(f, future.Resolved(1), func(_ context.Context, a, b int) (int, error) { return a + b, nil })
		}, want: links},
		"Catch, that fails": {link: func(f ints) ints {
			return f.Catch(func(_ context.Context, err error) (int, error) { return 0, err })
		}, fails: true},
		"Then, past a failure": {link: func(f ints) ints { return future.Then(f, identity) }, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			chain := func(f ints) ints {
				for range links {
					f = c.link(f)
				}
				return f
			}
			p := future.NewPromise[int]()
			last := chain(p.Future())
			if c.fails {
				p.Reject(errDisk)
			} else {
				p.Resolve(0)
			}
			v, err := last.Await(ctx)
			if c.fails {
				require.Equal(t, errDisk, err)
			} else {
				require.NoError(t, err)
			}
			require.Equal(t, c.want, v)

			p = future.NewPromise[int]()
			last = chain(p.Future())
			last.Cancel(errCause) // back to the head, or not farther than a Shield
			if name != "Shield" {
				_, err = p.Future().Await(ctx)
				require.ErrorIs(t, err, errCause)
			}
			_, err = last.Await(ctx)
			require.ErrorIs(t, err, errCause)
		})
	}
}

// A loop that is written as a recursion of FlatMap.
func TestLaw7_FlatMapRecursion(t *testing.T) {
	defer debug.SetMaxStack(debug.SetMaxStack(256 << 10))
	ctx := context.Background()
	var count func(n, sum int) ints
	count = func(n, sum int) ints {
		if n == 0 {
			return future.Resolved(sum)
		}
		return future.FlatMap(future.Resolved(n), func(n int) ints { return count(n-1, sum+1) })
	}
	v, err := count(stress(100_000), 0).Await(ctx)
	require.NoError(t, err)
	require.Equal(t, stress(100_000), v)

	var forever func() ints
	stop := make(chan struct{})
	calls := 0
	forever = func() ints {
		if calls++; calls == stress(10_000) {
			close(stop)
			return future.NewPromise[int]().Future()
		}
		return future.FlatMap(future.Resolved(0), func(int) ints { return forever() })
	}
	f := forever()
	<-stop
	f.Cancel(errCause) // reaches the end, however deep
	_, err = f.Await(ctx)
	require.ErrorIs(t, err, errCause)
}

// What a pending promise costs, with its future.
func TestMemory_PendingPromises(t *testing.T) {
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	const n = 100_000
	ps := make([]future.Promise[int], n) // before: its 16 bytes are the caller's
	before := heap()
	for i := range ps {
		ps[i] = future.NewPromise[int]()
	}
	each := float64(heap()-before) / n
	runtime.KeepAlive(ps)
	t.Logf("%.0f bytes each", each)
	require.LessOrEqual(t, each, 200.0)
}
