package future_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

// source is a function for a Memo that counts its calls, takes a second, and
// answers with the number of the call.
type source struct {
	calls atomic.Int64
	ended atomic.Pointer[error] // the cause of the last call's ctx that ended
	fail  atomic.Bool
}

func (s *source) get(ctx context.Context, _ string) (int, error) {
	n := int(s.calls.Add(1))
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		cause := context.Cause(ctx)
		s.ended.Store(&cause)
		return 0, ctx.Err()
	}
	if s.fail.Load() {
		return 0, errDisk
	}
	return n, nil
}

func TestMemo_OneFlightForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s source
		m := future.NewMemo(s.get)
		begin := time.Now()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				v, err := m.Get(t.Context(), "k")
				require.NoError(t, err)
				require.Equal(t, 1, v)
			})
		}
		f := m.Go(t.Context(), "k")
		wg.Wait()
		require.Equal(t, time.Second, time.Since(begin))
		v, err := f.Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, v)

		v, err = m.Get(t.Context(), "k")
		require.NoError(t, err)
		require.Equal(t, 1, v)
		r, settled := m.Go(t.Context(), "k").Poll()
		require.True(t, settled)
		require.Equal(t, future.Result[int]{Value: 1}, r)
		require.EqualValues(t, 1, s.calls.Load())
		require.Equal(t, time.Second, time.Since(begin))
	})
}

func TestLaw11_MemoCallersLeave(t *testing.T) {
	for name, leave := range map[string]func(*future.Memo[string, int], context.Context){
		"Get": func(m *future.Memo[string, int], ctx context.Context) {
			_, err := m.Get(ctx, "k")
			if !errors.Is(err, future.ErrStoppedWaiting) || !errors.Is(err, errCause) || errors.Is(err, future.ErrCanceled) {
				panic(err)
			}
		},
		"Go": func(m *future.Memo[string, int], ctx context.Context) {
			_, err := m.Go(ctx, "k").Await(context.Background())
			if !errors.Is(err, future.ErrCanceled) || !errors.Is(err, errCause) {
				panic(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var s source
				m := future.NewMemo(s.get)
				first, leaveFirst := context.WithCancelCause(t.Context())
				second, leaveSecond := context.WithCancelCause(t.Context())
				go leave(m, first)
				synctest.Wait()
				go leave(m, second)
				synctest.Wait()
				leaveFirst(errCause)
				synctest.Wait()
				require.Nil(t, s.ended.Load(), "another one still waits")
				leaveSecond(errCause)
				synctest.Wait()
				require.Equal(t, errCause, *s.ended.Load(), "the last one ends it")

				v, err := m.Get(t.Context(), "k")
				require.NoError(t, err, "what strangers have canceled is not ours")
				require.Equal(t, 2, v)
			})
		})
	}
}

// A call that ignores its ctx goes on after the last caller has left. It is not
// waited for, and not kept.
func TestLaw5_MemoOfADeafFunction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		m := future.NewMemo(func(context.Context, string) (int64, error) {
			n := calls.Add(1)
			time.Sleep(time.Minute)
			return n, nil
		})
		brief, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := m.Get(brief, "k")
		require.ErrorIs(t, err, future.ErrStoppedWaiting)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		v, err := m.Get(t.Context(), "k")
		require.NoError(t, err)
		require.EqualValues(t, 2, v)
		v, err = m.Get(t.Context(), "k")
		require.NoError(t, err)
		require.EqualValues(t, 2, v, "kept is what was not canceled")
	})
}

func TestMemo_Expiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s source
		m := future.NewMemo(s.get, future.TTL(time.Minute), future.NegativeTTL(10*time.Second))
		get := func(want int, wantErr error) {
			t.Helper()
			v, err := m.Get(t.Context(), "k")
			require.Equal(t, wantErr, err)
			require.Equal(t, want, v)
		}
		get(1, nil)
		time.Sleep(time.Minute - 1)
		get(1, nil)
		time.Sleep(time.Nanosecond)
		get(2, nil)

		m.Forget("k")
		s.fail.Store(true)
		get(0, errDisk)
		time.Sleep(10*time.Second - 1)
		get(0, errDisk)
		require.EqualValues(t, 3, s.calls.Load())
		time.Sleep(time.Nanosecond)
		s.fail.Store(false)
		get(4, nil)
	})
}

