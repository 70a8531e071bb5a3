package future_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

// What fn's error says of the keys 1 (which has a value), 2 and 3.
func TestLaw3_LoaderErrors(t *testing.T) {
	canceledElsewhere := &future.CanceledError{Cause: errCause}
	var none future.KeyErrors[int]
	for name, c := range map[string]struct {
		err  error
		want [3]error // nil: the value
	}{
		"some keys":              {future.KeyErrors[int]{2: errDisk}, [3]error{nil, errDisk, future.ErrMissingKey}},
		"some keys, wrapped":     {fmt.Errorf("db: %w", future.KeyErrors[int]{2: errDisk}), [3]error{nil, errDisk, future.ErrMissingKey}},
		"no keys":                {future.KeyErrors[int]{}, [3]error{nil, future.ErrMissingKey, future.ErrMissingKey}},
		"no keys, no map":        {none, [3]error{nil, future.ErrMissingKey, future.ErrMissingKey}},
		"a key with nil":         {future.KeyErrors[int]{1: nil}, [3]error{nil, future.ErrMissingKey, future.ErrMissingKey}},
		"a key that has a value": {future.KeyErrors[int]{1: errDisk}, [3]error{errDisk, future.ErrMissingKey, future.ErrMissingKey}},
		"all":                    {errDisk, [3]error{errDisk, errDisk, errDisk}},
		"some and all":           {errors.Join(future.KeyErrors[int]{2: errInner}, errDisk), [3]error{errDisk, errDisk, errDisk}},
		"other keys":             {future.KeyErrors[string]{"2": errDisk}, [3]error{errDisk, errDisk, errDisk}},
		"other work, canceled":   {canceledElsewhere, [3]error{errCause, errCause, errCause}},
		"the same for a key":     {future.KeyErrors[int]{2: canceledElsewhere}, [3]error{nil, errCause, future.ErrMissingKey}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := future.NewLoader(func(context.Context, []int) (map[int]int, error) { return map[int]int{1: 10}, c.err })
				fs := []*future.Future[int]{l.Go(t.Context(), 1), l.Go(t.Context(), 2), l.Go(t.Context(), 3)}
				for i, f := range fs {
					v, err := f.Await(t.Context())
					if c.want[i] == nil {
						require.NoError(t, err)
						require.Equal(t, 10, v)
						continue
					}
					require.ErrorIs(t, err, c.want[i])
					require.NotErrorIs(t, err, future.ErrCanceled, "nobody canceled this work")
					require.Zero(t, v)
				}
			})
		})
	}
}

var errInner = errors.New("inner")

// A panic with a KeyErrors is a panic.
func TestLaw6_LoaderPanicsWithKeyErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := quiet(t)
		l := future.NewLoader(func(context.Context, []int) (map[int]int, error) { panic(future.KeyErrors[int]{2: errDisk}) })
		f, g := l.Go(t.Context(), 1), l.Go(t.Context(), 2)
		for _, f := range []*future.Future[int]{f, g} {
			_, err := f.Await(t.Context())
			var p *future.PanicError
			require.ErrorAs(t, err, &p)
		}
		require.Len(t, *told, 1)
	})
}

// What goes on behind a caller's future has that caller's ctx, not that of
// whoever came first.
func TestLoader_ContinuationsHaveTheirCallersCtx(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s table
		l := future.NewLoader(s.load)
		who := func(ctx context.Context, _ int) (any, error) { return ctx.Value(ctxKey{}), nil }
		as := func(name string) context.Context { return context.WithValue(t.Context(), ctxKey{}, name) }
		a := future.Then(l.Go(as("ada"), 1), who)
		b := future.Then(l.Go(as("bob"), 2), who)
		names, err := future.All(a, b).Await(t.Context())
		require.NoError(t, err)
		require.Equal(t, []any{"ada", "bob"}, names)
	})
}

// The function's ctx has the values of the first caller and no time limit.
func TestLoader_TheCtxOfABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := future.NewLoader(func(ctx context.Context, keys []int) (map[int]any, error) {
			_, limited := ctx.Deadline()
			require.False(t, limited)
			return map[int]any{keys[0]: ctx.Value(ctxKey{})}, nil
		})
		ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), ctxKey{}, "first"), time.Hour)
		defer cancel()
		v, err := l.Get(ctx, 1)
		require.NoError(t, err)
		require.Equal(t, "first", v)
	})
}

func TestLaw9_LoaderGivesTheSlotBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New(1)
		defer p.Close()
		l := future.NewLoader(func(ctx context.Context, ks []int) (map[int]int, error) {
			return pool.Submit(ctx, p, func(context.Context) (map[int]int, error) { return map[int]int{ks[0]: len(ks)}, nil }).Await(ctx)
		})
		for _, get := range []func(context.Context) (int, error){
			func(ctx context.Context) (int, error) { return l.Get(ctx, 1) },
			func(ctx context.Context) (int, error) { vs, err := l.GetAll(ctx, 1); return vs[1], err },
		} {
			v, err := pool.Submit(t.Context(), p, get).Await(t.Context())
			require.NoError(t, err)
			require.Equal(t, 1, v)
		}
	})
}

// A future that is kept does not keep the values of the others of its batch.
func TestLaw8_ABatchIsLetGo(t *testing.T) {
	type big struct{ _ [1 << 16]byte }
	l := future.NewLoader(func(_ context.Context, ks []int) (map[int]*big, error) {
		values := map[int]*big{}
		for _, k := range ks {
			values[k] = new(big)
		}
		return values, nil
	}, future.MaxBatch(100))
	gone := make(chan int, 100)
	var kept []*future.Future[*big]
	for k := range 100 {
		f := l.Go(t.Context(), k)
		if k == 50 {
			kept = append(kept, f)
		}
		if k == 99 {
			_, err := f.Await(t.Context())
			require.NoError(t, err)
		}
		runtime.AddCleanup(f, func(k int) { gone <- k }, k)
	}
	for range 1000 {
		if runtime.GC(); len(gone) == 99 {
			break
		}
	}
	require.Len(t, gone, 99)
	_, err := kept[0].Await(t.Context())
	require.NoError(t, err)
}

// One that comes when the others have left opens a batch of its own.
func TestLaw11_LoaderLeftByAllBeforeItIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s table
		l := future.NewLoader(s.load, future.BatchWindow(time.Minute))
		begin := time.Now()
		f := l.Go(t.Context(), 1)
		time.Sleep(30 * time.Second)
		f.Cancel(errCause)
		v, err := l.Get(t.Context(), 2)
		require.NoError(t, err)
		require.Equal(t, 4, v)
		require.Equal(t, [][]int{{2}}, s.batches)
		require.Equal(t, 91*time.Second, time.Since(begin), "with a window of its own")
	})
}
