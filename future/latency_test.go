package future_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/race"
)

func TestLatencyBuckets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(int64(time.Microsecond)*2, int64(time.Minute*10)).Draw(t, "d"))
		top := future.LatencyTop(d)
		if top <= d || top-d > d/16+1 {
			t.Fatalf("%v counts as below %v", d, top)
		}
	})
	require.Equal(t, future.LatencyTop(0), future.LatencyTop(1023))
	require.Positive(t, future.LatencyTop(-1))
	require.Equal(t, future.LatencyTop(time.Hour), future.LatencyTop(math.MaxInt64))
}

func TestLatencyQuantile(t *testing.T) {
	for _, q := range []float64{0.5, 0.9, 0.95, 0.99} {
		l, rng := future.NewLatencies(q), rand.New(rand.NewPCG(1, 2))
		var all []time.Duration
		for n := 1; n <= 900; n++ {
			d := time.Duration(rng.ExpFloat64() * float64(10*time.Millisecond))
			l.Add(d)
			all = append(all, d)
			got, known := l.Current()
			require.Equal(t, n >= 100, known, "after %d", n)
			if known && n%20 == 0 {
				sorted := slices.Sorted(slices.Values(all))
				exact := sorted[int(math.Ceil(q*float64(n)))-1]
				require.Equal(t, future.LatencyTop(exact), got, "after %d", n)
			}
		}
	}
}

// What is old is forgotten: after a thousand calls nothing is left of it.
func TestLatencyAges(t *testing.T) {
	l := future.NewLatencies(0.95)
	add := func(n int, d time.Duration) {
		for range n {
			l.Add(d)
		}
	}
	add(500, time.Second)
	add(499, time.Millisecond)
	got, _ := l.Current()
	require.Equal(t, future.LatencyTop(time.Second), got)
	add(501, time.Millisecond)
	got, _ = l.Current()
	require.Equal(t, future.LatencyTop(time.Millisecond), got)
}

func TestLaw13_LatencyAllocatesNothing(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	l := future.NewLatencies(0.95)
	require.Zero(t, testing.AllocsPerRun(2000, func() { l.Add(time.Millisecond); l.Current() }))
}
