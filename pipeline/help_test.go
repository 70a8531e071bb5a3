package pipeline_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/task"
	"github.com/thence-go/thence/pipeline"
)

func init() { // panics are loud by default, and these tests make thousands
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
}

var errBoom = errors.New("boom")

func upTo(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// endless yields 0, 1, 2, ... until it is stopped.
func endless() pipeline.Flow[int] {
	return pipeline.Generate(func(_ context.Context, yield func(int) bool) error {
		for i := 0; yield(i); i++ {
		}
		return nil
	})
}

// ways are the options that a parallel step is tested with.
var ways = map[string][]pipeline.Option{
	"one":             nil,
	"ordered":         {pipeline.Workers(4)},
	"unordered":       {pipeline.Workers(4), pipeline.Unordered()},
	"ordered ahead":   {pipeline.Workers(4), pipeline.Ahead(3)},
	"unordered ahead": {pipeline.Workers(4), pipeline.Ahead(3), pipeline.Unordered()},
	"ahead of one":    {pipeline.Workers(4), pipeline.Ahead(1)},
}

func eachWay(t *testing.T, fn func(t *testing.T, opts []pipeline.Option)) {
	for name, opts := range ways {
		t.Run(name, func(t *testing.T) { fn(t, opts) })
	}
}

func double(_ context.Context, i int) (int, error) { return 2 * i, nil }

func increment(i int) int { return i + 1 }

// sleeper is a step whose item i takes d(i).
func sleeper(d func(i int) time.Duration) func(context.Context, int) (int, error) {
	return func(ctx context.Context, i int) (int, error) {
		select {
		case <-time.After(d(i)):
			return i, nil
		case <-ctx.Done():
			return i, ctx.Err()
		}
	}
}

// jitter is a different duration below most for each item, the same in each run.
func jitter(seed uint64, most time.Duration) func(int) time.Duration {
	return func(i int) time.Duration {
		return time.Duration(rand.New(rand.NewPCG(seed, uint64(i))).Int64N(int64(most)))
	}
}

// executor runs n tasks at once, the others wait; a parked task gives its
// place back.
type executor struct {
	places chan struct{}
	tasks  sync.WaitGroup
}

func newExecutor(n int) *executor { return &executor{places: make(chan struct{}, n)} }

func (e *executor) Execute(ctx context.Context, t future.Task) error {
	e.tasks.Go(func() {
		e.places <- struct{}{}
		var c task.Ctx
		c.Init(ctx, place{e})
		defer func() {
			c.Release()
			<-e.places
		}()
		t.Run(&c)
	})
	return nil
}

// do runs fn as a task and waits for it.
func (e *executor) do(fn func(ctx context.Context)) {
	e.Execute(context.Background(), taskFunc(fn))
	e.tasks.Wait()
}

type place struct{ e *executor }

func (p place) Park()                  { <-p.e.places }
func (p place) Unpark(context.Context) { p.e.places <- struct{}{} }

type taskFunc func(context.Context)

func (f taskFunc) Run(ctx context.Context) error { f(ctx); return nil }
func (f taskFunc) Refuse(error)                  {}

// refuser takes every task and runs none.
type refuser struct{ err error }

func (r refuser) Execute(_ context.Context, t future.Task) error {
	go t.Refuse(r.err)
	return nil
}

// full accepts no task.
type full struct{ err error }

func (f full) Execute(context.Context, future.Task) error { return f.err }
