package pipeline_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
)

// A run whose context has ended before it begins is the subscription's only one
// all the same: it holds nobody up.
func TestASubscriptionEndsWithARunThatNeverBegan(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	drain := func(ctx context.Context, f pipeline.Flow[int]) error { return f.Drain(ctx) }
	for name, run := range map[string]func(pipeline.Flow[int]) error{
		"Collect": func(f pipeline.Flow[int]) error { _, err := f.Collect(ended); return err },
		"Count":   func(f pipeline.Flow[int]) error { _, err := f.Count(ended); return err },
		"First":   func(f pipeline.Flow[int]) error { _, err := f.First(ended); return err },
		"Start":   func(f pipeline.Flow[int]) error { return f.Start(ended, ignore[int]).Wait() },
		"Tee":     func(f pipeline.Flow[int]) error { return pipeline.Tee(ended, f, drain) },
		"Merge": func(f pipeline.Flow[int]) error {
			return pipeline.Merge(pipeline.FromSlice(upTo(3)), pipeline.Map(f, increment)).Drain(ended)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				news := pipeline.NewTopic[int]()
				f := news.Subscribe(1, pipeline.Block)
				require.ErrorIs(t, run(f), future.ErrCanceled)
				for i := range 3 {
					require.NoError(t, news.Publish(t.Context(), i))
				}
				_, err := f.Count(t.Context())
				require.ErrorIs(t, err, pipeline.ErrUsed)
			})
		})
	}
}
