package pipeline_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
)

func ExampleTick() {
	begun := time.Now()
	ticks := pipeline.Map(pipeline.Tick(10*time.Millisecond), func(at time.Time) bool { return at.After(begun) })
	fmt.Println(ticks.Take(3).Collect(context.Background()))
	// Output: [true true true] <nil>
}

// secondsSince makes times comparable.
func secondsSince(begun time.Time) func(time.Time) float64 {
	return func(at time.Time) float64 { return at.Sub(begun).Seconds() }
}

func TestTick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		at, err := pipeline.Map(pipeline.Tick(time.Second), secondsSince(begun)).Take(4).Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, []float64{1, 2, 3, 4}, at)
		require.Equal(t, 4*time.Second, time.Since(begun))
	})
}

func TestTickEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		ctx, cancel := context.WithTimeoutCause(t.Context(), 2500*time.Millisecond, errBoom)
		defer cancel()
		n, err := pipeline.Tick(time.Second).Count(ctx)
		require.ErrorIs(t, err, future.ErrCanceled)
		require.ErrorIs(t, err, errBoom)
		require.EqualValues(t, 2, n)
		require.Equal(t, 2500*time.Millisecond, time.Since(begun))
	})
}

// A slow consumer gets what a time.Ticker would give it.
func TestTickDropsAsATickerDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		ticker := time.NewTicker(time.Second)
		var want []float64
		for range 5 {
			want = append(want, secondsSince(begun)(<-ticker.C))
			time.Sleep(2700 * time.Millisecond)
		}
		ticker.Stop()

		begun = time.Now()
		var got []float64
		for at, err := range pipeline.Tick(time.Second).All(t.Context()) {
			require.NoError(t, err)
			got = append(got, secondsSince(begun)(at))
			if time.Sleep(2700 * time.Millisecond); len(got) == 5 {
				break
			}
		}
		require.Equal(t, want, got)
	})
}

// Every run has a clock of its own.
func TestTickInTwoRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pipeline.Tick(time.Second)
		for range 2 {
			begun := time.Now()
			at, err := pipeline.Map(f, secondsSince(begun)).Take(2).Collect(t.Context())
			require.NoError(t, err)
			require.Equal(t, []float64{1, 2}, at)
			time.Sleep(300 * time.Millisecond)
		}
	})
}
