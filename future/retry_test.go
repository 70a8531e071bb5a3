package future_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/race"
)

// ceiling makes delays exact.
func ceiling(d time.Duration) time.Duration { return d }

// script is a function that fails as it is told, then succeeds with the number
// of the call, and remembers when it was called.
type script struct {
	errs  []error
	start time.Time
	at    []time.Duration
}

func fails(errs ...error) *script { return &script{errs: errs, start: time.Now()} }

func always(err error) *script {
	s := fails()
	for range 1000 {
		s.errs = append(s.errs, err)
	}
	return s
}

func (s *script) call(context.Context) (int, error) {
	s.at = append(s.at, time.Since(s.start))
	n := len(s.at)
	if n <= len(s.errs) {
		return -1, s.errs[n-1]
	}
	return n, nil
}

func at(ms ...int) (ds []time.Duration) {
	for _, m := range ms {
		ds = append(ds, time.Duration(m)*time.Millisecond)
	}
	return ds
}

type askError struct{ d time.Duration }

func (e askError) Error() string             { return "busy" }
func (e askError) RetryAfter() time.Duration { return e.d }

func TestRetryTimes(t *testing.T) {
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		policy future.RetryPolicy
		fn     func() *script
		at     []time.Duration
		value  int
		is     []error
		text   string
	}{
		"first attempt": {
			fn: func() *script { return fails() }, at: at(0), value: 1,
		},
		"the zero policy": {
			fn: func() *script { return fails(errDisk, errDisk) }, at: at(0, 100, 300), value: 3,
		},
		"the zero policy gives up": {
			fn: func() *script { return always(errDisk) }, at: at(0, 100, 300), is: []error{errDisk},
			text: "future: gave up after 3 attempts in 300ms: disk",
		},
		"doubles up to Max": {
			policy: future.RetryPolicy{Attempts: 6, Base: 10 * ms, Max: 45 * ms},
			fn:     func() *script { return always(errDisk) }, at: at(0, 10, 30, 70, 115, 160), is: []error{errDisk},
		},
		"Max below the usual Base": {
			policy: future.RetryPolicy{Max: 20 * ms},
			fn:     func() *script { return always(errDisk) }, at: at(0, 20, 40), is: []error{errDisk},
		},
		"Base above the usual Max": {
			policy: future.RetryPolicy{Base: 20 * time.Second},
			fn:     func() *script { return always(errDisk) }, at: at(0, 20_000, 40_000), is: []error{errDisk},
		},
		"Elapsed": {
			policy: future.RetryPolicy{Elapsed: 700 * ms},
			fn:     func() *script { return always(errDisk) }, at: at(0, 100, 300, 700), is: []error{errDisk},
			text: "future: gave up after 4 attempts in 700ms, no time is left for another attempt: disk",
		},
		"Elapsed and Attempts": {
			policy: future.RetryPolicy{Elapsed: time.Hour, Attempts: 2},
			fn:     func() *script { return always(errDisk) }, at: at(0, 100), is: []error{errDisk},
		},
		"permanent": {
			fn: func() *script { return fails(errDisk, fmt.Errorf("load: %w", future.Permanent(io.EOF)), errDisk) },
			at: at(0, 100), is: []error{io.EOF, errDisk},
			text: "future: gave up after 2 attempts in 100ms: load: EOF",
		},
		"not worth it": {
			policy: future.RetryPolicy{RetryIf: func(err error) bool { return !errors.Is(err, io.EOF) }},
			fn:     func() *script { return fails(errDisk, io.EOF, errDisk) }, at: at(0, 100), is: []error{io.EOF},
		},
		"asks for a delay": {
			policy: future.RetryPolicy{Attempts: 4},
			fn: func() *script {
				return fails(future.RetryAfter(time.Second, errDisk), fmt.Errorf("x: %w", askError{2 * time.Second}), askError{-time.Hour})
			},
			at: at(0, 1100, 3300, 3700), value: 4,
		},
		"asks for more than Elapsed": {
			policy: future.RetryPolicy{Elapsed: time.Hour},
			fn:     func() *script { return always(future.RetryAfter(math.MaxInt64, errDisk)) },
			at:     at(0), is: []error{errDisk},
		},
		"a negative jitter": {
			policy: future.RetryPolicy{Jitter: func(time.Duration) time.Duration { return -1 }},
			fn:     func() *script { return always(errDisk) }, at: at(0, 0, 0), is: []error{errDisk},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := c.fn()
				if c.policy.Jitter == nil {
					c.policy.Jitter = ceiling
				}
				v, err := future.Retry(c.policy, s.call)(context.Background())
				require.Equal(t, c.at, s.at)
				require.Equal(t, c.value, v)
				if c.is == nil {
					require.NoError(t, err)
					return
				}
				for _, target := range c.is {
					require.ErrorIs(t, err, target)
				}
				if c.text != "" {
					require.EqualError(t, err, c.text)
				}
				var failed *future.RetryError
				require.ErrorAs(t, err, &failed)
				require.Equal(t, len(c.at), failed.Attempts)
				require.Equal(t, c.at[len(c.at)-1], failed.Elapsed)
			})
		})
	}
}

func TestRetryKeepsFewErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		_, err := future.Retry(future.RetryPolicy{Attempts: 1000, Base: 1}, func(context.Context) (int, error) {
			n++
			return 0, fmt.Errorf("%d", n)
		})(context.Background())
		var failed *future.RetryError
		require.ErrorAs(t, err, &failed)
		require.Equal(t, 1000, failed.Attempts)
		require.Equal(t, "[1 994 995 996 997 998 999 1000]", fmt.Sprint(failed.Errs))
		require.Equal(t, failed.Errs[7], failed.Unwrap()[0], "the last one first")
	})
}

// A function made by Retry holds nothing of a call.
func TestRetryCanBeCalledAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := fails(errDisk, errDisk, errDisk, errDisk)
		call := future.Retry(future.RetryPolicy{Jitter: ceiling}, s.call)
		_, err := call(context.Background())
		require.ErrorIs(t, err, errDisk)
		v, err := call(context.Background())
		require.NoError(t, err)
		require.Equal(t, 5, v)
		require.Equal(t, at(0, 100, 300, 300, 400), s.at)
	})
}

// Full jitter is anywhere below the ceiling.
func TestRetryFullJitter(t *testing.T) {
	const n = 500
	synctest.Test(t, func(t *testing.T) {
		s := always(errDisk)
		_, err := future.Retry(future.RetryPolicy{Attempts: n, Base: time.Second, Max: time.Second}, s.call)(context.Background())
		require.Error(t, err)
		below := 0
		for i := range n - 1 {
			d := s.at[i+1] - s.at[i]
			require.GreaterOrEqual(t, d, time.Duration(0))
			require.Less(t, d, time.Second)
			if d < time.Second/2 {
				below++
			}
		}
		require.InDelta(t, n/2, below, 100) // nine standard deviations
	})
}

// A wait that the deadline would cut short is not begun.
func TestRetryDoesNotWaitInVain(t *testing.T) {
	for deadline, want := range map[time.Duration][]time.Duration{
		300 * time.Millisecond:     at(0, 100), // it would be over when the third starts
		300*time.Millisecond + 1:   at(0, 100, 300),
		100*time.Millisecond - 1e6: at(0),
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), deadline)
			defer cancel()
			s := always(errDisk)
			f := future.Go(ctx, future.Retry(future.RetryPolicy{Attempts: 9, Jitter: ceiling}, s.call))
			_, err := f.Await(context.Background())
			require.Equal(t, want, s.at)
			require.Equal(t, want[len(want)-1], time.Since(s.start))
			require.ErrorIs(t, err, errDisk)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.NotErrorIs(t, err, future.ErrCanceled, "it is a failure: ctx is still live")
			require.ErrorContains(t, err, "the deadline of the context comes before the next attempt: disk")
		})
	}
}

