package errgroup_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/ratelimit"
)

// Enough is when the budget is spent.
func ExampleUntil() {
	ctx := context.Background()
	spent := 0
	s := errgroup.Collect[int](ctx, errgroup.Limit(1),
		errgroup.Until(func(_ int, r future.Result[int]) bool {
			spent += r.Value
			return spent >= 10
		}))
	for _, price := range []int{4, 3, 5, 8} {
		if err := s.Go(ctx, func(context.Context) (int, error) { return price, nil }); err != nil {
			break // errgroup.ErrDecided
		}
	}
	fmt.Println(s.Wait())
	// Output: [4 3 5] <nil>
}

func ExampleThrottle() {
	ctx := context.Background()
	limiter := ratelimit.NewLimiter(1000, 1) // a thousand starts a second
	s := errgroup.Collect[int](ctx, errgroup.Throttle(limiter))
	for i := range 3 {
		_ = s.Go(ctx, func(context.Context) (int, error) { return i, nil })
	}
	fmt.Println(s.Wait())
	// Output: [0 1 2] <nil>
}

// A server is up when Start returns, and is stopped by the end of the scope.
func ExampleScope_Start() {
	ctx := context.Background()
	s := errgroup.Collect[string](ctx)
	err := s.Start(ctx, func(ctx context.Context, ready func()) (string, error) {
		fmt.Println("listening")
		ready()
		<-ctx.Done()
		return "served", nil
	})
	fmt.Println("up:", err == nil)
	s.Cancel(nil)
	values, _ := s.Wait()
	fmt.Println(values)
	// Output:
	// listening
	// up: true
	// [served]
}

// What was opened last is closed first, and also when the scope was canceled.
func ExampleScope_Cleanup() {
	ctx := context.Background()
	s := errgroup.Collect[int](ctx)
	for _, name := range []string{"database", "table"} {
		s.Cleanup(time.Second, func(ctx context.Context) error {
			fmt.Println("close the", name, ctx.Err() == nil)
			return nil
		})
	}
	_ = s.Go(ctx, func(context.Context) (int, error) { return 0, errors.New("disk full") })
	_, err := s.Wait()
	fmt.Println(err)
	// Output:
	// close the table true
	// close the database true
	// disk full
}

func ExampleWithHooks() {
	ctx := context.Background()
	s := errgroup.Collect[int](ctx, errgroup.WithHooks(errgroup.Hooks{
		Done:   func(i errgroup.CallInfo, err error) { fmt.Println("call", i.Call, "came to", err) },
		Reject: func(i errgroup.CallInfo, err error) { fmt.Println("refused:", errors.Is(err, errgroup.ErrOver)) },
	}))
	_ = s.Go(ctx, func(context.Context) (int, error) { return 1, nil })
	_, _ = s.Wait()
	_ = s.Go(ctx, func(context.Context) (int, error) { return 2, nil })
	// Output:
	// call 0 came to <nil>
	// refused: true
}

// A server keeps nothing of a call that has ended: Do has no result, and a
// failure goes to the sink.
func ExampleScope_Do() {
	ctx := context.Background()
	s := errgroup.Collect[struct{}](ctx, errgroup.Limit(1),
		errgroup.Supervise(func(call int, err error) { fmt.Println("request", call, "failed:", err) }))
	for request := range 3 {
		err := s.Do(ctx, func(context.Context) error {
			if request == 1 {
				return errors.New("not found")
			}
			return nil
		})
		if err != nil {
			break // the scope is over
		}
	}
	fmt.Println(s.Wait())
	// Output:
	// request 1 failed: not found
	// [] <nil>
}

func ExampleScope_TryGo() {
	ctx := context.Background()
	s := errgroup.Collect[int](ctx, errgroup.Limit(1))
	release := make(chan struct{})
	_ = s.Go(ctx, func(context.Context) (int, error) {
		<-release
		return 1, nil
	})
	err := s.TryGo(ctx, func(context.Context) (int, error) { return 2, nil })
	fmt.Println(errors.Is(err, errgroup.ErrLimit))
	close(release)
	fmt.Println(s.Wait())
	// Output:
	// true
	// [1] <nil>
}
