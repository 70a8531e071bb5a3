package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
)

func ExampleRetry() {
	tries := 0
	flaky := func(_ context.Context, id int) (string, error) {
		if tries++; tries < 3 {
			return "", errors.New("busy")
		}
		return fmt.Sprint("user ", id), nil
	}
	policy := future.RetryPolicy{Base: time.Millisecond}
	users := pipeline.Then(pipeline.FromSlice([]int{7}), pipeline.Retry(policy, flaky))
	fmt.Println(users.Collect(context.Background()))
	// Output: [user 7] <nil>
}

func ExampleSkip() {
	numbers := pipeline.Then(pipeline.FromSlice([]string{"1", "two", "3"}), pipeline.Skip(pipeline.Try(strconv.Atoi), strconv.ErrSyntax))
	fmt.Println(numbers.Collect(context.Background()))
	// Output: [1 3] <nil>
}

func ExampleReplace() {
	zero := func(context.Context, string, error) (int, error) { return 0, nil }
	numbers := pipeline.Then(pipeline.FromSlice([]string{"1", "two", "3"}), pipeline.Replace(zero, pipeline.Try(strconv.Atoi)))
	fmt.Println(numbers.Collect(context.Background()))
	// Output: [1 0 3] <nil>
}

func ExampleWithin() {
	slow := func(ctx context.Context, id int) (int, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	err := pipeline.Then(pipeline.FromSlice([]int{1}), pipeline.Within(time.Millisecond, slow), pipeline.Name("ask")).Drain(context.Background())
	fmt.Println(err, errors.Is(err, future.ErrTimeout))
	// Output: pipeline: stage "ask" failed at item 0: future: timed out after 1ms true
}

func one(fn func(context.Context, int) (int, error)) ([]int, error) {
	return pipeline.Then(pipeline.FromSlice([]int{1}), fn).Collect(context.Background())
}

func fails(err error) func(context.Context, int) (int, error) {
	return func(context.Context, int) (int, error) { return 0, err }
}

func TestALetterOfARetryHasItsAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got pipeline.Letter[int]
		to := func(_ context.Context, l pipeline.Letter[int]) error { got = l; return nil }
		_, err := one(pipeline.DeadLetter(to, pipeline.Retry(future.RetryPolicy{Attempts: 4}, fails(errBoom))))
		require.NoError(t, err)
		require.Equal(t, 4, got.Attempts)
		require.ErrorIs(t, got.Err, errBoom)
		_, err = one(pipeline.DeadLetter(to, pipeline.Retry(future.RetryPolicy{}, fails(future.Permanent(errBoom)))))
		require.NoError(t, err)
		require.Equal(t, 1, got.Attempts)

		slow := func(ctx context.Context, _ int) (int, error) { <-ctx.Done(); return 0, ctx.Err() }
		_, err = one(pipeline.DeadLetter(to, pipeline.Retry(future.RetryPolicy{Attempts: 2}, pipeline.Within(time.Second, slow))))
		require.NoError(t, err)
		require.Equal(t, 2, got.Attempts)
		require.ErrorIs(t, got.Err, future.ErrTimeout)
	})
}

func TestRetryTriesASkippedItemOnce(t *testing.T) {
	calls := 0
	got, err := one(pipeline.Retry(future.RetryPolicy{}, func(context.Context, int) (int, error) {
		calls++
		return 0, fmt.Errorf("wrapped: %w", pipeline.ErrSkip)
	}))
	require.NoError(t, err)
	require.Empty(t, got)
	require.Equal(t, 1, calls)
}

func TestSkipAndReplaceByError(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		errs []error
		want error
	}{
		{"every error", errBoom, nil, nil},
		{"one that matches", fmt.Errorf("wrapped: %w", errBoom), []error{io.EOF, errBoom}, nil},
		{"one that does not", errBoom, []error{io.EOF}, errBoom},
	} {
		got, err := one(pipeline.Skip(fails(c.err), c.errs...))
		require.ErrorIs(t, err, c.want, c.name)
		require.Empty(t, got)
	}
	other := func(_ context.Context, i int, err error) (int, error) { return i + 1, errors.Join(err, io.EOF) }
	_, err := one(pipeline.Replace(other, fails(errBoom)))
	require.ErrorIs(t, err, errBoom)
	require.ErrorIs(t, err, io.EOF)
	got, err := one(pipeline.Replace(other, fails(pipeline.ErrSkip)))
	require.NoError(t, err)
	require.Empty(t, got)
}

// A policy sees failures of items, and nothing else.
func TestPoliciesLetPanicsAndGoexitPass(t *testing.T) {
	type fn = func(context.Context, int) (int, error)
	policies := map[string]func(fn) fn{
		"Retry": func(f fn) fn { return pipeline.Retry(future.RetryPolicy{}, f) },
		"Skip":  func(f fn) fn { return pipeline.Skip(f) },
		"Replace": func(f fn) fn {
			return pipeline.Replace(func(context.Context, int, error) (int, error) { t.Error("replaced"); return 0, nil }, f)
		},
		"Within": func(f fn) fn { return pipeline.Within(time.Hour, f) },
	}
	for name, with := range policies {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, err := one(with(func(context.Context, int) (int, error) { panic("oops") }))
				var p *future.PanicError
				require.ErrorAs(t, err, &p)
				_, err = one(with(func(context.Context, int) (int, error) { runtime.Goexit(); return 0, nil }))
				require.ErrorIs(t, err, future.ErrGoexit)

				ctx, cancel := context.WithCancelCause(t.Context())
				err = pipeline.Then(endless(), with(func(ctx context.Context, _ int) (int, error) {
					cancel(errBoom)
					return 0, ctx.Err()
				})).Drain(ctx)
				require.ErrorIs(t, err, future.ErrCanceled)
				require.ErrorIs(t, err, errBoom)
				var e *pipeline.Error
				require.False(t, errors.As(err, &e), "nobody failed")
			})
		})
	}
}

func TestWithin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		_, err := one(pipeline.Within(time.Second, func(ctx context.Context, _ int) (int, error) {
			<-ctx.Done()
			require.ErrorIs(t, context.Cause(ctx), future.ErrTimeout)
			time.Sleep(time.Hour) // it is waited for
			return 0, fmt.Errorf("wrapped: %w", ctx.Err())
		}))
		require.Equal(t, time.Hour+time.Second, time.Since(begun))
		require.ErrorIs(t, err, future.ErrTimeout)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, future.ErrCanceled)

		late := func(err error) func(context.Context, int) (int, error) {
			return func(context.Context, int) (int, error) { time.Sleep(time.Hour); return 5, err }
		}
		got, err := one(pipeline.Within(time.Second, late(nil)))
		require.NoError(t, err)
		require.Equal(t, []int{5}, got)
		_, err = one(pipeline.Within(time.Second, late(errBoom)))
		require.ErrorIs(t, err, errBoom)
		require.NotErrorIs(t, err, future.ErrTimeout)
	})
}

func TestPoliciesThatAreWrong(t *testing.T) {
	require.PanicsWithValue(t, "pipeline: Within needs a time above 0, got 0s", func() { pipeline.Within(0, double) })
	require.PanicsWithValue(t, "pipeline: Skip needs errors to match, got nil: leave them all out to skip every failure", func() { pipeline.Skip(double, nil) })
	require.Panics(t, func() { pipeline.Retry(future.RetryPolicy{Attempts: -1}, double) })
}
