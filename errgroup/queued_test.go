package errgroup_test

import (
	"context"
	"sync"
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

// shelf is an executor that takes every call and begins none by itself.
type shelf struct {
	tasks []future.Task
}

func (e *shelf) Execute(_ context.Context, t future.Task) error {
	e.tasks = append(e.tasks, t)
	return nil
}

func never(t *testing.T) func(context.Context) (int, error) {
	return func(context.Context) (int, error) { t.Error("was called"); return 0, nil }
}

// What an executor has not begun is settled by the end of the scope, and what
// the executor does with it later does nothing.
func TestLaw5_QueuedCallsSettleAtTheEnd(t *testing.T) {
	for name, c := range map[string]struct {
		opts  []errgroup.Option
		end   func(s *errgroup.Scope[int], e *shelf, cancelParent func(error))
		cause error
		wait  error
	}{
		"Cancel": {nil, func(s *errgroup.Scope[int], _ *shelf, _ func(error)) { s.Cancel(errNet) }, errNet, errNet},
		"parent": {nil, func(_ *errgroup.Scope[int], _ *shelf, cancel func(error)) { cancel(errNet) }, errNet, errNet},
		"failure": {nil, func(s *errgroup.Scope[int], e *shelf, _ func(error)) {
			_ = s.Go(context.Background(), fails(errDisk))
			_ = e.tasks[len(e.tasks)-1].Run(s.Context())
		}, errDisk, errDisk},
		"refusal": {nil, func(s *errgroup.Scope[int], e *shelf, _ func(error)) {
			_ = s.Go(context.Background(), value(1))
			e.tasks[len(e.tasks)-1].Refuse(errDropped)
		}, errDropped, errDropped},
		"decided": {[]errgroup.Option{errgroup.First()}, func(s *errgroup.Scope[int], e *shelf, _ func(error)) {
			_ = s.Go(context.Background(), value(1))
			_ = e.tasks[len(e.tasks)-1].Run(s.Context())
		}, errgroup.ErrDecided, nil},
		"hopeless": {[]errgroup.Option{errgroup.Quorum(9)}, func(s *errgroup.Scope[int], _ *shelf, _ func(error)) { s.Close() }, errgroup.ErrQuorum, errgroup.ErrQuorum},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				parent, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				e := new(shelf)
				s := errgroup.Collect[int](parent, append(c.opts, errgroup.On(e), errgroup.Limit(6))...)
				for range 5 {
					require.NoError(t, s.Go(t.Context(), never(t)))
				}
				c.end(s, e, cancel)
				synctest.Wait()
				before := s.Stats()
				require.GreaterOrEqual(t, before.NotStarted, 5)
				_, err := s.Wait()
				require.ErrorIs(t, err, c.wait)
				for i, queued := range e.tasks[:5] {
					if i%2 == 0 {
						queued.Refuse(errDropped)
					}
					err := queued.Run(t.Context())
					require.ErrorIs(t, err, future.ErrCanceled)
					require.ErrorIs(t, err, c.cause)
				}
				_, again := s.Wait()
				require.Equal(t, err, again)
				require.Equal(t, before, s.Stats())
			})
		})
	}
}

// The end gives the places back to calls that want to resume.
func TestLaw5_QueuedCallsGiveTheirPlacesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := new(shelf)
		s := errgroup.Collect[int](t.Context(), errgroup.On(e), errgroup.Limit(1))
		other := future.NewPromise[int]()
		require.NoError(t, s.Go(t.Context(), func(ctx context.Context) (int, error) {
			return other.Future().Await(context.WithoutCancel(ctx))
		}))
		go e.tasks[0].Run(s.Context())
		synctest.Wait()
		require.NoError(t, s.Go(t.Context(), never(t))) // has the place, and is not begun
		other.Resolve(3)
		s.Cancel(errNet)
		values, err := s.Wait()
		require.ErrorIs(t, err, errNet)
		require.Equal(t, []int{3, 0}, values)
	})
}

