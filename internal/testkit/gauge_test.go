package testkit_test

import (
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/testkit"
)

func TestGaugeRemembersThePeak(t *testing.T) {
	var g testkit.Gauge
	require.Zero(t, g.Peak())
	g.Enter()
	g.Enter()
	g.Leave()
	g.Enter()
	g.Leave()
	require.Equal(t, 1, g.Now())
	require.Equal(t, 2, g.Peak())
}

func TestGaugeLeaveWithoutEnterPanics(t *testing.T) {
	var g testkit.Gauge
	require.PanicsWithValue(t, "testkit: Leave without Enter: call Enter first, once for each Leave", g.Leave)
	require.Zero(t, g.Now())
}

func TestGaugeCountsGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 100
		var (
			g    testkit.Gauge
			wg   sync.WaitGroup
			gate = make(chan struct{})
		)
		for range n {
			wg.Go(func() {
				g.Enter()
				defer g.Leave()
				<-gate
			})
		}
		synctest.Wait()
		require.Equal(t, n, g.Now())
		close(gate)
		wg.Wait()
		require.Zero(t, g.Now())
		require.Equal(t, n, g.Peak())
	})
}
