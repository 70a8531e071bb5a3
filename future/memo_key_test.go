package future_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

// A key that cannot be compared panics where it is passed, and nothing stays
// locked behind it.
func TestKeysThatCannotBeCompared(t *testing.T) {
	m := future.NewMemo(func(_ context.Context, k any) (any, error) { return k, nil })
	l := future.NewLoader(func(_ context.Context, ks []any) (map[any]any, error) { return map[any]any{ks[0]: ks[0]}, nil })
	bad := any([]int{1})
	for name, do := range map[string]func(){
		"Memo.Get":      func() { _, _ = m.Get(t.Context(), bad) },
		"Memo.Go":       func() { m.Go(t.Context(), bad) },
		"Memo.Forget":   func() { m.Forget(bad) },
		"Loader.Get":    func() { _, _ = l.Get(t.Context(), bad) },
		"Loader.Go":     func() { l.Go(t.Context(), bad) },
		"Loader.GetAll": func() { _, _ = l.GetAll(t.Context(), bad) },
	} {
		require.Panics(t, do, name)
	}
	v, err := m.Get(t.Context(), "fine")
	require.NoError(t, err)
	require.Equal(t, "fine", v)
	v, err = l.Get(t.Context(), "fine")
	require.NoError(t, err)
	require.Equal(t, "fine", v)
}

// A key that is not equal to itself is nobody's to find, so it must not pile up.
func TestLaw8_MemoOfKeysThatAreNotEqualToThemselves(t *testing.T) {
	calls := 0
	m := future.NewMemo(func(_ context.Context, k float64) (float64, error) { calls++; return k, nil }, future.MaxEntries(10))
	for n := range 100 {
		v, err := m.Get(t.Context(), math.NaN())
		require.NoError(t, err)
		require.True(t, math.IsNaN(v))
		require.Equal(t, n+1, calls)
	}
	require.Zero(t, m.Len())
	require.Zero(t, m.Flights())
	m.Forget(math.NaN())

	_, err := future.NewLoader(func(_ context.Context, ks []float64) (map[float64]int, error) {
		return map[float64]int{ks[0]: 1}, nil
	}, future.MaxBatch(1)).Get(t.Context(), math.NaN())
	require.ErrorIs(t, err, future.ErrMissingKey)
}

func TestMemo_NegativeZeroIsZero(t *testing.T) {
	calls := 0
	m := future.NewMemo(func(_ context.Context, k float64) (float64, error) { calls++; return k, nil })
	_, _ = m.Get(t.Context(), 0)
	_, _ = m.Get(t.Context(), math.Copysign(0, -1))
	require.Equal(t, 1, calls)
}
