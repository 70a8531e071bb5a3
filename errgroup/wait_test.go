package errgroup_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/pool"
)

// Wait in a task of a pool comes back only when there is a worker again. A call
// that is started by then is waited for too.
func TestWait_SeesCallsThatBeginWhileItComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(1, pool.Queue(4, pool.Block))
		defer p.Close()
		scopes := make(chan *errgroup.Scope[int], 1)
		start := time.Now()
		f := pool.Submit(t.Context(), p, func(ctx context.Context) ([]int, error) {
			s := errgroup.Collect[int](ctx)
			scopes <- s
			if err := s.Go(ctx, after(time.Second, 1, nil)); err != nil {
				return nil, err
			}
			return s.Wait()
		})
		s := <-scopes
		require.NoError(t, p.Go(t.Context(), func(context.Context) { time.Sleep(10 * time.Second) })) // has the worker
		time.Sleep(5 * time.Second)
		require.Zero(t, s.Stats().Running)
		require.NoError(t, s.Go(t.Context(), after(time.Hour, 2, nil)))
		values, err := f.Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, []int{1, 2}, values)
		require.Equal(t, time.Hour+5*time.Second, time.Since(start))
	})
}
