package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
)

// between are the steps that stand between a producer and a consumer, and hold
// or drop items.
var between = map[string]struct {
	step  func(pipeline.Flow[int]) pipeline.Flow[int]
	drops bool // not all items go on
}{
	"buffer, block":       {step: func(f pipeline.Flow[int]) pipeline.Flow[int] { return f.Buffer(7, pipeline.Block) }},
	"buffer, drop oldest": {step: func(f pipeline.Flow[int]) pipeline.Flow[int] { return f.Buffer(7, pipeline.DropOldest) }, drops: true},
	"buffer, drop newest": {step: func(f pipeline.Flow[int]) pipeline.Flow[int] { return f.Buffer(7, pipeline.DropNewest) }, drops: true},
	"conflate": {step: func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return f.Conflate(func(_, new int) int { return new })
	}, drops: true},
	"debounce": {step: func(f pipeline.Flow[int]) pipeline.Flow[int] { return f.Debounce(time.Nanosecond) }, drops: true},
	"throttle": {step: func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return f.Throttle(waiter(func(context.Context) error { return nil }))
	}},
}

// behind are what stands next to them.
var behind = map[string]func(pipeline.Flow[int]) pipeline.Flow[int]{
	"nothing": func(f pipeline.Flow[int]) pipeline.Flow[int] { return f },
	"fused": func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.Map(f, func(i int) int { return i }).Filter(func(int) bool { return true })
	},
	"then": func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.Then(f, func(_ context.Context, i int) (int, error) { return i, nil })
	},
	"workers": func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.Then(f, func(_ context.Context, i int) (int, error) { return i, nil }, pipeline.Workers(3))
	},
	"take": func(f pipeline.Flow[int]) pipeline.Flow[int] { return f.Take(1 << 40) },
}

func eachBetween(t *testing.T, fn func(t *testing.T, step func(pipeline.Flow[int]) pipeline.Flow[int], drops bool)) {
	for name, b := range between {
		for _, before := range []string{"nothing", "workers"} {
			for after, finish := range behind {
				t.Run(fmt.Sprint(before, ", ", name, ", ", after), func(t *testing.T) {
					fn(t, func(f pipeline.Flow[int]) pipeline.Flow[int] { return finish(b.step(behind[before](f))) }, b.drops)
				})
			}
		}
	}
}

// rising fails unless items is 0, 1, ... n-1 or, if items may be dropped, a
// rising part of it.
func rising(t *testing.T, items []int, n int, drops bool) {
	t.Helper()
	if !drops {
		require.Equal(t, upTo(n), items)
	}
	last := -1
	for _, v := range items {
		require.Greater(t, v, last)
		require.Less(t, v, n)
		last = v
	}
}

func TestBetweenKeepsOrderAndTheLast(t *testing.T) {
	eachBetween(t, func(t *testing.T, step func(pipeline.Flow[int]) pipeline.Flow[int], drops bool) {
		for _, n := range []int{0, 1, 2, 3000} {
			synctest.Test(t, func(t *testing.T) {
				f := step(pipeline.FromSlice(upTo(n)))
				results := make(chan []int, 2)
				for range 2 { // also two runs at once
					go func() {
						items, err := f.Collect(t.Context())
						if err != nil {
							t.Error(err)
						}
						results <- items
					}()
				}
				for range 2 {
					items := <-results
					if n == 0 {
						require.Empty(t, items)
					} else {
						require.NotEmpty(t, items)
						rising(t, items, n, drops)
					}
				}
				count, err := f.Count(t.Context())
				require.NoError(t, err)
				require.LessOrEqual(t, count, int64(n))
			})
		}
	})
}

func TestBetweenAndALongFlow(t *testing.T) {
	for name, b := range between {
		items, err := b.step(pipeline.FromSlice(upTo(100_000))).Collect(t.Context())
		require.NoError(t, err, name)
		rising(t, items, 100_000, b.drops)
	}
}

// A consumer that leaves, a Take behind, or a context: nothing is left running.
func TestBetweenStops(t *testing.T) {
	eachBetween(t, func(t *testing.T, step func(pipeline.Flow[int]) pipeline.Flow[int], drops bool) {
		for _, n := range []int{1, 3, 200} {
			synctest.Test(t, func(t *testing.T) {
				f := step(paced(time.Second, 1<<30))
				got := 0
				for range f.All(t.Context()) {
					if got++; got == n {
						break
					}
				}
				require.Equal(t, n, got)
				items, err := f.Take(int64(n)).Collect(t.Context())
				require.NoError(t, err)
				require.Len(t, items, n)

				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Duration(n)*time.Second, errBoom)
				defer cancel()
				begun := time.Now()
				err = f.Drain(ctx)
				require.ErrorIs(t, err, future.ErrCanceled)
				require.ErrorIs(t, err, errBoom)
				require.Equal(t, time.Duration(n)*time.Second, time.Since(begun))

				ctx, stop := context.WithCancelCause(t.Context())
				err = f.ForEach(ctx, func(ctx context.Context, _ int) error { // while it is full
					time.Sleep(time.Minute)
					stop(errBoom)
					<-ctx.Done()
					return ctx.Err()
				})
				require.ErrorIs(t, err, errBoom)
			})
		}
	})
}

