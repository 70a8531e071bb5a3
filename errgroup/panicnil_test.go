package errgroup_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
)

// With this setting of old modules a panic may have no value, so it looks like
// Goexit, but the goroutine goes on: that is a failure too, and nobody else's
// function is called twice.
func TestPanicWithoutAValue(t *testing.T) {
	t.Setenv("GODEBUG", "panicnil=1")
	boom := func() { panic(nil) } //nolint:govet // the point
	for name, limit := range limits {
		t.Run("group "+name, func(t *testing.T) {
			var g errgroup.Group
			limit(&g)
			g.Go(func() error { boom(); return nil })
			require.Equal(t, future.ErrGoexit, g.Wait())
		})
	}
	for name, opts := range map[string][]errgroup.Option{
		"in a call":            {errgroup.Supervise(func(int, error) {})},
		"in a sink":            {errgroup.Supervise(func(int, error) { boom() })},
		"in Until":             {errgroup.Until(func(int, future.Result[int]) bool { boom(); return false })},
		"in a cleanup":         nil,
		"in a call, AllErrors": {errgroup.AllErrors(), errgroup.Supervise(func(int, error) {})},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := errgroup.Collect[int](t.Context(), append(opts, errgroup.Limit(1))...)
				called := 0
				for range 10 {
					go s.Do(t.Context(), func(context.Context) error {
						called++
						time.Sleep(time.Second)
						if called == 1 && name != "in a cleanup" {
							boom()
						}
						return nil
					})
				}
				_ = s.Go(t.Context(), func(context.Context) (int, error) { return 1, nil })
				if name == "in a cleanup" {
					s.Cleanup(time.Second, func(context.Context) error { boom(); return nil })
				}
				synctest.Wait()
				time.Sleep(time.Minute)
				_, err := s.Wait()
				stats := s.Stats()
				require.Equal(t, 11, stats.Started+stats.NotStarted)
				require.Equal(t, stats.Started, stats.Done)
				if name != "in a call" {
					require.ErrorIs(t, err, future.ErrGoexit)
				} else {
					require.Equal(t, 1, stats.Failed)
				}
			})
		})
	}
}
