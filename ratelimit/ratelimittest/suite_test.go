package ratelimittest_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/ratelimit/ratelimittest"
)

// takeOnly and waitOnly are halves of a limiter.
type (
	takeOnly struct{ r *reference }
	waitOnly struct{ ratelimittest.Waiter }
)

func (l takeOnly) Take(n int) decision { return l.r.Take(n) }

func TestWhatIsNotOffered(t *testing.T) {
	for name, c := range map[string]struct {
		limiter any
		skipped map[string]string // by group
	}{
		"Take": {takeOnly{newReference()}, map[string]string{"2": "needs Give", "3": "needs Wait", "4": "needs Wait"}},
		"Wait": {waitOnly{newReference()}, map[string]string{"1": "needs Take", "2": "needs Take and Give", "4": "needs Take"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := adapterOf(func() any {
				if _, ok := c.limiter.(takeOnly); ok {
					return takeOnly{newReference()}
				}
				return waitOnly{newReference()}
			})
			for _, v := range ratelimittest.Survey(t, a) {
				if reason, skipped := c.skipped[v.Rule.ID[:1]]; skipped {
					require.Equal(t, ratelimittest.NotOffered, v.Outcome, v.Rule.ID)
					require.Equal(t, reason, v.Reason)
				} else {
					require.Equal(t, ratelimittest.Passed, v.Outcome, "%s: %s", v.Rule.ID, v.Reason)
				}
			}
		})
	}
	for _, v := range ratelimittest.Survey(t, adapterOf(func() any { return 1 })) {
		require.Equal(t, ratelimittest.Failed, v.Outcome)
		require.Contains(t, v.Reason, "makes a limiter with Take or Wait, got int")
	}
}

func TestWithoutPlaces(t *testing.T) {
	a := adapterOf(func() any { return newReference() })
	a.NoPlaces = true
	var skipped []string
	for _, v := range ratelimittest.Survey(t, a) {
		if v.Outcome != ratelimittest.Passed {
			skipped = append(skipped, v.Rule.ID)
			require.Equal(t, "needs places of those who wait, and NoPlaces is declared", v.Reason)
		}
	}
	require.Equal(t, []string{"3.14", "4.1", "4.3"}, skipped)
}

func TestAnAdapterIsWhole(t *testing.T) {
	whole := adapterOf(func() any { return newReference() })
	for name, spoil := range map[string]func(*ratelimittest.Adapter){
		"no New":    func(a *ratelimittest.Adapter) { a.New = nil },
		"no Most":   func(a *ratelimittest.Adapter) { a.Most = nil },
		"no burst":  func(a *ratelimittest.Adapter) { a.Burst = 0 },
		"big burst": func(a *ratelimittest.Adapter) { a.Burst = 1001 },
	} {
		t.Run(name, func(t *testing.T) {
			a := whole
			spoil(&a)
			require.Panics(t, func() { ratelimittest.Survey(t, a) })
		})
	}
}

func TestNumbersAreInOrder(t *testing.T) {
	group, n := 1, 0
	for _, r := range ratelimittest.Rules() {
		n++
		if r.ID[0] != byte('0'+group) {
			group, n = group+1, 1
		}
		require.Equal(t, fmt.Sprint(group, ".", n), r.ID)
	}
	require.Len(t, ratelimittest.Groups(), group)
	require.False(t, slices.Contains(ratelimittest.Groups(), ""))
}

func TestPromisesDoNotOverflow(t *testing.T) {
	require.Positive(t, ratelimittest.Bucket(1, 1000)(math.MaxInt64))
	require.Positive(t, ratelimittest.Window(1000, 1)(math.MaxInt64))
	require.Equal(t, "not offered", ratelimittest.NotOffered.String())
}
