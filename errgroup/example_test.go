package errgroup_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

func Example() {
	ctx := context.Background()
	s := errgroup.Collect[string](ctx, errgroup.Limit(2))
	for _, name := range []string{"web", "image", "video"} {
		_ = s.Go(ctx, func(context.Context) (string, error) {
			return strings.ToUpper(name), nil
		})
	}
	found, err := s.Wait()
	fmt.Println(found, err)
	// Output: [WEB IMAGE VIDEO] <nil>
}

func ExampleGroup() {
	var g errgroup.Group
	g.SetLimit(2)
	for i := range 3 {
		g.Go(func() error {
			if i == 1 {
				return errors.New("number 1 failed")
			}
			return nil
		})
	}
	fmt.Println(g.Wait())
	// Output: number 1 failed
}

func ExampleWithContext() {
	g, ctx := errgroup.WithContext(context.Background())
	g.Go(func() error { return errors.New("disk full") })
	g.Go(func() error {
		<-ctx.Done()
		return ctx.Err()
	})
	fmt.Println(g.Wait(), "/", context.Cause(ctx))
	// Output: disk full / disk full
}

func ExampleCollect() {
	ctx := context.Background()
	s := errgroup.Collect[int](ctx)
	_ = s.Go(ctx, func(context.Context) (int, error) { return 1, nil })
	_ = s.Go(ctx, func(ctx context.Context) (int, error) {
		<-ctx.Done() // the failure ends the siblings
		return 0, ctx.Err()
	})
	_ = s.Go(ctx, func(context.Context) (int, error) { return 0, errors.New("disk full") })
	values, err := s.Wait()
	fmt.Println(len(values), err)
	// Output: 3 disk full
}

// Calls may start calls at the limit: while they wait for room they make some.
func ExampleScope_Go_nested() {
	ctx := context.Background()
	s := errgroup.Collect[string](ctx, errgroup.Limit(1))
	_ = s.Go(ctx, func(ctx context.Context) (string, error) {
		err := s.Go(ctx, func(context.Context) (string, error) { return "child", nil })
		return "parent", err
	})
	fmt.Println(s.Wait())
	// Output: [parent child] <nil>
}

func ExampleScope_Results() {
	ctx := context.Background()
	s := errgroup.Collect[int](ctx)
	for i := range 3 {
		_ = s.Go(ctx, func(context.Context) (int, error) { return i * i, nil })
	}
	s.Close()
	sum := 0
	for _, r := range s.Results() {
		sum += r.Value
	}
	fmt.Println(sum)
	// Output: 5
}

func ExampleAllErrors() {
	ctx := context.Background()
	s := errgroup.Collect[struct{}](ctx,
		errgroup.AllErrors(),
		errgroup.Supervise(func(call int, err error) {}))
	for _, field := range []string{"name", "mail"} {
		_ = s.Go(ctx, func(context.Context) (struct{}, error) {
			return struct{}{}, fmt.Errorf("%s is missing", field)
		})
	}
	_, err := s.Wait()
	var all *future.JoinError
	if errors.As(err, &all) {
		for _, e := range all.Errs {
			fmt.Println(e.Index, e.Err)
		}
	}
	// Output:
	// 0 name is missing
	// 1 mail is missing
}

func ExampleFirst() {
	ctx := context.Background()
	s := errgroup.Collect[string](ctx, errgroup.First())
	_ = s.Go(ctx, func(ctx context.Context) (string, error) {
		<-ctx.Done()
		return "slow", ctx.Err()
	})
	_ = s.Go(ctx, func(context.Context) (string, error) { return "quick", nil })
	fmt.Println(s.Wait())
	// Output: [quick] <nil>
}

func ExampleQuorum() {
	ctx := context.Background()
	s := errgroup.Collect[string](ctx, errgroup.Quorum(2))
	for _, replica := range []string{"a", "b"} {
		_ = s.Go(ctx, func(context.Context) (string, error) { return replica + " stored it", nil })
	}
	_ = s.Go(ctx, func(ctx context.Context) (string, error) {
		<-ctx.Done() // two are enough
		return "", ctx.Err()
	})
	fmt.Println(s.Wait())
	// Output: [a stored it b stored it] <nil>
}

func ExampleOn() {
	ctx := context.Background()
	p := pool.New(2)
	defer p.Close()
	s := errgroup.Collect[int](ctx, errgroup.On(p))
	for n := range 3 {
		_ = s.Go(ctx, func(context.Context) (int, error) { return n * n, nil })
	}
	fmt.Println(s.Wait())
	// Output: [0 1 4] <nil>
}
