package errgroup_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/task"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pool"
)

func TestStart_ReturnsWhenReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		s := errgroup.Collect[int](ctx)
		start := time.Now()
		require.NoError(t, s.Start(ctx, func(ctx context.Context, ready func()) (int, error) {
			time.Sleep(time.Second)
			go ready() // from wherever
			time.Sleep(time.Second)
			ready() // and as often as it likes
			return 1, nil
		}))
		require.Equal(t, time.Second, time.Since(start))
		require.Equal(t, errgroup.Stats{Started: 1, Running: 1}, s.Stats())
		require.NoError(t, s.Start(ctx, func(_ context.Context, ready func()) (int, error) {
			ready()
			defer ready()
			return 2, nil
		}))
		values, err := s.Wait()
		require.NoError(t, err)
		require.Equal(t, []int{1, 2}, values, "a call as of Go")
	})
}

// ready after everything is over harms nobody.
func TestStart_ReadyMuchLater(t *testing.T) {
	s := errgroup.Collect[int](t.Context())
	var late func()
	require.ErrorIs(t, s.Start(t.Context(), func(_ context.Context, ready func()) (int, error) { late = ready; return 1, nil }), errgroup.ErrNotReady)
	_, err := s.Wait()
	require.NoError(t, err)
	late()
}

func TestStart_EndsBeforeItIsReady(t *testing.T) {
	for name, c := range map[string]struct {
		fn   func(ctx context.Context, cancel func()) (int, error)
		is   error
		wait error
	}{
		"error":    {func(context.Context, func()) (int, error) { return 3, errDisk }, errDisk, errDisk},
		"panic":    {func(context.Context, func()) (int, error) { panic(errDisk) }, errDisk, errDisk},
		"Goexit":   {func(context.Context, func()) (int, error) { runtime.Goexit(); return 0, nil }, future.ErrGoexit, future.ErrGoexit},
		"no error": {func(context.Context, func()) (int, error) { return 3, nil }, errgroup.ErrNotReady, nil},
		"canceled": {func(ctx context.Context, cancel func()) (int, error) { cancel(); <-ctx.Done(); return 0, ctx.Err() }, future.ErrCanceled, errNet},
	} {
		for _, opts := range [][]errgroup.Option{nil, {errgroup.Limit(1)}, {errgroup.On(onGoroutine)}} {
			t.Run(name, func(t *testing.T) {
				quiet(t)
				testkit.Ends(t, func(t *testing.T) {
					s := errgroup.Collect[int](t.Context(), opts...)
					err := s.Start(t.Context(), func(ctx context.Context, _ func()) (int, error) {
						return c.fn(ctx, func() { s.Cancel(errNet) })
					})
					require.ErrorIs(t, err, c.is)
					_, err = s.Wait()
					if c.wait == nil {
						require.NoError(t, err)
						return
					}
					require.ErrorIs(t, err, c.wait)
				})
			})
		}
	}
}

// A failure has ended the scope by the time that Start returns it; under
// Supervise Start does not wait for the sink.
func TestStart_AndWhatFollowsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fails := func(context.Context, func()) (int, error) { return 0, errDisk }
		s := errgroup.Collect[int](t.Context())
		require.Equal(t, errDisk, s.Start(t.Context(), fails))
		require.ErrorIs(t, s.Go(t.Context(), value(1)), errgroup.ErrOver)
		s.Wait()

		s = errgroup.Collect[int](t.Context(), errgroup.Supervise(func(int, error) { time.Sleep(time.Hour) }))
		start := time.Now()
		require.Equal(t, errDisk, s.Start(t.Context(), fails))
		require.Zero(t, time.Since(start))
		require.NoError(t, s.Go(t.Context(), value(1)))
		s.Wait()
	})
}

