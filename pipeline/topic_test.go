package pipeline_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
)

func ExampleTopic() {
	ctx := context.Background()
	events := pipeline.NewTopic[string]()
	all := events.Subscribe(10, pipeline.Block)
	latest := events.Subscribe(1, pipeline.DropOldest)
	for _, e := range []string{"a", "b", "c"} {
		_ = events.Publish(ctx, e)
	}
	events.Close()
	fmt.Println(all.Collect(ctx))
	fmt.Println(latest.Collect(ctx))
	fmt.Println(events.Dropped(), events.Publish(ctx, "d"))
	// Output:
	// [a b c] <nil>
	// [c] <nil>
	// 2 pipeline: the topic is closed
}

func ExampleOverflow() {
	fmt.Println(pipeline.Block, pipeline.DropOldest, pipeline.DropNewest, pipeline.Overflow(7))
	// Output: Block DropOldest DropNewest Overflow(7)
}

func TestSubscribersSeeWhatComesAfterThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var topic pipeline.Topic[int] // the zero value is ready
		require.NoError(t, topic.Publish(t.Context(), 0))
		var flows []pipeline.Flow[int]
		for i := 1; i <= 3; i++ {
			flows = append(flows, topic.Subscribe(10, pipeline.Block))
			require.NoError(t, topic.Publish(t.Context(), i))
		}
		topic.Close()
		topic.Close()
		for i, want := range [][]int{{1, 2, 3}, {2, 3}, {3}} {
			items, err := flows[i].Collect(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, items)
			require.ErrorIs(t, flows[i].Drain(t.Context()), pipeline.ErrUsed)
		}
		require.ErrorIs(t, topic.Publish(t.Context(), 9), pipeline.ErrClosed)
		late, err := topic.Subscribe(1, pipeline.Block).Collect(t.Context())
		require.NoError(t, err)
		require.Empty(t, late)
	})
}

func TestOverflowOfASubscription(t *testing.T) {
	for o, want := range map[pipeline.Overflow][]int{pipeline.DropOldest: {7, 8, 9}, pipeline.DropNewest: {0, 1, 2}} {
		synctest.Test(t, func(t *testing.T) {
			topic := pipeline.NewTopic[int]()
			f := topic.Subscribe(3, o)
			for i := range 10 {
				require.NoError(t, topic.Publish(t.Context(), i))
			}
			require.EqualValues(t, 7, topic.Dropped())
			topic.Close()
			items, err := f.Collect(t.Context())
			require.NoError(t, err)
			require.Equal(t, want, items, o)
		})
	}
}

// While a run is busy, what waits is bounded by the buffer exactly.
func TestOverflowOfASubscriptionThatRuns(t *testing.T) {
	for o, want := range map[pipeline.Overflow][]int{pipeline.DropOldest: {0, 7, 8, 9}, pipeline.DropNewest: {0, 1, 2, 3}} {
		synctest.Test(t, func(t *testing.T) {
			topic := pipeline.NewTopic[int]()
			f := topic.Subscribe(3, o)
			go func() {
				for i := range 10 {
					synctest.Wait()
					topic.Publish(t.Context(), i)
				}
				topic.Close()
			}()
			var got []int
			require.NoError(t, f.ForEach(t.Context(), func(_ context.Context, i int) error {
				got = append(got, i)
				time.Sleep(time.Second)
				return nil
			}))
			require.Equal(t, want, got, o)
			require.EqualValues(t, 6, topic.Dropped())
		})
	}
}

// A subscriber with Block and no room makes Publish wait; the others do not.
func TestPublishWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := pipeline.NewTopic[int]()
		full := topic.Subscribe(1, pipeline.Block)
		free := topic.Subscribe(9, pipeline.Block)
		require.NoError(t, topic.Publish(t.Context(), 1))
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errBoom)
		defer cancel()
		begun := time.Now()
		err := topic.Publish(ctx, 2)
		require.ErrorIs(t, err, future.ErrCanceled)
		require.ErrorIs(t, err, errBoom)
		require.Equal(t, time.Second, time.Since(begun))
		require.ErrorIs(t, topic.Publish(ctx, 3), errBoom, "it was over before")

		done := make(chan error, 2)
		for _, v := range []int{4, 5} {
			go func() { done <- topic.Publish(t.Context(), v) }()
			synctest.Wait()
		}
		items, err := full.Take(2).Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, []int{1, 4}, items)
		require.NoError(t, <-done)
		require.NoError(t, <-done, "the subscription has ended: nothing to wait for")
		items, err = free.Take(4).Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, []int{1, 2, 4, 5}, items)
		require.NoError(t, topic.Publish(t.Context(), 6), "nobody is left")
	})
}

func TestCloseWhilePublishWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := pipeline.NewTopic[int]()
		a, b := topic.Subscribe(1, pipeline.Block), topic.Subscribe(1, pipeline.Block)
		require.NoError(t, topic.Publish(t.Context(), 1))
		done := make(chan error)
		go func() { done <- topic.Publish(t.Context(), 2) }()
		synctest.Wait()
		topic.Close()
		require.ErrorIs(t, <-done, pipeline.ErrClosed)
		for _, f := range []pipeline.Flow[int]{a, b} {
			items, err := f.Collect(t.Context())
			require.NoError(t, err)
			require.Equal(t, []int{1}, items, "what was buffered and no more")
		}
	})
}

// However a run ends, its subscription ends, and who waits for it goes on.
func TestASubscriptionEndsWithItsRun(t *testing.T) {
	for name, run := range map[string]func(ctx context.Context, f pipeline.Flow[int]){
		"break": func(ctx context.Context, f pipeline.Flow[int]) {
			for range f.All(ctx) {
				break
			}
		},
		"take":    func(ctx context.Context, f pipeline.Flow[int]) { f.Take(1).Drain(ctx) },
		"nothing": func(ctx context.Context, f pipeline.Flow[int]) { f.Take(0).Drain(ctx) },
		"error": func(ctx context.Context, f pipeline.Flow[int]) {
			f.ForEach(ctx, func(context.Context, int) error { return errBoom })
		},
		"panic": func(ctx context.Context, f pipeline.Flow[int]) {
			pipeline.Map(f, func(int) int { panic("oops") }).Drain(ctx)
		},
		"cancel": func(ctx context.Context, f pipeline.Flow[int]) {
			ctx, cancel := context.WithCancel(ctx)
			f.ForEach(ctx, func(ctx context.Context, _ int) error { cancel(); <-ctx.Done(); return nil })
		},
	} {
		for _, o := range []pipeline.Overflow{pipeline.Block, pipeline.DropOldest, pipeline.DropNewest} {
			t.Run(fmt.Sprint(name, " ", o), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					topic := pipeline.NewTopic[int]()
					f := topic.Subscribe(1, o)
					var wg sync.WaitGroup
					for range 3 {
						wg.Go(func() {
							for i := range 1000 {
								topic.Publish(t.Context(), i)
							}
						})
					}
					run(t.Context(), f)
					wg.Wait() // would wait for ever
					dropped := topic.Dropped()
					topic.Publish(t.Context(), 1)
					topic.Publish(t.Context(), 1)
					require.Equal(t, dropped, topic.Dropped())
				})
			})
		}
	}
}

// Each subscriber has what each publisher published, in order.
func TestManyPublishersAndSubscribers(t *testing.T) {
	type item struct{ by, n int }
	const publishers, each = 8, 2000
	topic := pipeline.NewTopic[item]()
	var all, some sync.WaitGroup
	for range 4 {
		f := topic.Subscribe(5, pipeline.Block)
		all.Go(func() {
			next := [publishers]int{}
			err := f.ForEach(context.Background(), func(_ context.Context, i item) error {
				if next[i.by]++; next[i.by] != i.n {
					return fmt.Errorf("%d of %d came instead of %d", i.n, i.by, next[i.by])
				}
				return nil
			})
			if err != nil || next[0] != each || next[publishers-1] != each {
				t.Error(err, next)
			}
		})
		for _, o := range []pipeline.Overflow{pipeline.DropOldest, pipeline.DropNewest} {
			f := topic.Subscribe(5, o)
			all.Go(func() {
				last := [publishers]int{}
				err := f.ForEach(context.Background(), func(_ context.Context, i item) error {
					if i.n <= last[i.by] {
						return fmt.Errorf("%d of %d came after %d", i.n, i.by, last[i.by])
					}
					last[i.by] = i.n
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	for p := range publishers {
		some.Go(func() {
			for n := 1; n <= each; n++ {
				if err := topic.Publish(context.Background(), item{p, n}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	ctx, stop := context.WithCancel(context.Background())
	all.Go(func() { // one who comes and goes
		for ctx.Err() == nil {
			topic.Subscribe(1, pipeline.DropNewest).Take(1).Drain(ctx)
		}
	})
	some.Wait()
	stop()
	topic.Close()
	all.Wait()
}
