package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
)

func TestDeadLetter(t *testing.T) {
	bad := errors.New("bad")
	eachWay(t, func(t *testing.T, opts []pipeline.Option) {
		var mu sync.Mutex
		letters := map[int]pipeline.Letter[int]{}
		to := func(_ context.Context, l pipeline.Letter[int]) error {
			mu.Lock()
			defer mu.Unlock()
			letters[l.Item] = l
			return nil
		}
		step := func(_ context.Context, i int) (int, error) {
			switch {
			case i%10 == 3:
				return 0, fmt.Errorf("%d: %w", i, bad)
			case i%10 == 5:
				panic(bad)
			case i%10 == 7:
				return 0, pipeline.ErrSkip
			}
			return i, nil
		}
		got, err := pipeline.Then(pipeline.FromSlice(upTo(100)), pipeline.DeadLetter(to, step), opts...).Collect(t.Context())
		require.NoError(t, err)
		slices.Sort(got)
		want := slices.DeleteFunc(upTo(100), func(i int) bool { return slices.Contains([]int{3, 5, 7}, i%10) })
		require.Equal(t, want, got)
		require.Len(t, letters, 20)
		for i, l := range letters {
			require.Equal(t, i, l.Item)
			require.Equal(t, 1, l.Attempts)
			require.ErrorIs(t, l.Err, bad)
			var p *future.PanicError
			require.Equal(t, i%10 == 5, errors.As(l.Err, &p))
		}
	})
}

func TestDeadLetterDoesNotTakeGoexit(t *testing.T) {
	to := func(context.Context, pipeline.Letter[int]) error { t.Error("a letter"); return nil }
	exits := func(context.Context, int) (int, error) { runtime.Goexit(); return 0, nil }
	err := pipeline.Then(pipeline.FromSlice(upTo(3)), pipeline.DeadLetter(to, exits)).Drain(t.Context())
	require.ErrorIs(t, err, future.ErrGoexit)
}

// An item that was interrupted by the end of the flow is not a bad item; one
// that failed meanwhile is.
func TestDeadLetterOfAnInterruptedItem(t *testing.T) {
	for _, c := range []struct {
		err    error
		letter bool
	}{{context.Canceled, false}, {errBoom, true}} {
		ctx, cancel := context.WithCancel(t.Context())
		letters := 0
		to := func(context.Context, pipeline.Letter[int]) error { letters++; return nil }
		step := func(context.Context, int) (int, error) { cancel(); return 0, c.err }
		err := pipeline.Then(endless(), pipeline.DeadLetter(to, step)).Drain(ctx)
		require.ErrorIs(t, err, future.ErrCanceled)
		require.Equal(t, c.letter, letters > 0)
	}
}

func TestDeadLetterKnowsTheAttempts(t *testing.T) {
	var got pipeline.Letter[int]
	to := func(_ context.Context, l pipeline.Letter[int]) error { got = l; return nil }
	step := func(context.Context, int) (int, error) {
		return 0, fmt.Errorf("wrapped: %w", &future.RetryError{Attempts: 5})
	}
	require.NoError(t, pipeline.Then(pipeline.FromSlice([]int{9}), pipeline.DeadLetter(to, step)).Drain(t.Context()))
	require.Equal(t, 5, got.Attempts)
}
