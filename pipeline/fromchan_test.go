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

func ExampleFromChan() {
	c := make(chan int)
	go func() {
		defer close(c)
		for i := range 3 {
			c <- i
		}
	}()
	fmt.Println(pipeline.FromChan(c).Collect(context.Background()))
	// Output: [0 1 2] <nil>
}

func filled[T any](vs ...T) chan T {
	c := make(chan T, len(vs))
	for _, v := range vs {
		c <- v
	}
	return c
}

func TestFromChanRunsOnce(t *testing.T) {
	c := filled(upTo(5)...)
	close(c)
	f := pipeline.FromChan(c)
	once, err := f.Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, upTo(5), once)
	for _, again := range []pipeline.Flow[int]{f, pipeline.Map(f, increment)} {
		items, err := again.Collect(t.Context())
		require.ErrorIs(t, err, pipeline.ErrUsed)
		require.Equal(t, &pipeline.Error{Stage: "source", Err: pipeline.ErrUsed}, err)
		require.Empty(t, items)
	}
	fresh, err := pipeline.FromChan(c).Collect(t.Context())
	require.NoError(t, err, "another flow of the channel is its own")
	require.Empty(t, fresh)
}

// A run that never begins uses nothing up.
func TestFromChanAfterARunThatDidNotBegin(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := filled(1)
	close(c)
	f := pipeline.FromChan(c)
	require.ErrorIs(t, f.Drain(ctx), future.ErrCanceled)
	items, err := f.Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{1}, items)
}

// After the cancel nothing more is taken, and every item that was is begun by
// the next step or reported, once.
func TestFromChanLosesNothing(t *testing.T) {
	for _, stopAt := range []int{0, 1, 70, 3000} {
		for _, room := range []int{0, 1, 5000} {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				c := make(chan int, room)
				sent := 0
				sender, stop := context.WithCancel(t.Context())
				senderDone := make(chan struct{})
				go func() {
					defer close(senderDone)
					for {
						select {
						case c <- sent:
							sent++
						case <-sender.Done():
							return
						}
					}
				}()
				seen := map[int]int{}
				err := pipeline.FromChan(c).OnUndelivered(func(i int) { seen[i]++ }).
					ForEach(ctx, func(ctx context.Context, i int) error {
						seen[i]++
						if i == stopAt {
							cancel(errBoom)
							<-ctx.Done()
						}
						return nil
					})
				require.ErrorIs(t, err, errBoom)
				require.ErrorIs(t, err, future.ErrCanceled)
				synctest.Wait()
				stop()
				<-senderDone
				require.Equal(t, sent-len(c), len(seen), "taken, and seen by somebody")
				for i, n := range seen {
					require.Equal(t, 1, n, "item %d", i)
				}
			})
		}
	}
}

func TestFromChanThatIsEmptyEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errBoom)
		defer cancel()
		c := make(chan int, 1)
		begun := time.Now()
		require.ErrorIs(t, pipeline.FromChan(c).Drain(ctx), errBoom)
		require.Equal(t, time.Second, time.Since(begun))
		c <- 1
		synctest.Wait()
		require.Len(t, c, 1)
	})
}

// Two runs at once: one has the items, the other the error.
func TestFromChanInTwoRunsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := filled(upTo(100)...)
		close(c)
		f := pipeline.FromChan(c)
		type result struct {
			n   int64
			err error
		}
		results := make(chan result, 2)
		for range 2 {
			go func() {
				n, err := f.Count(t.Context())
				results <- result{n, err}
			}()
		}
		a, b := <-results, <-results
		if a.err != nil {
			a, b = b, a
		}
		require.Equal(t, result{n: 100}, a)
		require.ErrorIs(t, b.err, pipeline.ErrUsed)
		require.Zero(t, b.n)
	})
}
