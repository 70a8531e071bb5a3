package future_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/future"
)

// One goroutine's gets, forgets and waits agree with a map that has expiries.
func TestMemo_AgainstAModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var fault string
		synctest.Test(t, func(t *testing.T) {
			fault = memoHistory(t.Context(), rt)
		})
		if fault != "" {
			rt.Fatal(fault)
		}
	})
}

func memoHistory(ctx context.Context, rt *rapid.T) string {
	type kept struct {
		value   int
		err     error
		expires time.Time
	}
	const ttl, errTTL = 10 * time.Second, 3 * time.Second
	model := map[int]kept{}
	calls, failing := 0, false
	m := future.NewMemo(func(context.Context, int) (int, error) {
		calls++
		if failing {
			return 0, errDisk
		}
		return calls, nil
	}, future.TTL(ttl), future.NegativeTTL(errTTL), future.MaxEntries(100))
	for range rapid.IntRange(1, 60).Draw(rt, "steps") {
		k := rapid.IntRange(0, 4).Draw(rt, "key")
		switch rapid.IntRange(0, 4).Draw(rt, "op") {
		case 0:
			time.Sleep(time.Duration(rapid.IntRange(0, 8).Draw(rt, "s")) * time.Second)
		case 1:
			m.Forget(k)
			delete(model, k)
		case 2:
			failing = !failing
		default:
			want, known := model[k]
			before := calls
			if !known || !time.Now().Before(want.expires) {
				want = kept{value: calls + 1, expires: time.Now().Add(ttl)}
				if failing {
					want = kept{err: errDisk, expires: time.Now().Add(errTTL)}
				}
				model[k] = want
				before++
			}
			v, err := m.Get(ctx, k)
			if v != want.value || err != want.err || calls != before {
				return fmt.Sprintf("key %d: got %d, %v after %d calls; want %d, %v after %d", k, v, err, calls, want.value, want.err, before)
			}
		}
	}
	return ""
}

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