func TestMemo_FailuresAreNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s source
		s.fail.Store(true)
		m := future.NewMemo(s.get, future.TTL(time.Hour))
		for n := range 3 {
			_, err := m.Get(t.Context(), "k")
			require.Equal(t, errDisk, err)
			require.EqualValues(t, n+1, s.calls.Load())
		}
	})
}

func TestMemo_RefreshAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s source
		m := future.NewMemo(s.get, future.TTL(time.Minute), future.RefreshAhead(10*time.Second))
		get := func(want int) {
			t.Helper()
			begin := time.Now()
			v, err := m.Get(t.Context(), "k")
			require.NoError(t, err)
			require.Equal(t, want, v)
			require.Zero(t, time.Since(begin))
		}
		_, err := m.Get(t.Context(), "k") // good until 1:01
		require.NoError(t, err)
		time.Sleep(49 * time.Second)
		get(1)
		require.EqualValues(t, 1, s.calls.Load(), "not yet")
		time.Sleep(time.Second)
		get(1)
		get(1)
		time.Sleep(time.Second)
		synctest.Wait() // the refresh has come: good until 1:52
		get(2)
		require.EqualValues(t, 2, s.calls.Load())

		s.fail.Store(true)
		time.Sleep(55 * time.Second)
		get(2) // begins a refresh, which fails
		time.Sleep(2 * time.Second)
		get(2)
		time.Sleep(time.Minute)
		_, err = m.Get(t.Context(), "k")
		require.Equal(t, errDisk, err)
	})
}

func TestMemo_Forget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s source
		m := future.NewMemo(s.get)
		f := m.Go(t.Context(), "k")
		synctest.Wait()
		m.Forget("k")
		g := m.Go(t.Context(), "k")
		v, err := f.Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, v, "who waits gets what comes")
		v, err = g.Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, 2, v)
		v, _ = m.Get(t.Context(), "k")
		require.Equal(t, 2, v)
		m.Forget("k")
		v, _ = m.Get(t.Context(), "k")
		require.Equal(t, 3, v)
		m.Forget("nobody's")
	})
}

func TestLaw6_Memo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told atomic.Int64
		old := future.SetHooks(future.Hooks{Panic: func(*future.PanicError) { told.Add(1) }})
		defer future.SetHooks(old)
		var calls atomic.Int64
		m := future.NewMemo(func(_ context.Context, k string) (int, error) {
			calls.Add(1)
			time.Sleep(time.Second)
			if k == "panic" {
				panic(errDisk)
			}
			runtime.Goexit()
			return 0, nil
		}, future.NegativeTTL(time.Hour))
		for k, want := range map[string]error{"panic": errDisk, "exit": future.ErrGoexit} {
			calls.Store(0)
			for range 2 {
				var wg sync.WaitGroup
				for range 10 {
					wg.Go(func() {
						_, err := m.Get(t.Context(), k)
						require.ErrorIs(t, err, want)
					})
				}
				wg.Wait()
			}
			require.EqualValues(t, 2, calls.Load(), "%s is not kept", k)
		}
		require.EqualValues(t, 2, told.Load(), "once a call")
	})
}

func TestLaw9_MemoThatAsksItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m *future.Memo[string, int]
		m = future.NewMemo(func(ctx context.Context, k string) (int, error) {
			_, err := m.Get(ctx, k)
			return 7, err
		})
		_, err := m.Get(t.Context(), "k")
		require.ErrorIs(t, err, future.ErrDeadlock)
	})
}

func TestLaw9_MemoGivesTheSlotBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(1)
		defer p.Close()
		m := future.NewMemo(func(ctx context.Context, k string) (int, error) {
			return pool.Submit(ctx, p, func(context.Context) (int, error) { return len(k), nil }).Await(ctx)
		})
		v, err := pool.Submit(t.Context(), p, func(ctx context.Context) (int, error) { return m.Get(ctx, "abc") }).Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, 3, v)
	})
}

