package pool_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

// held is a pool whose only worker is kept busy until release.
func held() (p *pool.Pool, release func()) {
	p = pool.New(1, pool.Queue(3, pool.DropOldest))
	gate, started := make(chan struct{}), make(chan struct{})
	_ = p.Go(context.Background(), func(context.Context) { close(started); <-gate })
	<-started
	return p, func() { close(gate) }
}

func say(s string) func(context.Context) {
	return func(context.Context) { fmt.Println(s) }
}

func ExamplePool_Priority() {
	ctx := context.Background()
	p, release := held()
	_ = p.Priority(pool.Low).Go(ctx, say("clean up"))
	_ = p.Go(ctx, say("mail"))
	_ = p.Priority(pool.High).Go(ctx, say("alarm"))
	release()
	_ = p.Shutdown(ctx)
	// Output:
	// alarm
	// mail
	// clean up
}

// What happens to one account happens in order, and accounts go on in parallel.
func ExamplePool_Key() {
	ctx := context.Background()
	p := pool.New(4)
	balance := map[string]*int{"ann": new(int), "bob": new(int)}
	for i := range 100 {
		for name, b := range balance {
			_ = p.Key(name).Go(ctx, func(context.Context) { *b = *b*3%1000 + i })
		}
	}
	_ = p.Shutdown(ctx)
	fmt.Println(*balance["ann"] == *balance["bob"])
	// Output: true
}

func ExamplePool_Tenant() {
	ctx := context.Background()
	p, release := held()
	for i := range 2 {
		_ = p.Tenant("big", 1).Go(ctx, say(fmt.Sprint("big ", i)))
	}
	_ = p.Tenant("small", 1).Go(ctx, say("small"))
	release()
	_ = p.Shutdown(ctx)
	// Output:
	// big 0
	// small
	// big 1
}

// At most two of the workers call the slow service.
func ExamplePool_Sub() {
	ctx := context.Background()
	p := pool.New(8)
	slow := p.Sub(2)
	err := pool.ForEach(ctx, slow, make([]int, 10), func(ctx context.Context, _ int) error {
		return ctx.Err()
	})
	fmt.Println(err, p.Shutdown(ctx))
	// Output: <nil> <nil>
}

func ExamplePool_Named() {
	p := pool.New(1)
	started := make(chan struct{})
	_ = p.Named("mail").Go(context.Background(), func(ctx context.Context) { close(started); <-ctx.Done() })
	<-started
	var left *pool.ShutdownError
	if errors.As(p.Close(), &left) {
		fmt.Println(left.Stragglers[0].Name)
	}
	// Output: mail
}

func ExamplePool_Resize() {
	p := pool.New(1)
	fmt.Println(p.Resize(4))
	fmt.Println(p.Resize(0))
	_ = p.Close()
	// Output:
	// <nil>
	// pool: Resize needs at least 1 worker, got 0: shut the pool down to stop it
}

// A task waits on a channel for another one, on a pool of one worker.
func ExampleBlocking() {
	ctx := context.Background()
	p := pool.New(1)
	ready := make(chan string)
	f := pool.Submit(ctx, p, func(ctx context.Context) (s string, err error) {
		pool.Blocking(ctx, func() { s = <-ready })
		return s, nil
	})
	_ = p.Go(ctx, func(context.Context) { ready <- "done" })
	fmt.Println(f.Await(ctx))
	_ = p.Shutdown(ctx)
	// Output: done <nil>
}

// Only the newest three can wait.
func ExampleQueue() {
	ctx := context.Background()
	p, release := held() // with Queue(3, DropOldest)
	var fs []*future.Future[int]
	for i := range 5 {
		fs = append(fs, pool.Submit(ctx, p, func(context.Context) (int, error) { return i, nil }))
	}
	release()
	for _, f := range fs {
		v, err := f.Await(ctx)
		fmt.Println(v, errors.Is(err, pool.ErrDropped))
	}
	_ = p.Shutdown(ctx)
	// Output:
	// 0 true
	// 0 true
	// 2 false
	// 3 false
	// 4 false
}

func ExampleWithHooks() {
	ctx := context.Background()
	p := pool.New(1, pool.WithHooks(pool.Hooks{
		Done: func(t pool.TaskInfo, err error) { fmt.Println(t.Name, err) },
	}))
	_, _ = pool.Submit(ctx, p.Named("mail"), func(context.Context) (int, error) { return 0, errors.New("no such user") }).Await(ctx)
	_ = p.Shutdown(ctx)
	// Output: mail no such user
}

func ExampleMeasureTimes() {
	ctx := context.Background()
	p := pool.New(1, pool.MeasureTimes())
	_ = p.Go(ctx, func(context.Context) {})
	_ = p.Shutdown(ctx)
	s := p.Stats()
	fmt.Println(s.Wait.P50 <= s.Wait.P99, s.Run.P99 <= s.Run.Max)
	// Output: true true
}
