package pipeline_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
)

// begin starts an endless flow in the background.
func begin(fn func(context.Context, int) error) *pipeline.Run {
	naturals := pipeline.Generate(func(_ context.Context, yield func(int) bool) error {
		for n := 1; yield(n); n++ {
		}
		return nil
	})
	return naturals.Start(context.Background(), fn)
}

func ExampleRun_Stop() {
	sum, tenth := 0, make(chan struct{})
	r := begin(func(_ context.Context, n int) error {
		if sum += n; n == 10 {
			close(tenth)
		}
		return nil
	})
	<-tenth
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // then it is canceled
	defer cancel()
	fmt.Println(r.Stop(ctx), sum >= 55)
	// Output: <nil> true
}

func ExampleRun_Cancel() {
	r := begin(func(context.Context, int) error { return nil })
	r.Cancel(errors.New("no longer needed"))
	err := r.Wait()
	fmt.Println(errors.Is(err, future.ErrCanceled), errors.Unwrap(err))
	// Output: true no longer needed
}

func ExampleRun_Done() {
	r := pipeline.FromSlice([]int{1, 2}).Start(context.Background(), func(context.Context, int) error { return nil })
	select {
	case <-r.Done():
		fmt.Println(r.Wait())
	case <-time.After(time.Minute):
		fmt.Println("still running")
	}
	// Output: <nil>
}

func ExampleRun_Wait() {
	r := begin(func(_ context.Context, n int) error {
		if n == 3 {
			return errors.New("three is enough")
		}
		return nil
	})
	fmt.Println(r.Wait())
	// Output: pipeline: stage "start#1" failed at item 2: three is enough
}

func ExampleRun_Stats() {
	even := pipeline.FromSlice([]int{1, 2, 3, 4}).Filter(func(n int) bool { return n%2 == 0 })
	r := even.Start(context.Background(), func(context.Context, int) error { return nil })
	_ = r.Wait()
	for _, s := range r.Stats() {
		fmt.Println(s.Name, s.In, s.Out)
	}
	// Output:
	// source 0 4
	// filter#1 4 2
	// start#2 2 0
}

func ExampleRun_Bottleneck() {
	hash := func(_ context.Context, n int) ([32]byte, error) { return sha256.Sum256(make([]byte, n)), nil }
	f := pipeline.Then(pipeline.FromSlice(slices.Repeat([]int{1 << 20}, 20)), hash, pipeline.Name("hash"))
	r := f.Start(context.Background(), func(context.Context, [32]byte) error { return nil })
	_ = r.Wait()
	fmt.Println(r.Bottleneck())
	// Output: hash
}

func ExampleRun_Mermaid() {
	r := pipeline.FromSlice([]int{1, 2}).Start(context.Background(), func(context.Context, int) error { return nil })
	_ = r.Wait()
	fmt.Println(strings.Contains(r.Mermaid(), "in 2, out 0"))
	// Output: true
}

func ExampleNewTopic() {
	ctx := context.Background()
	prices := pipeline.NewTopic[int]()
	f := prices.Subscribe(8, pipeline.Block)
	_ = prices.Publish(ctx, 42)
	prices.Close()
	fmt.Println(f.Collect(ctx))
	// Output: [42] <nil>
}

func ExampleTopic_Publish() {
	var topic pipeline.Topic[int]
	_ = topic.Subscribe(1, pipeline.Block) // nobody runs it
	fmt.Println(topic.Publish(context.Background(), 1))
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	err := topic.Publish(ctx, 2) // waits for room
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	// Output:
	// <nil>
	// true
}

func ExampleTopic_Subscribe() {
	ctx := context.Background()
	var topic pipeline.Topic[string]
	_ = topic.Publish(ctx, "before") // nobody hears it
	first := topic.Subscribe(1, pipeline.DropNewest)
	_ = topic.Publish(ctx, "a")
	_ = topic.Publish(ctx, "b")
	topic.Close()
	fmt.Println(first.Collect(ctx))
	fmt.Println(errors.Is(first.Drain(ctx), pipeline.ErrUsed))
	// Output:
	// [a] <nil>
	// true
}

func ExampleTopic_Close() {
	var topic pipeline.Topic[int]
	topic.Close()
	fmt.Println(topic.Publish(context.Background(), 1))
	// Output: pipeline: the topic is closed
}

func ExampleTopic_Dropped() {
	var topic pipeline.Topic[int]
	_ = topic.Subscribe(1, pipeline.DropOldest)
	for i := range 3 {
		_ = topic.Publish(context.Background(), i)
	}
	fmt.Println(topic.Dropped())
	// Output: 2
}

func ExampleOverflow_String() {
	fmt.Println(pipeline.DropOldest.String())
	// Output: DropOldest
}
