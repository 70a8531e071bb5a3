package future_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

// table is a batch function that takes a second, doubles keys, and notes what it
// was asked for.
type table struct {
	mu      sync.Mutex
	batches [][]int
	ended   error
	answer  func(keys []int) (map[int]int, error)
}

func (s *table) load(ctx context.Context, keys []int) (map[int]int, error) {
	s.mu.Lock()
	s.batches = append(s.batches, slices.Clone(keys))
	s.mu.Unlock()
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		s.ended = context.Cause(ctx)
		return nil, ctx.Err()
	}
	if s.answer != nil {
		return s.answer(keys)
	}
	values := make(map[int]int)
	for _, k := range keys {
		values[k] = 2 * k
	}
	return values, nil
}

func TestLoader_OneBatchForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s table
		l := future.NewLoader(s.load, future.BatchWindow(10*time.Millisecond))
		begin := time.Now()
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				v, err := l.Get(t.Context(), i/2)
				require.NoError(t, err)
				require.Equal(t, i/2*2, v)
			})
		}
		wg.Wait()
		require.Equal(t, time.Second+10*time.Millisecond, time.Since(begin))
		require.Len(t, s.batches, 1)
		require.Len(t, s.batches[0], 50, "each key once")
	})
}

func TestLoader_ABatchIsSentWhenItIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s table
		l := future.NewLoader(s.load, future.BatchWindow(time.Hour), future.MaxBatch(3))
		begin := time.Now()
		var fs []*future.Future[int]
		for _, k := range []int{1, 2, 1, 3, 4} {
			fs = append(fs, l.Go(t.Context(), k))
		}
		values, err := future.All(fs[:4]...).Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, []int{2, 4, 2, 6}, values)
		require.Equal(t, time.Second, time.Since(begin))
		v, err := fs[4].Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, 8, v)
		require.Equal(t, time.Hour+time.Second, time.Since(begin))
		require.Equal(t, [][]int{{1, 2, 3}, {4}}, s.batches)
	})
}

func TestLoader_Errors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s table
		l := future.NewLoader(s.load)

		s.answer = func([]int) (map[int]int, error) {
			return map[int]int{1: 10, 2: 20, 7: 70}, future.KeyErrors[int]{2: errDisk}
		}
		values, err := l.GetAll(t.Context(), 1, 2, 3, 1)
		require.Equal(t, map[int]int{1: 10}, values)
		var failed future.KeyErrors[int]
		require.ErrorAs(t, err, &failed)
		require.Len(t, failed, 2)
		require.Equal(t, errDisk, failed[2])
		require.ErrorIs(t, failed[3], future.ErrMissingKey)
		require.ErrorIs(t, err, errDisk)
		require.EqualError(t, err, "future: key 2: disk\nfuture: key 3: no value was loaded for key 3")
		var missing *future.MissingKeyError
		require.ErrorAs(t, err, &missing)
		require.Equal(t, 3, missing.Key)

		s.answer = func([]int) (map[int]int, error) { return map[int]int{1: 10}, errDisk }
		values, err = l.GetAll(t.Context(), 1, 2)
		require.Empty(t, values)
		require.Equal(t, future.KeyErrors[int]{1: errDisk, 2: errDisk}, err)

		values, err = l.GetAll(t.Context())
		require.NoError(t, err)
		require.Empty(t, values)
	})
}

func TestLaw6_Loader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := future.SetHooks(future.Hooks{Panic: func(*future.PanicError) {}})
		defer future.SetHooks(old)
		var s table
		l := future.NewLoader(s.load)
		for want, end := range map[error]func(){
			errDisk:          func() { panic(errDisk) },
			future.ErrGoexit: runtime.Goexit,
		} {
			s.answer = func([]int) (map[int]int, error) { end(); return nil, nil }
			for _, f := range []*future.Future[int]{l.Go(t.Context(), 1), l.Go(t.Context(), 2)} {
				_, err := f.Await(t.Context())
				require.ErrorIs(t, err, want)
			}
		}
	})
}

