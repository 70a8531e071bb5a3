package errgroup_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
)

func TestResults_AsTheyFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		s := errgroup.Collect[int](ctx, errgroup.Supervise(func(int, error) {}))
		for i, d := range []time.Duration{3, 1, 2, 4} {
			require.NoError(t, s.Go(ctx, func(context.Context) (int, error) {
				time.Sleep(d)
				if i == 2 {
					return 0, errDisk
				}
				return 10 * i, nil
			}))
		}
		s.Close()
		start := time.Now()
		var got []int
		for i, r := range s.Results() {
			got = append(got, i, r.Value, int(time.Since(start)))
			require.Equal(t, i == 2, r.Err == errDisk)
		}
		require.Equal(t, []int{1, 10, 1, 2, 0, 2, 0, 0, 3, 3, 30, 4}, got)
		values, err := s.Wait()
		require.NoError(t, err)
		require.Nil(t, values, "Results has taken them")
	})
}

// A server: calls come from elsewhere, with times of rest, until Close.
func TestResults_OfAServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		s := errgroup.Collect[int](ctx, errgroup.Limit(3))
		go func() {
			defer s.Close()
			for range 100 {
				time.Sleep(time.Second)
				s.Go(ctx, value(1))
			}
		}()
		n := 0
		for _, r := range s.Results() {
			n += r.Value
		}
		require.Equal(t, 100, n)
		_, err := s.Wait()
		require.NoError(t, err)
	})
}

// A crawler: the consumer starts calls, at the limit too.
func TestResults_ConsumerStartsCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		s := errgroup.Collect[int](ctx, errgroup.Limit(2))
		require.NoError(t, s.Go(ctx, value(6)))
		open, pages := 1, 0
		for _, r := range s.Results() {
			pages++
			for range min(r.Value, 3) {
				require.NoError(t, s.Go(ctx, value(r.Value-2)))
				open++
			}
			if open--; open == 0 {
				s.Close()
			}
		}
		require.Equal(t, 1+3+9+18, pages)
		_, err := s.Wait()
		require.NoError(t, err)
	})
}

func TestResults_SeveralConsumersShare(t *testing.T) {
	ctx := t.Context()
	s := errgroup.Collect[int](ctx, errgroup.Limit(4))
	var consumers sync.WaitGroup
	var mu sync.Mutex
	sum := 0
	for range 3 {
		consumers.Go(func() {
			for _, r := range s.Results() {
				mu.Lock()
				sum += r.Value
				mu.Unlock()
			}
		})
	}
	for range 1000 {
		require.NoError(t, s.Go(ctx, value(1)))
	}
	s.Close()
	consumers.Wait()
	require.Equal(t, 1000, sum)
	s.Wait()
}

func TestResults_EndWithTheScope(t *testing.T) {
	for name, end := range map[string]func(s *errgroup.Scope[int], parent func()){
		"parent": func(_ *errgroup.Scope[int], parent func()) { parent() },
		"Cancel": func(s *errgroup.Scope[int], _ func()) { s.Cancel(nil) },
		"Close":  func(s *errgroup.Scope[int], _ func()) { s.Close() },
		"Wait":   func(s *errgroup.Scope[int], _ func()) { s.Wait() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				parent, cancel := context.WithCancel(t.Context())
				defer cancel()
				s := errgroup.Collect[int](parent)
				ended := make(chan int)
				go func() {
					n := 0
					for range s.Results() {
						n++
					}
					ended <- n
				}()
				synctest.Wait()
				end(s, cancel)
				require.Zero(t, <-ended)
				s.Wait()
			})
		})
	}
}

func TestResults_BreakCancels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		s := errgroup.Collect[int](ctx)
		require.NoError(t, s.Go(ctx, untilCanceled))
		require.NoError(t, s.Go(ctx, value(1)))
		for _, r := range s.Results() {
			require.Equal(t, 1, r.Value)
			break
		}
		require.ErrorIs(t, s.Go(ctx, value(1)), errgroup.ErrOver)
		_, err := s.Wait()
		require.ErrorIs(t, err, future.ErrCanceled)
	})
}
