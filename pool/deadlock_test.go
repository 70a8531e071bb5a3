package pool_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

// keeper submits a task that holds the key "a", fills the queue of one with
// another of that key, and then does what it is given.
func keeper(p *pool.Pool, on pool.View, then func(context.Context) error) *future.Future[struct{}] {
	return pool.Submit(context.Background(), on.Key("a"), future.Void(func(ctx context.Context) error {
		if err := p.Key("a").Go(context.Background(), nothing); err != nil {
			return err
		}
		return then(ctx)
	}))
}

// The place in the Sub that a submitter gives back may be what its task waits
// for.
func TestLaw9_SubmittingToOnesOwnSubOverAFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(2, pool.Queue(1, pool.Block))
		sub := p.Sub(1)
		_, err := keeper(p, sub, func(ctx context.Context) error {
			_, err := pool.Submit(ctx, sub, one).Await(ctx)
			return err
		}).Await(context.Background())
		require.NoError(t, err)
		require.NoError(t, p.Shutdown(context.Background()))
		balanced(t, p.Stats())
	})
}

// What waits for a task that runs is in no deadlock, however full the queue is.
func TestLaw9_NoDeadlockWhileOthersRun(t *testing.T) {
	for name, busy := range map[string]func(*pool.Pool) pool.View{
		"a Sub": func(p *pool.Pool) pool.View { return p.Sub(1) },
		"a key": func(p *pool.Pool) pool.View { return p.Key("b") },
		"both":  func(p *pool.Pool) pool.View { return p.Sub(1).Key("b") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := pool.New(4, pool.Queue(1, pool.Block))
				view := busy(p)
				require.NoError(t, view.Go(context.Background(), func(context.Context) { time.Sleep(time.Second) }))
				synctest.Wait()
				start := time.Now()
				_, err := keeper(p, p.Key("a"), func(ctx context.Context) error { return view.Go(ctx, nothing) }).Await(context.Background())
				require.NoError(t, err)
				require.Equal(t, time.Second, time.Since(start))
				require.NoError(t, p.Shutdown(context.Background()))
				balanced(t, p.Stats())
			})
		})
	}
}

// One who only stands behind those that wait for each other is not turned away,
// and one who has hope does not keep them there.
func TestLaw9_WhoIsTurnedAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := pool.New(4, pool.Queue(1, pool.Block))
		require.NoError(t, p.Key("slow").Go(ctx, func(context.Context) { time.Sleep(time.Hour) }))
		start := time.Now()
		culprit := keeper(p, p.Key("a"), func(ctx context.Context) error {
			time.Sleep(2 * time.Second)
			return p.Key("a").Go(ctx, nothing)
		})
		behind := func(key string) *future.Future[time.Duration] {
			return pool.Submit(ctx, p.Key(time.Now()), func(ctx context.Context) (time.Duration, error) {
				err := p.Key(key).Go(ctx, nothing)
				return time.Since(start), err
			})
		}
		synctest.Wait()
		victim := behind("a")
		time.Sleep(time.Second)
		hopeful := behind("slow")
		_, err := culprit.Await(ctx)
		require.ErrorIs(t, err, future.ErrDeadlock)
		require.Equal(t, 2*time.Second, time.Since(start))
		for _, f := range []*future.Future[time.Duration]{victim, hopeful} {
			took, err := f.Await(ctx)
			require.NoError(t, err)
			require.Equal(t, 2*time.Second, took, "room comes when the culprit is gone")
		}
		require.NoError(t, p.Shutdown(ctx))
		balanced(t, p.Stats())
	})
}
