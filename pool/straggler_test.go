package pool_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

// A task that blocks for ever is named in the report.
func TestLaw1_StragglersAreNamed(t *testing.T) {
	for name, opts := range map[string][]pool.Option{
		"plain":    nil,
		"measured": {pool.MeasureTimes()},
		"origins":  {pool.Origins()},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := context.Background()
				p := pool.New(2, append(opts, pool.Name("mail"))...)
				release := make(chan struct{})
				deaf := func(context.Context) { <-release }
				require.NoError(t, p.Named("send").Key(1).Go(ctx, deaf))
				require.NoError(t, p.Go(ctx, func(context.Context) { time.Sleep(5 * time.Second) }))
				require.NoError(t, p.Named("sync").Go(ctx, deaf)) // begins while the pool drains
				require.NoError(t, p.Priority(pool.Low).Key(1).Go(ctx, nothing))
				time.Sleep(time.Second)

				soon, cancel := context.WithTimeoutCause(ctx, 10*time.Second, errCause)
				defer cancel()
				err := p.Shutdown(soon)
				var left *pool.ShutdownError
				require.ErrorAs(t, err, &left)
				require.Equal(t, 1, left.NeverRun)
				require.Equal(t, 2, left.Canceled)
				age := 10 * time.Second // since Shutdown was called
				if name == "measured" {
					age = 11 * time.Second
				}
				for i, s := range left.Stragglers {
					if name == "origins" {
						require.Regexp(t, `straggler_test.go:\d+$`, s.Where)
					} else {
						require.Empty(t, s.Where)
					}
					left.Stragglers[i].Where = ""
				}
				require.Equal(t, []pool.Straggler{{Name: "send", Age: age}, {Name: "sync", Age: 6 * time.Second}}, left.Stragglers)
				require.Equal(t, fmt.Sprintf("pool mail: shutdown: 1 tasks not run, 2 still running (send for %v, sync for 6s): the cause", age), left.Error())
				close(release)
				require.Same(t, left, p.Shutdown(ctx))
				balanced(t, p.Stats())
			})
		})
	}
}

// A task that its submitter runs is known as well as one that a worker runs.
func TestLaw1_StragglersOfCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		for name, c := range map[string]struct {
			opts  []pool.Option
			age   time.Duration
			where string
		}{
			"plain":    {nil, 10 * time.Second, "^$"},
			"measured": {[]pool.Option{pool.MeasureTimes()}, 11 * time.Second, "^$"},
			"origins":  {[]pool.Option{pool.Origins()}, 10 * time.Second, `straggler_test.go:\d+$`},
		} {
			p, release := busy(t, append(c.opts, pool.Queue(0, pool.CallerRuns))...)
			go func() { _ = p.Named("sync").Go(ctx, func(ctx context.Context) { <-ctx.Done() }) }()
			time.Sleep(time.Second)
			soon, cancel := context.WithTimeout(ctx, 10*time.Second)
			err := p.Shutdown(soon)
			cancel()
			var left *pool.ShutdownError
			require.ErrorAs(t, err, &left, name)
			require.Len(t, left.Stragglers, 2, name)
			for _, s := range left.Stragglers {
				require.Equal(t, c.age, s.Age, name)
			}
			i := 0
			if left.Stragglers[0].Name == "" {
				i = 1
			}
			require.Equal(t, "sync", left.Stragglers[i].Name, name)
			require.Regexp(t, c.where, left.Stragglers[i].Where, name)
			release()
			require.Same(t, left, p.Shutdown(ctx), name)
		}
	})
}

func TestShutdownErrorOfMany(t *testing.T) {
	e := &pool.ShutdownError{Canceled: 5, Stragglers: make([]pool.Straggler, 5), Cause: errCause}
	e.Stragglers[0] = pool.Straggler{Name: "a", Age: time.Second, Where: "x.go:1"}
	require.Equal(t, "pool: shutdown: 0 tasks not run, 5 still running (a from x.go:1 for 1s, a task for 0s, a task for 0s, ...): the cause", e.Error())
}

// Whoever waits for an orderly end hears that another call has stopped the pool.
func TestLaw4_APatientShutdownHearsOfAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p, _ := busyUntilCanceled(t)
		require.NoError(t, p.Go(ctx, nothing))
		patient := future.Go(ctx, future.Void(p.Shutdown))
		synctest.Wait()
		require.Equal(t, pool.Draining, p.Stats().State)
		err := p.Close()
		require.Error(t, err)
		_, other := patient.Await(ctx)
		require.Equal(t, err, other)
		require.Same(t, err, p.Shutdown(ctx), "nothing is left now, but something was")
		require.Equal(t, pool.Closed, p.Stats().State)
		require.Equal(t, "Open Draining Closed", fmt.Sprint(pool.Open, " ", pool.Draining, " ", pool.Closed))
	})
}

func busyUntilCanceled(t *testing.T) (*pool.Pool, *future.Future[int]) {
	p := pool.New(1)
	f := pool.Submit(context.Background(), p, untilDone)
	synctest.Wait()
	return p, f
}

// Whatever waits in a view is refused when the pool stops.
func TestLaw4_ViewsAreRefusedWhenThePoolStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(3)
		release := make(chan struct{})
		wait := func(context.Context) { <-release }
		sub := p.Sub(1)
		require.NoError(t, p.Key("k").Go(ctx, wait))
		require.NoError(t, sub.Go(ctx, wait))
		synctest.Wait()
		var fs []*future.Future[int]
		for _, on := range []future.Executor{p.Key("k"), p.Key("k"), sub, sub.Key("k"), sub.Key("l"), sub.Key("l")} {
			fs = append(fs, pool.Submit(ctx, on, one))
		}
		synctest.Wait()
		require.NoError(t, p.Go(ctx, wait))
		synctest.Wait()
		for _, on := range []future.Executor{p.Priority(pool.High), p.Tenant("a", 1), p.Tenant("b", 2).Key("new"), p} {
			fs = append(fs, pool.Submit(ctx, on, one))
		}
		require.Error(t, p.Close())
		for _, f := range fs {
			_, err := f.Await(ctx)
			require.ErrorIs(t, err, pool.ErrNotRun)
		}
		close(release)
		require.Error(t, p.Shutdown(ctx))
		balanced(t, p.Stats())
		keys, _ := p.Remembered()
		require.Zero(t, keys)
	})
}
