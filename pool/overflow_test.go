package pool_test

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

// busy is a pool of one worker that has something to do until release.
func busy(t *testing.T, opts ...pool.Option) (p *pool.Pool, release func()) {
	p = pool.New(1, opts...)
	gate := make(chan struct{})
	require.NoError(t, p.Go(context.Background(), func(context.Context) { <-gate }))
	synctest.Wait()
	return p, func() { close(gate) }
}

// log makes tasks that note that they ran.
type log struct {
	mu  sync.Mutex
	ran []string
}

func (l *log) task(name string) func(context.Context) {
	return func(context.Context) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.ran = append(l.ran, name)
	}
}

func balanced(t require.TestingT, s pool.Stats) {
	require.Equal(t, s.Submitted, s.Completed+s.Failed+s.Canceled+s.Rejected+s.Dropped, "%+v", s)
	require.Zero(t, s.Running+s.Parked+s.Queued+s.Waiting, "%+v", s)
	require.LessOrEqual(t, s.Panicked, s.Failed)
}

func TestLaw4_DropOldest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p, release := busy(t, pool.Queue(3, pool.DropOldest))
		var l log
		fs := map[string]*future.Future[int]{}
		submit := func(on future.Executor, name string) {
			fs[name] = pool.Submit(ctx, on, func(context.Context) (int, error) { l.task(name)(ctx); return 1, nil })
		}
		submit(p, "a")
		submit(p.Priority(pool.Low), "b")
		submit(p.Key(1), "c")
		submit(p, "d")                     // drops a
		submit(p.Priority(pool.High), "e") // drops b, whatever the priorities
		submit(p, "f")                     // drops c
		require.Equal(t, 3, p.Stats().Queued)
		for _, name := range []string{"a", "b", "c"} {
			_, err := fs[name].Await(ctx)
			require.ErrorIs(t, err, pool.ErrDropped, name)
			require.NotErrorIs(t, err, future.ErrCanceled)
		}
		require.ErrorIs(t, p.TryGo(ctx, nothing), pool.ErrFull, "TryGo drops nothing")
		release()
		require.NoError(t, p.Shutdown(ctx))
		require.Equal(t, []string{"e", "d", "f"}, l.ran)
		s := p.Stats()
		balanced(t, s)
		require.Equal(t, uint64(3), s.Dropped)
		require.Equal(t, uint64(1), s.Rejected)
	})
}

// What hangs behind a key or a Sub is dropped in its turn.
func TestLaw4_DropOldestOfWhatIsNotReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(2, pool.Queue(4, pool.DropOldest))
		gate := make(chan struct{})
		wait := func(context.Context) { <-gate }
		sub := p.Sub(1)
		require.NoError(t, p.Key("k").Go(ctx, wait))
		synctest.Wait()
		require.NoError(t, sub.Go(ctx, wait))
		synctest.Wait()
		var l log
		for _, name := range []string{"1", "2"} {
			require.NoError(t, p.Key("k").Go(ctx, l.task("k"+name)))
			require.NoError(t, sub.Go(ctx, l.task("s"+name)))
		}
		for _, name := range []string{"3", "4", "5"} {
			require.NoError(t, p.Key(name).Go(ctx, l.task(name)))
		}
		close(gate)
		require.NoError(t, p.Shutdown(ctx))
		require.ElementsMatch(t, []string{"s2", "3", "4", "5"}, l.ran)
		balanced(t, p.Stats())
		require.Equal(t, uint64(3), p.Stats().Dropped)
	})
}

func TestLaw4_DropNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p, release := busy(t, pool.Queue(1, pool.DropNewest))
		f := pool.Submit(ctx, p, one)
		g := pool.Submit(ctx, p.Priority(pool.High), one)
		_, err := g.Await(ctx)
		require.ErrorIs(t, err, pool.ErrDropped)
		require.NoError(t, p.Go(ctx, nothing), "nobody is bothered")
		release()
		_, err = f.Await(ctx)
		require.NoError(t, err)
		require.NoError(t, p.Shutdown(ctx))
		balanced(t, p.Stats())
		require.Equal(t, uint64(2), p.Stats().Dropped)
	})
}

func TestCallerRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		ctx := context.WithValue(context.Background(), key{}, "v")
		p, release := busy(t, pool.Queue(1, pool.CallerRuns))
		require.NoError(t, p.Go(ctx, nothing))
		ran := false
		require.NoError(t, p.Go(ctx, func(ctx context.Context) {
			require.Equal(t, "v", ctx.Value(key{}))
			require.Equal(t, 2, p.Stats().Running, "beside the workers")
			ran = true
		}))
		require.True(t, ran, "inside of Go")
		_, err := pool.Submit(ctx, p, func(context.Context) (int, error) { return 0, errDisk }).Await(ctx)
		require.ErrorIs(t, err, errDisk)
		require.ErrorIs(t, p.TryGo(ctx, nothing), pool.ErrFull)

		brief, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		require.ErrorIs(t, p.Key(1).Go(brief, nothing), context.DeadlineExceeded, "a key waits")
		release()
		require.NoError(t, p.Shutdown(ctx))
		balanced(t, p.Stats())
	})
}

func TestLaw6_CallerRunsAndFails(t *testing.T) {
	quiet(t)
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p, release := busy(t, pool.Queue(1, pool.CallerRuns))
		require.NoError(t, p.Go(ctx, nothing))
		require.NoError(t, p.Go(ctx, func(context.Context) { panic("boom") }))
		_, err := pool.Submit(ctx, p, func(context.Context) (int, error) { panic("boom") }).Await(ctx)
		var panicked *future.PanicError
		require.ErrorAs(t, err, &panicked)
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			_ = p.Go(ctx, func(context.Context) { runtime.Goexit() })
			t.Error("Goexit ends the goroutine that it is called on")
		}()
		<-gone
		release()
		require.NoError(t, p.Shutdown(ctx))
		s := p.Stats()
		balanced(t, s)
		require.Equal(t, uint64(3), s.Failed)
		require.Equal(t, uint64(2), s.Panicked)
	})
}

// A shutdown waits for what callers run, and cancels it.
func TestLaw1_ShutdownOfWhatCallersRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(1, pool.Queue(1, pool.CallerRuns))
		require.NoError(t, p.Go(ctx, func(ctx context.Context) { <-ctx.Done() }))
		synctest.Wait()
		require.NoError(t, p.Go(ctx, nothing))
		var cause error
		go func() {
			_ = p.Go(ctx, func(ctx context.Context) { <-ctx.Done(); cause = context.Cause(ctx) })
		}()
		synctest.Wait()
		var left *pool.ShutdownError
		require.ErrorAs(t, p.Close(), &left)
		require.Equal(t, 2, left.Canceled)
		require.Equal(t, left, p.Shutdown(ctx))
		require.Equal(t, pool.ErrClosed, cause)
		balanced(t, p.Stats())
	})
}

// The nested task runs with the slot of the one that submits it, and gives that
// back when it waits.
func TestLaw9_CallerRunsNested(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(1, pool.Queue(1, pool.CallerRuns))
		var tree func(ctx context.Context, depth int) (int, error)
		tree = func(ctx context.Context, depth int) (int, error) {
			if depth == 0 {
				return 1, nil
			}
			var fs []*future.Future[int]
			for range 3 {
				fs = append(fs, pool.Submit(ctx, p, func(ctx context.Context) (int, error) { return tree(ctx, depth-1) }))
			}
			sum := 0
			ns, err := future.All(fs...).Await(ctx)
			for _, n := range ns {
				sum += n
			}
			return sum, err
		}
		n, err := pool.Submit(ctx, p, func(ctx context.Context) (int, error) { return tree(ctx, 4) }).Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 81, n)
		require.NoError(t, p.Shutdown(ctx))
		balanced(t, p.Stats())
	})
}
