package future_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/thence-go/thence/future"
)

// atMost is an executor of one's own: a goroutine a task, three at a time.
type atMost chan struct{}

func (r atMost) Execute(ctx context.Context, t future.Task) error {
	select {
	case r <- struct{}{}:
	case <-ctx.Done():
		return future.StoppedWaiting(ctx)
	}
	go func() {
		defer func() { <-r }()
		_ = t.Run(ctx)
	}()
	return nil
}

func ExampleExecutor() {
	ctx := context.Background()
	three := make(atMost, 3)
	f := future.GoOn(ctx, three, func(ctx context.Context) (int, error) { return 42, nil })
	fmt.Println(f.Await(ctx))
	// Output: 42 <nil>
}

// Whoever waits on behalf of a caller says so when the caller's ctx ends.
func ExampleStoppedWaiting() {
	full := make(atMost) // has room for nobody
	impatient, cancel := context.WithCancel(context.Background())
	cancel()
	err := full.Execute(impatient, nil)
	fmt.Println(errors.Is(err, future.ErrStoppedWaiting), errors.Is(err, context.Canceled))
	// Output: true true
}

// Whoever runs functions on behalf of others settles a panic and a Goexit in
// the deferred function.
func ExampleRecovered() {
	old := future.SetHooks(future.Hooks{Panic: func(*future.PanicError) {}})
	defer future.SetHooks(old)

	run := func(fn func()) (err error) {
		returned := false
		defer func() {
			if !returned {
				err = future.Recovered(recover())
			}
		}()
		fn()
		returned = true
		return nil
	}
	fmt.Println(run(func() { panic("out of range") }))
	// Output: future: panic: out of range
}

// The echo of a ctx that has ended is a cancellation, with the cause.
func ExampleOutcome() {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("shutting down"))
	fmt.Println(future.Outcome(ctx, ctx.Err()))
	fmt.Println(future.Outcome(ctx, errors.New("disk full")))
	// Output:
	// future: canceled: shutting down
	// disk full
}

func ExampleNewMemo_options() {
	ctx := context.Background()
	calls := 0
	lookup := func(ctx context.Context, host string) (string, error) {
		calls++
		return "", errors.New("no such host")
	}
	hosts := future.NewMemo(lookup,
		future.TTL(time.Minute),
		future.NegativeTTL(time.Second),    // failures too, but not for long
		future.RefreshAhead(5*time.Second), // before it expires, if it is asked for
		future.MaxEntries(1000),
	)
	_, err := hosts.Get(ctx, "nowhere")
	_, _ = hosts.Get(ctx, "nowhere")
	fmt.Println(err, calls)
	// Output: no such host 1
}

func ExampleNewLoader_options() {
	ctx := context.Background()
	square := func(ctx context.Context, ns []int) (map[int]int, error) {
		fmt.Println("asked for", ns)
		values := make(map[int]int)
		for _, n := range ns {
			values[n] = n * n
		}
		return values, nil
	}
	l := future.NewLoader(square, future.BatchWindow(5*time.Millisecond), future.MaxBatch(2))
	fmt.Println(future.All(l.Go(ctx, 3), l.Go(ctx, 4)).Await(ctx))
	// Output:
	// asked for [3 4]
	// [9 16] <nil>
}

func ExamplePromise_Settle() {
	p := future.NewPromise[int]()
	answer := func() (int, error) { return 42, nil }
	fmt.Println(p.Settle(answer()), p.Settle(answer()))
	fmt.Println(p.Future().Await(context.Background()))
	// Output:
	// true false
	// 42 <nil>
}

func ExamplePromise_Reject() {
	p := future.NewPromise[int]()
	p.Reject(errors.New("line cut"))
	fmt.Println(p.Future().Err())
	// Output: line cut
}

func ExampleResult_Canceled() {
	f := future.NewPromise[int]().Future()
	f.Cancel(errors.New("too late"))
	r, _ := f.Poll()
	fmt.Println(r.Canceled(), r.Err)
	// Output: true future: canceled: too late
}