// What ends by ctx is canceled, with the cause, and never a masked failure.
func TestLaw3_RetryEndsWithItsContext(t *testing.T) {
	slow := func(ctx context.Context) (int, error) { time.Sleep(time.Second); return 0, errDisk }
	for name, c := range map[string]struct {
		fn       func(context.Context) (int, error)
		end      time.Duration // when ctx is canceled; 0: before
		took     time.Duration
		canceled bool
	}{
		"before":                          {fn: slow, canceled: true},
		"during an attempt":               {fn: untilDone, end: time.Minute, took: time.Minute, canceled: true},
		"during an attempt that fails":    {fn: slow, end: time.Millisecond, took: time.Second},
		"during a wait":                   {fn: slow, end: 3 * time.Second, took: 3 * time.Second, canceled: true},
		"during an attempt, other's echo": {fn: func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, io.EOF }, end: time.Second, took: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				policy := future.RetryPolicy{Base: time.Hour, Max: time.Hour, Jitter: ceiling}
				run := map[string]func(context.Context) (int, error){
					"called": future.Retry(policy, c.fn),
					"under Go": func(ctx context.Context) (int, error) {
						return future.Go(ctx, future.Retry(policy, c.fn)).Await(context.Background())
					},
				}
				for how, call := range run {
					ctx, cancel := context.WithCancelCause(context.Background())
					if c.end == 0 {
						cancel(errCause)
					}
					stop := time.AfterFunc(c.end, func() { cancel(errCause) })
					start := time.Now()
					_, err := call(ctx)
					require.Equal(t, c.took, time.Since(start), how)
					require.Equal(t, c.canceled, errors.Is(err, future.ErrCanceled), "%s: %v", how, err)
					require.Equal(t, c.canceled, errors.Is(err, errCause), "%s: %v", how, err)
					var failed *future.RetryError
					require.Equal(t, !c.canceled, errors.As(err, &failed), "%s: %v", how, err)
					stop.Stop()
					cancel(nil)
				}
			})
		})
	}
}

// Work of others that was canceled is a failure, and tried again.
func TestLaw3_RetryAfterOthersWereCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		other := future.NewPromise[int]().Future()
		other.Cancel(errCause)
		n := 0
		_, err := future.Retry(future.RetryPolicy{}, func(ctx context.Context) (int, error) { n++; return other.Await(ctx) })(context.Background())
		require.Equal(t, 3, n)
		require.ErrorIs(t, err, errCause)
		require.NotErrorIs(t, err, future.ErrCanceled)
	})
}

func TestLaw6_RetryDoesNotCatch(t *testing.T) {
	quiet(t)
	n := 0
	panics := future.Retry(future.RetryPolicy{}, func(context.Context) (int, error) { n++; panic(io.EOF) })
	require.PanicsWithValue(t, io.EOF, func() { _, _ = panics(context.Background()) })
	require.Equal(t, 1, n)

	_, err := future.Go(context.Background(), panics).Await(context.Background())
	require.Equal(t, 2, n, "no retry")
	_, ok := err.(*future.PanicError)
	require.True(t, ok, "%T", err)

	exits := future.Retry(future.RetryPolicy{}, func(context.Context) (int, error) { n++; runtime.Goexit(); return 0, nil })
	_, err = future.Go(context.Background(), exits).Await(context.Background())
	require.Equal(t, 3, n, "no retry")
	require.Equal(t, future.ErrGoexit, err)
}

func TestLaw8_RetryPoliciesAreBounded(t *testing.T) {
	for says, p := range map[string]future.RetryPolicy{
		"Attempts of 1 or more":        {Attempts: -1},
		"an Elapsed above 0":           {Elapsed: -1},
		"a Base above 0":               {Base: -1},
		"a Max above 0":                {Max: -1},
		"a Max that is not below Base": {Base: 2, Max: 1},
	} {
		require.Contains(t, panicText(func() { future.Retry(p, untilDone) }), "future: Retry needs "+says)
	}
	require.Contains(t, panicText(func() { future.Retry[int](future.RetryPolicy{}, nil) }), "future: Retry needs a function")
	var none context.Context
	require.Contains(t, panicText(func() { _, _ = future.Retry(future.RetryPolicy{}, untilDone)(none) }), "needs a context")
}

func panicText(fn func()) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	fn()
	return ""
}

func TestMarksOfNilAreNil(t *testing.T) {
	require.NoError(t, future.Permanent(nil))
	require.NoError(t, future.RetryAfter(time.Second, nil))
	require.EqualError(t, future.Permanent(errDisk), "disk")
	require.EqualError(t, future.RetryAfter(1, errDisk), "disk")
}

func TestLaw13_RetryAllocatesNothing(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	ctx := context.Background()
	call := future.Retry(future.RetryPolicy{Budget: future.NewBudget(0.2, 10)}, func(context.Context) (int, error) { return 1, nil })
	require.Zero(t, testing.AllocsPerRun(1000, func() { _, _ = call(ctx) }))
}
