package errgroup_test

import (
	"os"
	"strconv"
	"testing"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/internal/testkit"
	"github.com/thence-go/thence/pool"
)

// oneAtATime runs a test whose calls go one at a time, on goroutines and on a
// pool of one worker.
func oneAtATime(t *testing.T, test func(t *testing.T, opts []errgroup.Option)) {
	t.Run("goroutines", func(t *testing.T) {
		testkit.Ends(t, func(t *testing.T) { test(t, []errgroup.Option{errgroup.Limit(1)}) })
	})
	t.Run("pool", func(t *testing.T) {
		testkit.Ends(t, func(t *testing.T) {
			p := pool.New(1, pool.Queue(1, pool.Block))
			defer p.Close()
			test(t, []errgroup.Option{errgroup.Limit(1), errgroup.On(p)})
		})
	})
}

// stress is how often a racy case is tried; STRESS multiplies it.
func stress(n int) int {
	if testing.Short() {
		return n/10 + 1
	}
	if f, err := strconv.Atoi(os.Getenv("STRESS")); err == nil && f > 0 {
		return n * f
	}
	return n
}
