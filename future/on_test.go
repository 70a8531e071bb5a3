package future_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pool"
)

func TestLaw7_OnRunsWhatFollowsOnTheExecutor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		p := pool.New(1)
		defer p.Close()
		f := future.Go(ctx, after(1)).On(p)
		running := func(_ context.Context, n int) (int, error) { return p.Stats().Running, nil }
		one := future.Then(f, running)
		v, err := one.Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 1, v, "on the worker")
		synctest.Wait() // the worker has nothing to do any more
		v, err = future.Then(one, running).Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 0, v, "not behind a future that has settled")

		// A continuation there waits for its own pool.
		v, err = future.Then(future.Resolved(1).On(p), func(ctx context.Context, n int) (int, error) {
			return pool.Submit(ctx, p, func(context.Context) (int, error) { return n + 1, nil }).Await(ctx)
		}).Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 2, v)
	})
}

// An end that is no return ends the task, not the stay on the executor.
func TestLaw7_OnGoesOnThereAfterAPanic(t *testing.T) {
	for name, end := range map[string]func(){
		"panic":  func() { panic("on purpose") },
		"Goexit": runtime.Goexit,
		"both":   func() { defer panic("on purpose"); runtime.Goexit() },
	} {
		t.Run(name, func(t *testing.T) {
			defer future.SetHooks(future.SetHooks(future.Hooks{Panic: func(*future.PanicError) {}}))
			synctest.Test(t, func(t *testing.T) {
				p := pool.New(1)
				defer p.Close()
				ends := func(context.Context, int) (int, error) { end(); return 0, nil }
				running := func(context.Context, error) (int, error) { return p.Stats().Running, nil }
				trigger := future.NewPromise[int]()
				f := trigger.Future().On(p)
				first, second := future.Then(f, ends).Catch(running), future.Then(f, ends).Catch(running)
				twice := future.Then(future.Then(f, ends).Catch(running), ends).Catch(running)
				trigger.Resolve(1)
				vs, err := future.All(first, second, twice).Await(t.Context())
				require.NoError(t, err)
				require.Equal(t, []int{1, 1, 1}, vs, "on the worker")

				p.Close()
				over := pool.New(1)
				_, err = future.Then(future.Go(t.Context(), after(1)).On(over), func(context.Context, int) (int, error) {
					go over.Close()
					synctest.Wait()
					end()
					return 0, nil
				}).Catch(running).Await(t.Context())
				require.ErrorIs(t, err, pool.ErrClosed, "law 4: it says why it does not run")
			})
		})
	}
}

// All that follows it is bounded by the executor, whether it was attached before
// the future settled or later.
func TestLaw8_OnBoundsAllThatFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		p := pool.New(2)
		defer p.Close()
		var running testkit.Gauge
		work := func(_ context.Context, n int) (int, error) {
			running.Enter()
			defer running.Leave()
			time.Sleep(time.Second)
			return n, nil
		}
		promise := future.NewPromise[int]()
		f := promise.Future().On(p)
		var fs []*future.Future[int]
		for range 10 {
			fs = append(fs, future.Then(f, work))
		}
		promise.Resolve(1)
		_, err := f.Await(ctx)
		require.NoError(t, err)
		for range 10 {
			fs = append(fs, future.Then(f, work), future.Join2(f, f, func(ctx context.Context, a, _ int) (int, error) { return work(ctx, a) }))
		}
		_, err = future.All(fs...).Await(ctx)
		require.NoError(t, err)
		require.Equal(t, 2, running.Peak())

		p.Close()
		_, err = future.Then(f, work).Await(ctx)
		require.ErrorIs(t, err, pool.ErrClosed, "law 4: it says why it does not run")
	})
}

// A pool that stops its tasks stops what follows them on its workers.
func TestLaw5_AStoppedExecutorStopsWhatFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, start := range map[string]func(*pool.Pool) *future.Future[int]{
			"Submit": func(p *pool.Pool) *future.Future[int] {
				return pool.Submit(t.Context(), p, after(1))
			},
			"On": func(p *pool.Pool) *future.Future[int] { return future.Go(t.Context(), after(1)).On(p) },
		} {
			p := pool.New(1)
			f := future.Then(start(p), func(ctx context.Context, n int) (int, error) {
				<-ctx.Done()
				return 0, ctx.Err()
			})
			next := future.Map(f.WithFallback(1).Finally(func() {}), func(n int) int { return n })
			time.Sleep(time.Minute)
			_ = p.Close()
			_, err := f.Await(t.Context())
			require.ErrorIs(t, err, future.ErrCanceled, name)
			require.ErrorIs(t, err, pool.ErrClosed, name)
			_, err = next.Await(t.Context())
			require.ErrorIs(t, err, pool.ErrClosed, name)
			synctest.Wait()
			require.Equal(t, pool.Closed, p.Stats().State, name)
		}
	})
}

// block is an executor that is full until its ctx ends.
type block struct{ ended chan error }

func (b block) Execute(ctx context.Context, _ future.Task) error {
	<-ctx.Done()
	b.ended <- context.Cause(ctx)
	return ctx.Err()
}

type panics struct{}

func (panics) Execute(context.Context, future.Task) error { panic("executor") }

func TestOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hook(t, future.Hooks{})
		ctx := t.Context()
		errFull := errors.New("full")
		_, err := future.Resolved(1).On(&queue{err: errFull}).Await(ctx)
		require.Equal(t, errFull, err, "law 4: it says why")
		_, err = future.Failed[int](errDisk).On(spawn{}).Await(ctx)
		require.Equal(t, errDisk, err)
		var p *future.PanicError
		_, err = future.Resolved(1).On(panics{}).Await(ctx)
		require.ErrorAs(t, err, &p)

		var q queue
		f := future.Resolved(1).On(&q)
		synctest.Wait()
		q.tasks[0].Refuse(errFull)
		_, err = f.Await(ctx)
		require.Equal(t, errFull, err)

		// Canceled while the executor is full: nothing waits for it any more.
		full := block{make(chan error, 1)}
		f = future.Resolved(1).On(full)
		synctest.Wait()
		f.Cancel(errCause)
		require.ErrorIs(t, f.Err(), errCause)
		<-full.ended

		// So too for what follows it, which has a task of its own.
		f = future.Resolved(1).On(&q)
		synctest.Wait()
		require.NoError(t, q.tasks[1].Run(ctx))
		q.full = make(chan error, 1)
		g := future.Then(f, identity)
		synctest.Wait()
		g.Cancel(errCause)
		require.ErrorIs(t, g.Err(), errCause)
		<-q.full
		q.full = nil

		// Canceled while queued.
		f = future.Resolved(1).On(&q)
		synctest.Wait()
		f.Cancel(errCause)
		require.ErrorIs(t, q.tasks[2].Run(ctx), future.ErrCanceled)

		// It gives up its claim.
		call := future.Go(ctx, after(10))
		call.On(spawn{}).Cancel(errCause)
		_, err = call.Await(ctx)
		require.ErrorIs(t, err, errCause)
		time.Sleep(time.Minute)
	})
}
