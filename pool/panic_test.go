package pool_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

// Only a task whose own function has panicked counts as one, whoever runs it,
// and the hook is told of as many.
func TestLaw6_OnlyItsOwnPanicCounts(t *testing.T) {
	quiet(t)
	boom := func(context.Context) (int, error) { panic("boom") }
	inner := func(p *pool.Pool) func(context.Context) (int, error) {
		return func(ctx context.Context) (int, error) { return pool.Submit(ctx, p, boom).Await(ctx) }
	}
	wait := func(f *future.Future[int]) { <-f.Done() }
	for name, c := range map[string]struct {
		do               func(ctx context.Context, p *pool.Pool)
		panicked, failed uint64
		canceled         uint64
	}{
		"Go": {func(ctx context.Context, p *pool.Pool) {
			_ = p.Go(ctx, func(context.Context) { panic("boom") })
		}, 1, 1, 0},
		"Submit":           {func(ctx context.Context, p *pool.Pool) { wait(pool.Submit(ctx, p, boom)) }, 1, 1, 0},
		"a view":           {func(ctx context.Context, p *pool.Pool) { wait(pool.Submit(ctx, p.Key(1), boom)) }, 1, 1, 0},
		"returns a task's": {func(ctx context.Context, p *pool.Pool) { wait(pool.Submit(ctx, p, inner(p))) }, 1, 2, 0},
		"wraps a task's": {func(ctx context.Context, p *pool.Pool) {
			wait(pool.Submit(ctx, p, func(ctx context.Context) (int, error) {
				v, err := inner(p)(ctx)
				return v, errors.Join(errDisk, err)
			}))
		}, 1, 2, 0},
		"returns it, with the same ctx as the one that panicked": {func(ctx context.Context, p *pool.Pool) {
			f := pool.Submit(ctx, p, boom)
			<-f.Done()
			wait(pool.Submit(ctx, p, func(ctx context.Context) (int, error) { return 0, f.Err() }))
		}, 1, 2, 0},
		"panics with it": {func(ctx context.Context, p *pool.Pool) {
			_ = p.Go(ctx, func(ctx context.Context) {
				_, err := inner(p)(ctx)
				panic(err)
			})
		}, 2, 2, 0},
		"panics with a cancellation": {func(ctx context.Context, p *pool.Pool) {
			wait(pool.Submit(ctx, p, func(context.Context) (int, error) { panic(future.ErrCanceled) }))
		}, 1, 1, 0},
		"returns the cause of its cancel": {func(ctx context.Context, p *pool.Pool) {
			begun := make(chan struct{})
			f := pool.Submit(ctx, p, func(ctx context.Context) (int, error) {
				close(begun)
				<-ctx.Done()
				return 0, context.Cause(ctx)
			})
			<-begun
			f.Cancel(&future.PanicError{Value: 1})
			wait(f)
		}, 0, 0, 1},
		"Map": {func(ctx context.Context, p *pool.Pool) {
			_, _ = pool.Map(ctx, p, []int{1}, func(context.Context, int) (int, error) { panic("boom") })
		}, 1, 1, 0},
		"returns Map's": {func(ctx context.Context, p *pool.Pool) {
			wait(pool.Submit(ctx, p, func(ctx context.Context) (int, error) {
				return 0, pool.ForEach(ctx, p, []int{1}, func(context.Context, int) error { panic("boom") })
			}))
		}, 1, 2, 0},
		"in Then": {func(ctx context.Context, p *pool.Pool) {
			wait(future.Then(pool.Submit(ctx, p, one).On(p), func(context.Context, int) (int, error) { panic("boom") }))
		}, 0, 0, 0},
		"Goexit in Then": {func(ctx context.Context, p *pool.Pool) {
			release := make(chan struct{})
			f := pool.Submit(ctx, p, func(context.Context) (int, error) { <-release; return 1, nil })
			g := future.Then(f, func(context.Context, int) (int, error) { runtime.Goexit(); return 1, nil })
			close(release)
			wait(g)
		}, 0, 0, 0},
		"panics, and Goexit in what follows": {func(ctx context.Context, p *pool.Pool) {
			release := make(chan struct{})
			f := pool.Submit(ctx, p, func(context.Context) (int, error) { <-release; panic("boom") })
			g := f.Finally(runtime.Goexit)
			close(release)
			wait(g)
		}, 1, 1, 0},
		"a timer": {func(ctx context.Context, p *pool.Pool) {
			<-p.After(ctx, 0, func(context.Context) { panic("boom") }).Done()
		}, 1, 1, 0},
		"a group": {func(ctx context.Context, p *pool.Pool) {
			s := errgroup.Collect[int](ctx, errgroup.On(p))
			_ = s.Go(ctx, boom)
			_, _ = s.Wait()
		}, 1, 1, 0},
		"Goexit":              {func(ctx context.Context, p *pool.Pool) { _ = p.Go(ctx, func(context.Context) { runtime.Goexit() }) }, 0, 1, 0},
		"a task of one's own": {func(ctx context.Context, p *pool.Pool) { _ = p.Execute(ctx, ownTask{}) }, 1, 1, 0},
		"a context of its kind": {func(ctx context.Context, p *pool.Pool) {
			_ = p.Go(context.WithValue(ctx, ownTask{}, 1), func(context.Context) { panic("boom") })
		}, 1, 1, 0},
	} {
		for _, queue := range []pool.Option{pool.Queue(8, pool.Block), pool.Queue(0, pool.CallerRuns)} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx := context.Background()
					told := uint64(0)
					hooks := pool.WithHooks(pool.Hooks{Panic: func(_ pool.TaskInfo, p *future.PanicError) {
						require.NotEmpty(t, p.Stack)
						told++
					}})
					plain, watched := pool.New(1, queue), pool.New(1, queue, hooks)
					for _, p := range []*pool.Pool{plain, watched} {
						go c.do(ctx, p)
						synctest.Wait()
						require.NoError(t, p.Shutdown(ctx))
						s := p.Stats()
						balanced(t, s)
						require.Equal(t, []uint64{c.panicked, c.failed, c.canceled}, []uint64{s.Panicked, s.Failed, s.Canceled}, "panicked, failed, canceled")
					}
					require.Equal(t, c.panicked, told)
				})
			})
		}
	}
}

type ownTask struct{}

func (ownTask) Run(context.Context) error { panic("boom") }
func (ownTask) Refuse(error)              {}