// Whoever stops waiting leaves the call to itself; the end of the scope does not
// make Start claim that the call has ended.
func TestStart_OnCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := errgroup.Collect[int](t.Context())
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := s.Start(short, func(ctx context.Context, ready func()) (int, error) {
			time.Sleep(time.Minute)
			ready()
			return 1, ctx.Err()
		})
		var stopped *future.WaitError
		require.ErrorAs(t, err, &stopped)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		values, err := s.Wait()
		require.NoError(t, err)
		require.Equal(t, []int{1}, values)

		s = errgroup.Collect[int](t.Context())
		time.AfterFunc(time.Second, func() { s.Cancel(errNet) })
		start := time.Now()
		err = s.Start(t.Context(), func(ctx context.Context, ready func()) (int, error) {
			<-ctx.Done()
			time.Sleep(time.Hour) // gives back what it had got ready
			return 0, ctx.Err()
		})
		require.ErrorIs(t, err, future.ErrCanceled)
		require.ErrorIs(t, err, errNet)
		require.Equal(t, time.Hour+time.Second, time.Since(start))
		s.Wait()
	})
}

// A call may start another one at the limit and wait until it is ready.
func TestStart_Nested(t *testing.T) {
	oneAtATime(t, func(t *testing.T, opts []errgroup.Option) {
		s := errgroup.Collect[int](t.Context(), opts...)
		require.NoError(t, s.Start(t.Context(), func(ctx context.Context, ready func()) (int, error) {
			err := s.Start(ctx, func(ctx context.Context, ready func()) (int, error) {
				ready()
				return 2, s.Start(ctx, func(_ context.Context, ready func()) (int, error) { ready(); return 3, nil })
			})
			ready()
			return 1, err
		}))
		values, err := s.Wait()
		require.NoError(t, err)
		require.Equal(t, []int{1, 2, 3}, values)
	})
}

// What never begins answers too.
func TestStart_NeverBegun(t *testing.T) {
	never := func(context.Context, func()) (int, error) { t.Error("was called"); return 0, nil }
	for name, on := range map[string]executor{"rejecting": rejecting, "dropping": dropping} {
		t.Run(name, func(t *testing.T) {
			testkit.Ends(t, func(t *testing.T) {
				s := errgroup.Collect[int](t.Context(), errgroup.On(on))
				require.Error(t, s.Start(t.Context(), never))
				s.Wait()
			})
		})
	}
	s := errgroup.Collect[int](t.Context())
	s.Close()
	require.ErrorIs(t, s.Start(t.Context(), never), errgroup.ErrClosed)
	s.Cancel(errNet)
	require.ErrorIs(t, s.Start(t.Context(), never), errgroup.ErrOver)
	s.Wait()
}

// parking is a slot that says when its task parks.
type parking func()

func (p parking) Park()                { p() }
func (parking) Unpark(context.Context) {}

// If fn is ready by the time that ctx ends, that is what counts: here both come
// when Start is about to wait.
func TestStart_ReadyBeatsTheEndOfCtx(t *testing.T) {
	for range 100 {
		parent, cancel := context.WithCancel(t.Context())
		s := errgroup.Collect[int](t.Context())
		said := make(chan func(), 1)
		var ctx task.Ctx
		ctx.Init(parent, parking(func() { (<-said)(); cancel(); <-ctx.Done() }))
		release := make(chan struct{})
		require.NoError(t, s.Start(&ctx, func(_ context.Context, ready func()) (int, error) {
			said <- ready
			<-release
			return 1, nil
		}))
		close(release)
		s.Wait()
		ctx.Release()
	}
}

// A task of the only worker of a pool waits for a call on that pool to be ready.
func TestStart_InATaskOfThePool(t *testing.T) {
	testkit.Ends(t, func(t *testing.T) {
		p := pool.New(1, pool.Queue(1, pool.Block))
		defer p.Close()
		_, err := pool.Submit(t.Context(), p, func(ctx context.Context) (int, error) {
			s := errgroup.Collect[int](ctx, errgroup.On(p))
			err := s.Start(ctx, func(_ context.Context, ready func()) (int, error) { time.Sleep(time.Second); ready(); return 1, nil })
			if err != nil {
				return 0, err
			}
			_, err = s.Wait()
			return 1, err
		}).Await(t.Context())
		require.NoError(t, err)
	})
}
