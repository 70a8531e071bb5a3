package lane_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pipeline/internal/lane"
)

// An edge does not grow with the producers that it has had, nor does it forget
// an item or a lane that is still open.
func TestLanesThatAreOverAreForgotten(t *testing.T) {
	e := lane.New[int](lane.Config{Consumers: 1})
	hold := e.Lanes(1)[0]
	in := e.Consumer(0)
	next := 0
	read := func() {
		require.True(t, in.Take())
		for more := true; more; more = in.Next() {
			require.Equal(t, next, in.Item())
			next++
		}
	}
	put := 0
	for round := range 1000 {
		l := e.Lane()
		for range round % 3 {
			require.True(t, l.Put(0, put))
			put++
		}
		l.Close()
		l.Close() // does nothing
		if put > next {
			read()
		}
		require.LessOrEqual(t, e.LanesHeld(), 4)
	}
	require.Equal(t, put, next)
	require.True(t, hold.Put(0, put))
	hold.Close()
	read()
	require.False(t, in.Take())
	require.Zero(t, e.LanesHeld())
}