type ctxKey struct{}

func TestMemo_TheCtxOfACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := future.NewMemo(func(ctx context.Context, _ string) (any, error) {
			_, limited := ctx.Deadline()
			require.False(t, limited, "it may serve those who have longer")
			return ctx.Value(ctxKey{}), nil
		})
		ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), ctxKey{}, "first"), time.Hour)
		defer cancel()
		v, err := m.Get(ctx, "k")
		require.NoError(t, err)
		require.Equal(t, "first", v)
	})
}

func TestMemo_EndedBefore(t *testing.T) {
	var s source
	m := future.NewMemo(s.get)
	ended, cancel := context.WithCancelCause(context.Background())
	cancel(errCause)
	_, err := m.Get(ended, "k")
	require.ErrorIs(t, err, future.ErrStoppedWaiting)
	require.ErrorIs(t, err, errCause)
	r, _ := m.Go(ended, "k").Poll()
	require.True(t, r.Canceled())
	require.ErrorIs(t, r.Err, errCause)
	require.Zero(t, s.calls.Load())
}

func TestLaw8_MemoIsBounded(t *testing.T) {
	for _, room := range []int{1, 2, 100, 5000} {
		calls := 0
		m := future.NewMemo(func(_ context.Context, k int) (int, error) { calls++; return k, nil }, future.MaxEntries(room))
		for k := range 3 * room {
			v, err := m.Get(t.Context(), k)
			require.NoError(t, err)
			require.Equal(t, k, v)
			require.LessOrEqual(t, m.Len(), room)
		}
		require.Equal(t, 3*room, calls)
	}
}

// What is in use survives a scan over many keys.
func TestMemo_AScanDoesNotDriveOutWhatIsUsed(t *testing.T) {
	calls := map[int]int{}
	m := future.NewMemo(func(_ context.Context, k int) (int, error) { calls[k]++; return k, nil }, future.MaxEntries(10))
	for k := range 1000 {
		for hot := range 5 {
			_, _ = m.Get(t.Context(), -1-hot)
		}
		_, _ = m.Get(t.Context(), k)
	}
	for hot := range 5 {
		require.Equal(t, 1, calls[-1-hot])
	}
}

func TestLaw14_BadMemos(t *testing.T) {
	var none context.Context
	fn := func(context.Context, int) (int, error) { return 0, nil }
	for want, do := range map[string]func(){
		"future: NewMemo needs a function, got nil":                                             func() { future.NewMemo[int, int](nil) },
		"future: NewMemo needs options, got nil: leave it out":                                  func() { future.NewMemo(fn, nil) },
		"future: TTL needs a positive duration, got 0s: leave it out for none":                  func() { future.TTL(0) },
		"future: NegativeTTL needs a positive duration, got -1ns: leave it out for none":        func() { future.NegativeTTL(-1) },
		"future: RefreshAhead needs a positive duration, got 0s: leave it out for none":         func() { future.RefreshAhead(0) },
		"future: RefreshAhead needs a TTL that is longer":                                       func() { future.NewMemo(fn, future.RefreshAhead(1)) },
		"future: MaxEntries needs at least 1, got 0: to keep nothing, call the function itself": func() { future.MaxEntries(0) },
		"future: Memo.Get needs a context, got nil: pass context.Background() if there is none": func() { _, _ = future.NewMemo(fn).Get(none, 1) },
		"future: Memo.Go needs a context, got nil: pass context.Background() if there is none":  func() { future.NewMemo(fn).Go(none, 1) },
		"future: NewLoader needs a function, got nil":                                           func() { future.NewLoader[int, int](nil) },
		"future: BatchWindow needs a positive duration, got 0s: leave it out for none":          func() { future.BatchWindow(0) },
		"future: MaxBatch needs at least 1, got 0":                                              func() { future.MaxBatch(0) },
	} {
		require.PanicsWithValue(t, want, do)
	}
}
