package future_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

// Finally is for cleaning up: it runs and settles as its input did, also when
// the ctx of the chain has ended.
func TestFinallyRunsThoughTheContextHasEnded(t *testing.T) {
	value := func(context.Context) (int, error) { return 1, nil }
	for name, c := range map[string]struct {
		fn    func(context.Context) (int, error)
		early bool // ctx ends before Go
		late  bool // Finally comes after the input has settled
		want  int
		err   error
	}{
		"the work is canceled":          {fn: untilDone, err: errCause},
		"the work had succeeded":        {fn: func(ctx context.Context) (int, error) { <-ctx.Done(); return 1, nil }, want: 1},
		"the work never began":          {fn: value, early: true, err: errCause},
		"the work had settled before":   {fn: value, late: true, want: 1},
		"the work had failed by itself": {fn: func(context.Context) (int, error) { return 0, errDisk }, late: true, err: errDisk},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(context.Background())
				if c.early {
					cancel(errCause)
				}
				f := future.Go(ctx, c.fn)
				synctest.Wait()
				ran := false
				if c.late {
					cancel(errCause)
				}
				g := f.Finally(func() { ran = true })
				cancel(errCause)
				v, err := g.Await(context.Background())
				require.True(t, ran)
				require.Equal(t, c.want, v)
				require.ErrorIs(t, err, c.err)
			})
		})
	}
}

// An executor that does not take it, or drops it, does not keep it from running.
func TestFinallyRunsThoughItsExecutorRefuses(t *testing.T) {
	for name, executor := range map[string]*queue{"not accepted": {err: errDisk}, "dropped": {}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var q queue
				f := future.Resolved(1).On(&q)
				synctest.Wait()
				require.NoError(t, q.tasks[0].Run(t.Context()))
				q.err = executor.err
				ran := 0
				g := f.Finally(func() { ran++ })
				synctest.Wait()
				other := future.Map(f, func(n int) int { return n })
				synctest.Wait()
				for _, task := range q.tasks[1:] {
					task.Refuse(errDisk)
				}
				v, err := g.Await(t.Context())
				require.NoError(t, err, "it settles as f did")
				require.Equal(t, 1, v)
				require.Equal(t, 1, ran)
				_, err = other.Await(t.Context())
				require.Equal(t, errDisk, err)
			})
		})
	}
}

func TestFinallyRunsOnceUnderRaces(t *testing.T) {
	for range stress(2000) {
		ran := 0
		p := future.NewPromise[int]()
		g := p.Future().Finally(func() { ran++ })
		go g.Cancel(errCause)
		go p.Resolve(1)
		go g.Cancel(errDisk)
		<-g.Done()
		require.Equal(t, 1, ran)
	}
}
