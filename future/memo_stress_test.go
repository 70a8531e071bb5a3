package future_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
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
