package pipeline_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pipeline"
)

func ExampleFlow_Debounce() {
	typed := pipeline.FromSlice([]string{"t", "th", "the"}) // faster than anybody types
	fmt.Println(typed.Debounce(300 * time.Millisecond).Collect(context.Background()))
	// Output: [the] <nil>
}

// pausing makes an item after each pause but the last, when it ends.
func pausing(pauses ...time.Duration) pipeline.Flow[int] {
	return pipeline.Generate(func(ctx context.Context, yield func(int) bool) error {
		for i, d := range pauses {
			select {
			case <-time.After(d):
			case <-ctx.Done():
				return ctx.Err()
			}
			if i < len(pauses)-1 && !yield(i) {
				return nil
			}
		}
		return nil
	})
}

type timed struct {
	item int
	at   time.Duration
}

func arrivals(t *testing.T, f pipeline.Flow[int], busy time.Duration) (got []timed) {
	begun := time.Now()
	for i, err := range f.All(t.Context()) {
		require.NoError(t, err)
		got = append(got, timed{i, time.Since(begun)})
		time.Sleep(busy)
	}
	return got
}

func TestDebounce(t *testing.T) {
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		pauses []time.Duration
		want   []timed
	}{
		"none":             {[]time.Duration{50 * ms}, nil},
		"one, then quiet":  {[]time.Duration{0, time.Second}, []timed{{0, 100 * ms}}},
		"one, then an end": {[]time.Duration{0, 40 * ms}, []timed{{0, 40 * ms}}},
		"far apart":        {[]time.Duration{0, 101 * ms, 101 * ms, 500 * ms}, []timed{{0, 100 * ms}, {1, 201 * ms}, {2, 302 * ms}}},
		"a burst":          {[]time.Duration{0, 99 * ms, 99 * ms, 99 * ms, time.Second}, []timed{{3, 397 * ms}}},
		"two bursts":       {[]time.Duration{0, 10 * ms, 300 * ms, 10 * ms, 10 * ms}, []timed{{1, 110 * ms}, {3, 330 * ms}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				require.Equal(t, c.want, arrivals(t, pausing(c.pauses...).Debounce(100*ms), 0))
			})
		})
	}
}

// The source is not held up, and the time counts from when the item is seen.
func TestDebounceBeforeABusyConsumer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const s = time.Second
		f := pausing(0, 3*s, 3*s, 3*s, 10*s).Debounce(s)
		require.Equal(t, []timed{{0, s}, {1, 21 * s}, {2, 41 * s}, {3, 61 * s}}, arrivals(t, f, 20*s))
	})
}

func TestDebounceOfManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		items, err := pipeline.FromSlice(upTo(100_000)).Debounce(time.Second).Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, 99_999, items[len(items)-1])
	})
}

// When the flow stops, what is held back goes nowhere, and nothing waits for
// the time to pass.
func TestDebounceStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errBoom)
		defer cancel()
		items, err := pausing(0, time.Hour).Debounce(time.Minute).Collect(ctx)
		require.ErrorIs(t, err, errBoom)
		require.Empty(t, items)
		require.Equal(t, time.Second, time.Since(begun))
	})
}