// What fails upstream fails the flow, at the first item, in the middle and at
// the end.
func TestBetweenAndAFailureUpstream(t *testing.T) {
	ends := map[string]struct {
		fn   func() error
		want func(err error) bool
	}{
		"error":  {func() error { return errBoom }, func(err error) bool { return errors.Is(err, errBoom) }},
		"panic":  {func() error { panic("oops") }, func(err error) bool { return errors.As(err, new(*future.PanicError)) }},
		"goexit": {func() error { runtime.Goexit(); return nil }, func(err error) bool { return errors.Is(err, future.ErrGoexit) }},
	}
	eachBetween(t, func(t *testing.T, step func(pipeline.Flow[int]) pipeline.Flow[int], drops bool) {
		for name, end := range ends {
			for _, at := range []int{0, 50, 99} {
				synctest.Test(t, func(t *testing.T) {
					f := pipeline.Generate(func(_ context.Context, yield func(int) bool) error {
						for i := range 100 {
							if i == at {
								if err := end.fn(); err != nil {
									return err
								}
							}
							yield(i)
						}
						return nil
					})
					items, err := step(f).Collect(t.Context())
					require.True(t, end.want(err), "%s: %v", name, err)
					rising(t, items, 100, true)
					require.ErrorContains(t, err, fmt.Sprintf(`"source" failed at item %d:`, at))
				})
			}
		}
	})
}

// The same for merge, which runs between.
func TestConflateWhoseMergeFails(t *testing.T) {
	for next, finish := range behind {
		for _, n := range []int{1, 50, 3000} {
			t.Run(fmt.Sprint(next, " ", n), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					for _, end := range []func() error{func() error { panic("oops") }, func() error { runtime.Goexit(); return nil }} {
						hit := after(n, end)
						f := finish(endless().Conflate(func(_, new int) int { hit(); return new }))
						err := f.ForEach(t.Context(), func(context.Context, int) error { time.Sleep(time.Millisecond); return nil })
						var e *pipeline.Error
						require.ErrorAs(t, err, &e)
						require.Equal(t, "conflate#1", e.Stage)
						require.GreaterOrEqual(t, e.Item, int64(n))
					}
				})
			})
		}
	}
}

func TestWrongUseOfSources(t *testing.T) {
	f := pipeline.FromSlice(upTo(1))
	for name, c := range map[string]struct {
		use  func()
		says string
	}{
		"FromChan":         {func() { pipeline.FromChan[int](nil) }, "pipeline: FromChan needs a channel, got nil"},
		"FromReader":       {func() { pipeline.FromReader(nil, 1) }, "pipeline: FromReader needs a reader, got nil"},
		"FromReader's max": {func() { pipeline.FromReader(readFunc(nil), 0) }, "pipeline: FromReader needs a maxLine of at least 1 byte, got 0"},
		"Tick":             {func() { pipeline.Tick(0) }, "pipeline: Tick needs a duration above 0, got 0s"},
		"Subscribe":        {func() { pipeline.NewTopic[int]().Subscribe(0, pipeline.Block) }, "pipeline: Subscribe needs a buffer of at least 1, got 0"},
		"Subscribe's o":    {func() { pipeline.NewTopic[int]().Subscribe(1, 3) }, "pipeline: Subscribe needs Block, DropOldest or DropNewest, got Overflow(3)"},
		"Publish":          {func() { pipeline.NewTopic[int]().Publish(nil, 1) }, "pipeline: Publish needs a context, got nil: pass context.Background() if there is none"},
		"Buffer":           {func() { f.Buffer(0, pipeline.Block) }, "pipeline: Buffer needs a buffer of at least 1, got 0"},
		"Buffer's o":       {func() { f.Buffer(1, 3) }, "pipeline: Buffer needs Block, DropOldest or DropNewest, got Overflow(3)"},
		"Conflate":         {func() { f.Conflate(nil) }, "pipeline: Conflate needs a function, got nil"},
		"Debounce":         {func() { f.Debounce(0) }, "pipeline: Debounce needs a duration above 0, got 0s"},
		"Throttle":         {func() { f.Throttle(nil) }, "pipeline: Throttle needs a Waiter, got nil"},
	} {
		require.PanicsWithValue(t, c.says, c.use, name)
	}
	for name, b := range between {
		require.Panics(t, func() { b.step(pipeline.Flow[int]{}) }, name)
	}
}

// Who takes as many as there may ever be does not make room for them.
func TestTakeOfMoreThanThereIs(t *testing.T) {
	items, err := paced(0, 3).Take(math.MaxInt64).Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, upTo(3), items)
}
