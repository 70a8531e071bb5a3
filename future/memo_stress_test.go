package future_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

func TestMemo_Stress(t *testing.T) {
	for range stress(100) {
		m := future.NewMemo(func(_ context.Context, k int) (int, error) {
			if k%5 == 0 {
				return 0, errDisk
			}
			return k, nil
		}, future.TTL(time.Microsecond), future.MaxEntries(4))
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 50 {
					ctx, cancel := context.WithCancel(context.Background())
					k := rand.N(12)
					var v int
					var err error
					switch rand.N(4) {
					case 0:
						m.Forget(k)
					case 1:
						f := m.Go(ctx, k)
						cancel()
						v, err = f.Await(context.Background())
					default:
						v, err = m.Get(ctx, k)
					}
					cancel()
					switch {
					case errors.Is(err, future.ErrCanceled), err == nil && v == 0, err == nil && v == k:
					case k%5 == 0 && err == errDisk:
					default:
						t.Errorf("key %d: %d, %v", k, v, err)
					}
				}
			})
		}
		wg.Wait()
		require.LessOrEqual(t, m.Len(), 4)
	}
}

// Who comes after a Forget never gets what was there before it, although hits
// take no lock.
func TestMemo_ForgetIsSeenByAllWhoComeLater(t *testing.T) {
	var version, forgotten atomic.Int64
	m := future.NewMemo(func(context.Context, int) (int64, error) { return version.Load(), nil }, future.MaxEntries(8))
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range stress(2000) {
				_, _ = m.Get(context.Background(), 2+(g+i)%20) // moves others
				least := forgotten.Load()
				v, err := m.Get(context.Background(), 1)
				if err != nil || v < least {
					t.Errorf("got %d, %v, want at least %d", v, err, least)
					return
				}
			}
		})
	}
	for range stress(2000) {
		v := version.Add(1)
		m.Forget(1)
		forgotten.Store(v)
	}
	wg.Wait()
}

// Who stays never sees that others have left.
func TestLaw11_MemoCancellationsAreNotForStrangers(t *testing.T) {
	m := future.NewMemo(func(ctx context.Context, k int) (int, error) {
		for range 200 {
			if ctx.Err() != nil {
				return 0, ctx.Err()
			}
		}
		return k, nil
	}, future.TTL(time.Nanosecond))
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range stress(500) {
				k := i % 3
				if g%2 == 0 {
					ctx, cancel := context.WithCancel(context.Background())
					f := m.Go(ctx, k)
					cancel()
					<-f.Done()
					continue
				}
				v, err := m.Get(context.Background(), k)
				if err != nil || v != k {
					t.Errorf("got %d, %v, want %d", v, err, k)
					return
				}
			}
		})
	}
	wg.Wait()
}