func TestLaw11_LoaderCallersLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s table
		l := future.NewLoader(s.load, future.BatchWindow(time.Minute))
		brief, leave := context.WithCancelCause(t.Context())

		// Before the batch is sent: a key that nobody else wants is not asked for.
		a, b, c := l.Go(brief, 1), l.Go(t.Context(), 2), l.Go(brief, 2)
		leave(errCause)
		synctest.Wait()
		for _, f := range []*future.Future[int]{a, c} {
			r, settled := f.Poll()
			require.True(t, settled)
			require.True(t, r.Canceled())
			require.ErrorIs(t, r.Err, errCause)
		}
		v, err := b.Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, 4, v)
		require.Equal(t, [][]int{{2}}, s.batches)

		// While it runs: the last one that leaves ends it.
		brief, leave = context.WithCancelCause(t.Context())
		a, b = l.Go(t.Context(), 1), l.Go(t.Context(), 2)
		left := make(chan error, 1)
		go func() { _, err := l.Get(brief, 3); left <- err }()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Len(t, s.batches, 2)
		leave(errCause)
		err = <-left
		require.ErrorIs(t, err, future.ErrStoppedWaiting)
		require.ErrorIs(t, err, errCause)
		future.Map(a, func(n int) int { return n }).Cancel(errDisk)
		synctest.Wait()
		require.NoError(t, s.ended)
		b.Cancel(errDisk)
		synctest.Wait()
		require.Equal(t, errDisk, s.ended)

		// Nobody is left before it is sent: nothing is.
		l.Go(t.Context(), 9).Cancel(nil)
		time.Sleep(time.Hour)
		require.Len(t, s.batches, 2)
	})
}

func TestLoader_EndedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s table
		l := future.NewLoader(s.load)
		ended, cancel := context.WithCancelCause(t.Context())
		cancel(errCause)
		_, err := l.Get(ended, 1)
		require.ErrorIs(t, err, future.ErrStoppedWaiting)
		_, err = l.GetAll(ended, 1)
		require.ErrorIs(t, err, future.ErrStoppedWaiting)
		r, _ := l.Go(ended, 1).Poll()
		require.True(t, r.Canceled())
		time.Sleep(time.Hour)
		require.Empty(t, s.batches)
	})
}

func TestLoader_GetAllStopsWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s table
		l := future.NewLoader(s.load)
		brief, cancel := context.WithTimeout(t.Context(), time.Millisecond*500)
		defer cancel()
		_, err := l.GetAll(brief, 1, 2)
		require.ErrorIs(t, err, future.ErrStoppedWaiting)
		var failed future.KeyErrors[int]
		require.ErrorAs(t, err, &failed)
		require.Len(t, failed, 2)
		synctest.Wait()
		require.ErrorIs(t, s.ended, context.DeadlineExceeded)
	})
}

// A Memo of a Loader's Get keeps what the Loader gathers.
func TestLoader_BehindAMemo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s table
		users := future.NewMemo(future.NewLoader(s.load).Get, future.TTL(time.Minute))
		for range 3 {
			var fs []*future.Future[int]
			for k := range 10 {
				fs = append(fs, users.Go(t.Context(), k))
			}
			_, err := future.All(fs...).Await(t.Context())
			require.NoError(t, err)
		}
		require.Len(t, s.batches, 1)
	})
}

func TestLoader_Stress(t *testing.T) {
	for range stress(200) {
		l := future.NewLoader(func(_ context.Context, keys []int) (map[int]int, error) {
			values := make(map[int]int)
			for _, k := range keys {
				values[k] = k
			}
			return values, nil
		}, future.BatchWindow(time.Microsecond), future.MaxBatch(8))
		var wg sync.WaitGroup
		for g := range 8 {
			wg.Go(func() {
				for i := range 20 {
					ctx, cancel := context.WithCancel(context.Background())
					k := (g + i) % 13
					f := l.Go(ctx, k)
					if i%3 == 0 {
						cancel()
					}
					v, err := f.Await(context.Background())
					if err == nil && v != k || err != nil && !errors.Is(err, future.ErrCanceled) {
						panic(fmt.Sprint(v, err))
					}
					cancel()
				}
			})
		}
		wg.Wait()
	}
}
