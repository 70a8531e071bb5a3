package pipeline_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
)

// twice publishes two items for each that it reads of the same topic.
func twice(topic *pipeline.Topic[int]) func(ctx context.Context, i int) error {
	return func(ctx context.Context, i int) error {
		for range 2 {
			if err := topic.Publish(ctx, i+1); err != nil {
				return err
			}
		}
		return nil
	}
}

// A circle of bounded buffers waits for itself; the context ends it.
func TestACircleEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := pipeline.NewTopic[int]()
		f := topic.Subscribe(4, pipeline.Block)
		require.NoError(t, topic.Publish(t.Context(), 0))
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errBoom)
		defer cancel()
		begun := time.Now()
		err := f.ForEach(ctx, twice(topic))
		require.ErrorIs(t, err, future.ErrCanceled)
		require.ErrorIs(t, err, errBoom)
		require.Equal(t, time.Minute, time.Since(begun))
		require.NoError(t, topic.Publish(t.Context(), 1), "the subscription is gone")
	})
}

// Close ends it too: Publish fails, and so does the flow.
func TestACircleEndsWithItsTopic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := pipeline.NewTopic[int]()
		f := topic.Subscribe(4, pipeline.Block)
		require.NoError(t, topic.Publish(t.Context(), 0))
		time.AfterFunc(time.Minute, topic.Close)
		require.ErrorIs(t, f.ForEach(t.Context(), twice(topic)), pipeline.ErrClosed)
	})
}

func TestACircleThatDrops(t *testing.T) {
	for _, o := range []pipeline.Overflow{pipeline.DropOldest, pipeline.DropNewest} {
		synctest.Test(t, func(t *testing.T) {
			topic := pipeline.NewTopic[int]()
			f := topic.Subscribe(4, o)
			require.NoError(t, topic.Publish(t.Context(), 0))
			n := 0
			step := func(ctx context.Context, i int) (int, error) { return i, twice(topic)(ctx, i) }
			for _, err := range pipeline.Then(f, step).Take(10_000).All(t.Context()) {
				require.NoError(t, err)
				n++
			}
			require.Equal(t, 10_000, n)
			require.Positive(t, topic.Dropped())
		})
	}
}

// A pool's task that waits in Publish gives its place to the flow that makes
// room.
func TestPublishGivesItsPlaceBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := pipeline.NewTopic[int]()
		f := topic.Subscribe(1, pipeline.Block)
		e := newExecutor(1)
		done := make(chan []int)
		go func() {
			same := func(_ context.Context, i int) (int, error) { return i, nil }
			items, err := pipeline.Then(f, same, pipeline.On(e)).Collect(t.Context())
			if err != nil {
				t.Error(err)
			}
			done <- items
		}()
		e.do(func(ctx context.Context) {
			for i := range 1000 {
				if err := topic.Publish(ctx, i); err != nil {
					t.Error(err)
				}
			}
			topic.Close()
		})
		require.Equal(t, upTo(1000), <-done)
	})
}
