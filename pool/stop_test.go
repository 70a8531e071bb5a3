package pool_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

// Two calls with the same ctx, one that is patient, and two that come later tell
// the same.
func TestLaw4_EveryShutdownTellsTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(1)
		release := make(chan struct{})
		require.NoError(t, p.Go(ctx, func(context.Context) { <-release }))
		for range 5 {
			require.NoError(t, p.Go(ctx, nothing))
		}
		soon, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		reports := make(chan error, 8)
		for _, ctx := range []context.Context{soon, soon, ctx} {
			go func() { reports <- p.Shutdown(ctx) }()
		}
		time.Sleep(2 * time.Second)
		go func() { reports <- p.Shutdown(ctx) }()
		reports <- p.Close()
		synctest.Wait()
		require.Len(t, reports, 3, "the patient ones still wait")
		close(release)
		synctest.Wait()
		reports <- p.Close()
		want := <-reports
		require.EqualError(t, want, "pool: shutdown: 5 tasks not run, 1 still running (a task for 1s): context deadline exceeded")
		require.Len(t, reports, 5)
		for len(reports) > 0 {
			require.Same(t, want, <-reports)
		}
	})
}

// A stop that leaves nothing behind is no failure, neither now nor later.
func TestLaw4_AStopOfAnIdlePool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(2)
		require.NoError(t, p.Close())
		require.NoError(t, pool.New(2).Shutdown(t.Context()))
		p = pool.New(2)
		require.NoError(t, p.Go(t.Context(), nothing))
		synctest.Wait()
		require.Equal(t, 1, p.Stats().Workers)
		require.NoError(t, p.Close())
		require.NoError(t, p.Close())
		require.NoError(t, p.Shutdown(t.Context()))
	})
}

// The report of a stop in the middle of submissions says what came of them: as
// many are refused as it says, and not one is canceled if it says so.
func TestLaw4_TheReportIsTrue(t *testing.T) {
	for i := range stress(300) {
		queue := pool.Queue(i%5, pool.Block)
		p := pool.New(1+i%3, queue)
		views := views(p)
		var refused, canceled atomic.Int64
		var clients, stoppers sync.WaitGroup
		for c := range 4 {
			clients.Go(func() {
				for n := 0; ; n++ {
					on := views[(n*c)%len(views)]
					f := pool.Submit(context.Background(), on, one)
					if n%2 == 0 {
						f = pool.Submit(context.Background(), p, one)
					}
					_, err := f.Await(context.Background())
					switch {
					case errors.Is(err, pool.ErrNotRun):
						refused.Add(1)
					case errors.Is(err, future.ErrCanceled):
						canceled.Add(1)
					case errors.Is(err, pool.ErrClosed):
						return
					}
				}
			})
		}
		soon, cancel := context.WithCancel(context.Background())
		reports := make([]error, 4)
		for n := range reports {
			stoppers.Go(func() {
				switch n {
				case 0:
					reports[n] = p.Close()
				case 1:
					reports[n] = p.Shutdown(context.Background())
				default:
					reports[n] = p.Shutdown(soon)
				}
			})
		}
		for range i % 50 {
			runtime.Gosched()
		}
		cancel()
		stoppers.Wait()
		clients.Wait()
		var left *pool.ShutdownError
		last := p.Shutdown(context.Background())
		for _, err := range reports {
			require.Equal(t, last, err)
		}
		if !errors.As(last, &left) {
			left = new(pool.ShutdownError)
		}
		s := p.Stats()
		balanced(t, s)
		require.Equal(t, left.NeverRun, int(s.Dropped), "%v", last)
		require.GreaterOrEqual(t, int(s.Dropped), int(refused.Load()))
		require.LessOrEqual(t, int(canceled.Load()), left.Canceled, "%v", last)
		require.LessOrEqual(t, left.Canceled, 1+i%3)
	}
}

// A task that a worker has been given and not begun yet is one that runs.
func TestLaw4_AStopSeesWhatWasHandedOver(t *testing.T) {
	for range stress(500) {
		p := pool.New(1, pool.Queue(0, pool.Block))
		f := pool.Submit(context.Background(), p, untilDone)
		require.Error(t, p.Close())
		_, err := f.Await(context.Background())
		require.ErrorIs(t, err, pool.ErrClosed)
		require.Error(t, p.Shutdown(context.Background()))
	}
}

// refusal is a task that does something when it is refused.
type refusal func()

func (r refusal) Run(context.Context) error { return nil }
func (r refusal) Refuse(error)              { r() }

// What refuses a task may stop the pool too, or end in a bad way: all that is
// queued is refused, and the pool's end waits for that.
func TestLaw6_ATaskThatRefusesBadly(t *testing.T) {
	quiet(t)
	for name, c := range map[string]func(*pool.Pool){
		"panics":  func(*pool.Pool) { panic("boom") },
		"exits":   func(*pool.Pool) { runtime.Goexit() },
		"sleeps":  func(*pool.Pool) { time.Sleep(time.Second) },
		"stops":   func(p *pool.Pool) { _ = p.Close() },
		"submits": func(p *pool.Pool) { _ = p.Go(context.Background(), nothing) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := context.Background()
				p := pool.New(1)
				require.NoError(t, p.Go(ctx, func(ctx context.Context) { <-ctx.Done() }))
				synctest.Wait()
				refused := 0
				for range 3 {
					require.NoError(t, p.Execute(ctx, refusal(func() { refused++; c(p) })))
				}
				last := pool.Submit(ctx, p, one)
				patient := future.Go(ctx, future.Void(p.Shutdown))
				synctest.Wait()
				go p.Close()
				_, err := patient.Await(ctx)
				var left *pool.ShutdownError
				require.ErrorAs(t, err, &left)
				require.Equal(t, 4, left.NeverRun)
				require.Equal(t, 3, refused)
				require.ErrorIs(t, last.Err(), pool.ErrNotRun)
				balanced(t, p.Stats())
			})
		})
	}
}
