package future_test

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

// hung is a function for a Memo whose first call answers at once, and whose
// others wait for their ctx.
type hung struct {
	calls atomic.Int64
	ended atomic.Pointer[error]
}

func (h *hung) get(ctx context.Context, _ string) (int64, error) {
	n := h.calls.Add(1)
	if n == 1 {
		return n, nil
	}
	<-ctx.Done()
	cause := context.Cause(ctx)
	h.ended.Store(&cause)
	return 0, ctx.Err()
}

func refreshed(t *testing.T, fn func(context.Context, string) (int64, error)) *future.Memo[string, int64] {
	t.Helper()
	m := future.NewMemo(fn, future.TTL(time.Minute), future.RefreshAhead(10*time.Second))
	_, err := m.Get(t.Context(), "k")
	require.NoError(t, err)
	time.Sleep(55 * time.Second)
	v, err := m.Get(t.Context(), "k")
	require.NoError(t, err)
	require.EqualValues(t, 1, v)
	synctest.Wait()
	return m
}

// A refresh that hangs has no caller to end it: time does.
func TestLaw1_MemoRefreshForNobodyEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hung
		refreshed(t, h.get)
		require.EqualValues(t, 2, h.calls.Load())
		time.Sleep(15*time.Second - time.Nanosecond)
		synctest.Wait()
		require.Nil(t, h.ended.Load())
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		require.ErrorIs(t, *h.ended.Load(), future.ErrNotNeeded)
	})
}

// Those who come when the old value has expired join the refresh, and the last
// one of them ends it.
func TestLaw11_MemoRefreshIsJoinedAndLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hung
		m := refreshed(t, h.get)
		ctx, leave := context.WithCancelCause(t.Context())
		time.Sleep(5*time.Second - time.Nanosecond)
		require.NoError(t, m.Go(ctx, "k").Err(), "the old value, in the last moment")
		time.Sleep(time.Nanosecond)
		f, g := m.Go(ctx, "k"), m.Go(t.Context(), "k")
		time.Sleep(time.Hour)
		require.ErrorIs(t, f.Err(), future.ErrPending)
		require.EqualValues(t, 2, h.calls.Load())
		g.Cancel(nil)
		synctest.Wait()
		require.Nil(t, h.ended.Load())
		leave(errCause)
		synctest.Wait()
		require.Equal(t, errCause, *h.ended.Load())
	})
}

func TestMemo_ForgetEndsARefreshForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hung
		m := refreshed(t, h.get)
		m.Forget("k")
		synctest.Wait()
		require.ErrorIs(t, *h.ended.Load(), future.ErrNotNeeded)
		require.Zero(t, m.Len())
	})
}

// A refresh that fails is tried again, but not by every hit.
func TestMemo_AFailedRefreshDoesNotStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s source
		m := future.NewMemo(s.get, future.TTL(time.Minute), future.RefreshAhead(16*time.Second))
		_, err := m.Get(t.Context(), "k") // good until 1:01
		require.NoError(t, err)
		begin := time.Now()
		s.fail.Store(true)
		var tries []time.Duration
		for calls := int64(1); time.Since(begin) < time.Minute; time.Sleep(time.Second / 2) {
			v, err := m.Get(t.Context(), "k")
			require.NoError(t, err)
			require.Equal(t, 1, v)
			synctest.Wait()
			if n := s.calls.Load(); n > calls {
				require.Equal(t, calls+1, n)
				calls = n
				tries = append(tries, time.Since(begin))
			}
		}
		// From the call at 0:44 there is a failure at 0:45 and 15 s are left; from
		// that at 0:52.5 there are 6.5 s, and so on.
		require.Equal(t, []time.Duration{44 * time.Second, 52500 * time.Millisecond, 57 * time.Second, 59 * time.Second}, tries)
	})
}

// Of the hits that see that it is time, one begins the refresh.
func TestMemo_OneRefreshForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s source
		m := future.NewMemo(s.get, future.TTL(time.Minute), future.RefreshAhead(10*time.Second))
		_, err := m.Get(t.Context(), "k")
		require.NoError(t, err)
		time.Sleep(55 * time.Second)
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				v, err := m.Get(t.Context(), "k")
				require.NoError(t, err)
				require.Equal(t, 1, v)
			})
		}
		wg.Wait()
		time.Sleep(2 * time.Second)
		require.EqualValues(t, 2, s.calls.Load())
	})
}

func TestLaw6_MemoRefreshThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := quiet(t)
		var calls atomic.Int64
		m := refreshed(t, func(context.Context, string) (int64, error) {
			if calls.Add(1) > 1 {
				panic(errDisk)
			}
			return 1, nil
		})
		require.Len(t, *told, 1)
		v, err := m.Get(t.Context(), "k")
		require.NoError(t, err)
		require.EqualValues(t, 1, v, "until its time")
	})
}

// For ever is no time in the past.
func TestMemo_TheLongestTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s source
		m := future.NewMemo(s.get, future.TTL(math.MaxInt64), future.NegativeTTL(math.MaxInt64), future.RefreshAhead(time.Hour))
		for range 3 {
			v, err := m.Get(t.Context(), "k")
			require.NoError(t, err)
			require.Equal(t, 1, v)
			time.Sleep(24 * time.Hour)
		}
	})
}