// A pool that is busy with other people's work keeps nobody waiting, and a pool
// that closes afterwards changes no outcome.
func TestLaw5_WaitIsNotBehindOtherPeoplesWork(t *testing.T) {
	for name, then := range map[string]func(p *pool.Pool){
		"busy":   func(*pool.Pool) {},
		"closed": func(p *pool.Pool) { _ = p.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := pool.New(1)
				require.NoError(t, p.Go(t.Context(), func(context.Context) { time.Sleep(time.Hour) }))
				synctest.Wait()
				s := errgroup.Collect[int](t.Context(), errgroup.On(p))
				require.NoError(t, s.Go(t.Context(), never(t)))
				require.NoError(t, s.Do(t.Context(), func(context.Context) error { t.Error("was called"); return nil }))
				start := time.Now()
				s.Cancel(errNet)
				go then(p)
				_, err := s.Wait()
				var canceled *future.CanceledError
				require.ErrorAs(t, err, &canceled)
				require.Equal(t, errNet, canceled.Cause)
				require.Zero(t, time.Since(start))
				require.Equal(t, errgroup.Stats{NotStarted: 2}, s.Stats())
				_ = p.Shutdown(t.Context())
			})
		})
	}
}

// An executor that neither accepts nor gives up keeps its caller, but not Wait.
func TestOn_NotAcceptedYetAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		deaf := executor(func(context.Context, future.Task) error { time.Sleep(time.Hour); return nil })
		s := errgroup.Collect[int](t.Context(), errgroup.On(deaf))
		got := make(chan error, 1)
		go func() { got <- s.Go(t.Context(), never(t)) }()
		synctest.Wait()
		s.Close()
		s.Cancel(errNet)
		start := time.Now()
		values, err := s.Wait()
		require.ErrorIs(t, err, errNet)
		require.Empty(t, values, "was never accepted")
		require.Zero(t, time.Since(start))
		err = <-got
		require.ErrorIs(t, err, errgroup.ErrOver)
		require.ErrorIs(t, err, errNet)
	})
}

// An executor that blocks parks its caller with the context that it got. That
// ends with the scope; the caller's place is a matter of the caller's context.
func TestLaw9_ExecutorThatBlocksKeepsTheCallersLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parks := executor(func(ctx context.Context, _ future.Task) error {
			if slot := task.SlotOf(ctx); slot != nil {
				slot.Park()
				defer slot.Unpark(ctx)
			}
			<-ctx.Done()
			return ctx.Err()
		})
		callers := errgroup.Collect[int](t.Context(), errgroup.Limit(1))
		s := errgroup.Collect[int](t.Context(), errgroup.On(parks))
		var gauge testkit.Gauge
		for range 5 {
			require.NoError(t, callers.Go(t.Context(), func(ctx context.Context) (int, error) {
				err := s.Go(ctx, value(1))
				gauge.Enter()
				defer gauge.Leave()
				time.Sleep(time.Second)
				require.ErrorIs(t, err, errgroup.ErrOver)
				return 1, nil
			}))
		}
		synctest.Wait()
		s.Cancel(nil)
		_, err := callers.Wait()
		require.NoError(t, err)
		require.Equal(t, 1, gauge.Peak())
		_, err = s.Wait()
		require.ErrorIs(t, err, future.ErrCanceled)
	})
}

// Run, Refuse and the end of the scope meet: one of them settles the call.
func TestLaw4_RunAndTheEndMeet(t *testing.T) {
	rounds := 2000
	if testing.Short() {
		rounds = 200
	}
	for round := range rounds {
		e := new(shelf)
		s := errgroup.Collect[int](t.Context(), errgroup.On(e), errgroup.Limit(3), errgroup.Supervise(func(int, error) {}))
		for range 3 {
			require.NoError(t, s.Go(t.Context(), value(1)))
		}
		var actors sync.WaitGroup
		for i, queued := range e.tasks {
			actors.Go(func() {
				if (i+round)%3 == 0 {
					queued.Refuse(errDropped)
					return
				}
				if err := queued.Run(s.Context()); err != nil {
					require.ErrorIs(t, err, future.ErrCanceled)
				}
			})
		}
		actors.Go(func() { s.Cancel(nil) })
		seen := 0
		for range s.Results() {
			seen++
		}
		actors.Wait()
		require.Equal(t, 3, seen)
		s.Wait()
		stats := s.Stats()
		require.Equal(t, 3, stats.Started+stats.NotStarted)
		require.Zero(t, stats.Running)
	}
}
