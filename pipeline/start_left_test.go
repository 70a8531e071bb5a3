package pipeline_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pipeline"
)

// A Run's figures do not come between a point and what stands behind it.
func TestOnUndeliveredSeesWhatARunLeaves(t *testing.T) {
	for name, behind := range map[string]func(pipeline.Flow[int]) pipeline.Flow[int]{
		"nothing": func(f pipeline.Flow[int]) pipeline.Flow[int] { return f },
		"buffer":  func(f pipeline.Flow[int]) pipeline.Flow[int] { return f.Buffer(20, pipeline.Block) },
		"dropping buffer": func(f pipeline.Flow[int]) pipeline.Flow[int] {
			return f.Buffer(20, pipeline.DropOldest)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := make(chan int, 10)
				for i := range 10 {
					c <- i
				}
				var left, begun atomic.Int64
				f := pipeline.FromChan(c).OnUndelivered(func(int) { left.Add(1) })
				r := behind(f).Start(t.Context(), func(ctx context.Context, _ int) error {
					begun.Add(1)
					<-ctx.Done()
					return ctx.Err()
				})
				synctest.Wait()
				r.Cancel(errBoom)
				require.ErrorIs(t, r.Wait(), errBoom)
				require.EqualValues(t, 1, begun.Load())
				require.EqualValues(t, 9, left.Load())
				require.Empty(t, c)
			})
		})
	}
}

// A source that recovers from whatever yield does cannot make a step's panic
// look like success.
func TestASourceCannotSwallowAPanic(t *testing.T) {
	boo := func(i int) int {
		if i == 3 {
			panic("boo")
		}
		return i
	}
	careful := func(yield func(int) bool) {
		for i := range 6 {
			func() {
				defer func() { _ = recover() }()
				yield(i)
			}()
		}
	}
	for name, f := range map[string]pipeline.Flow[int]{
		"Map":    pipeline.Map(pipeline.From(careful), boo),
		"Filter": pipeline.From(careful).Filter(func(i int) bool { return boo(i) >= 0 }),
		"Tap":    pipeline.From(careful).Tap(func(i int) { boo(i) }),
		"Scan":   pipeline.Scan(pipeline.From(careful), 0, func(s, i int) int { return s + boo(i) }),
	} {
		_, err := f.Collect(t.Context())
		var failed *pipeline.Error
		require.ErrorAs(t, err, &failed, name)
		require.NotEqual(t, "source", failed.Stage, name)
		require.EqualValues(t, 3, failed.Item, name)
		require.ErrorContains(t, err, "recovered", name)
	}
}
