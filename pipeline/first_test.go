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

func TestFirst(t *testing.T) {
	eachWay(t, func(t *testing.T, opts []pipeline.Option) {
		synctest.Test(t, func(t *testing.T) {
			f := pipeline.Then(endless(), double, opts...).Filter(func(i int) bool { return i >= 10 })
			first, err := f.First(t.Context())
			require.NoError(t, err)
			require.GreaterOrEqual(t, first, 10)
			_, err = pipeline.FromSlice([]int(nil)).First(t.Context())
			require.Equal(t, pipeline.ErrNoItems, err)
			_, err = pipeline.Then(endless(), func(context.Context, int) (int, error) { return 0, errBoom }, opts...).First(t.Context())
			require.ErrorIs(t, err, errBoom)
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errBoom)
			defer cancel()
			_, err = pipeline.Then(endless(), takes(time.Hour), opts...).First(ctx)
			require.ErrorIs(t, err, future.ErrCanceled)
			_, err = f.First(ctx)
			require.ErrorIs(t, err, errBoom)
		})
	})
}

func TestSendTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := make(chan int, 3)
		sent := make(chan error, 1)
		go func() { sent <- pipeline.FromSlice(upTo(100)).SendTo(t.Context(), c) }()
		synctest.Wait()
		require.Len(t, c, 3, "a full channel blocks")
		for i := range 100 {
			require.Equal(t, i, <-c)
		}
		require.NoError(t, <-sent)
		select {
		case <-c:
			t.Fatal("it was closed")
		default:
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errBoom)
		defer cancel()
		err := endless().SendTo(ctx, c)
		require.ErrorIs(t, err, future.ErrCanceled)
		require.ErrorIs(t, err, errBoom)
		require.Len(t, c, 3)
		full := pipeline.Then(pipeline.FromSlice(upTo(9)), func(_ context.Context, i int) (int, error) { return i, errBoom })
		require.ErrorIs(t, full.SendTo(t.Context(), c), errBoom)
		var p *future.PanicError
		close(c)
		require.ErrorAs(t, endless().SendTo(t.Context(), c), &p)
	})
	require.PanicsWithValue(t, "pipeline: SendTo needs a channel, got nil", func() { endless().SendTo(t.Context(), nil) })
}

func TestSendToGivesThePlaceBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExecutor(1)
		c := make(chan int)
		e.Execute(t.Context(), taskFunc(func(ctx context.Context) {
			if err := pipeline.FromSlice(upTo(3)).SendTo(ctx, c); err != nil {
				t.Error(err)
			}
		}))
		synctest.Wait()
		other := make(chan struct{})
		e.Execute(t.Context(), taskFunc(func(context.Context) { close(other) }))
		<-other
		for range 3 {
			<-c
		}
		e.tasks.Wait()
	})
}

func ExampleFlow_First() {
	odd := pipeline.FromSlice([]int{2, 4, 5, 6}).Filter(func(i int) bool { return i%2 == 1 })
	fmt.Println(odd.First(context.Background()))
	fmt.Println(odd.Take(0).First(context.Background()))
	// Output:
	// 5 <nil>
	// 0 pipeline: the flow has no items
}

func ExampleFlow_SendTo() {
	c := make(chan int, 3)
	fmt.Println(pipeline.FromSlice([]int{1, 2, 3}).SendTo(context.Background(), c), len(c))
	// Output: <nil> 3
}

func ExampleFlow_Start() {
	r := pipeline.FromSlice([]int{1, 2, 3}).Start(context.Background(), func(_ context.Context, i int) error {
		fmt.Println(i)
		return nil
	})
	err := r.Wait()
	for _, s := range r.Stats() {
		fmt.Println(s.Name, s.In, s.Out, err)
	}
	// Output:
	// 1
	// 2
	// 3
	// source 0 3 <nil>
	// start#1 3 0 <nil>
}

func ExampleFlow_InFlight() {
	load := func(_ context.Context, i int) ([]byte, error) { return make([]byte, i), nil }
	big := pipeline.Then(pipeline.FromSlice([]int{10, 20, 30}).InFlight(2), load, pipeline.Workers(8))
	fmt.Println(big.Count(context.Background()))
	// Output: 3 <nil>
}
