package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
)

// position is a place where a flow runs user code. hit is called there for
// every item and returns the error to fail with; run executes an endless flow
// that has it.
type position struct {
	run      func(ctx context.Context, hit func() error) error
	noErrors bool // the function there cannot return an error
	callers  bool // it runs on the caller's goroutine
}

func positions() map[string]position {
	withSource := func(f pipeline.Flow[int]) pipeline.Flow[int] {
		return pipeline.Map(pipeline.Then(pipeline.Map(f, increment), double, pipeline.Workers(3)), increment)
	}
	ps := map[string]position{
		"From": {noErrors: true, run: func(ctx context.Context, hit func() error) error {
			return withSource(pipeline.From(func(yield func(int) bool) {
				for i := 0; ; i++ {
					if hit(); !yield(i) {
						return
					}
				}
			})).Drain(ctx)
		}},
		"FromSeq2": {run: func(ctx context.Context, hit func() error) error {
			var seq iter.Seq2[int, error] = func(yield func(int, error) bool) {
				for i := 0; ; i++ {
					if !yield(i, hit()) {
						return
					}
				}
			}
			return withSource(pipeline.FromSeq2(seq)).Drain(ctx)
		}},
		"Generate": {run: func(ctx context.Context, hit func() error) error {
			return withSource(pipeline.Generate(func(_ context.Context, yield func(int) bool) error {
				for i := 0; yield(i); i++ {
					if err := hit(); err != nil {
						return err
					}
				}
				return nil
			})).Drain(ctx)
		}},
		"Filter": {noErrors: true, run: func(ctx context.Context, hit func() error) error {
			return withSource(endless().Filter(func(int) bool { hit(); return true })).Drain(ctx)
		}},
		"Batch, then Map": {noErrors: true, run: func(ctx context.Context, hit func() error) error {
			return pipeline.Map(pipeline.Batch(endless(), 10, 0), func([]int) int { hit(); return 0 }).Drain(ctx)
		}},
		"timed Batch, then Map": {noErrors: true, run: func(ctx context.Context, hit func() error) error {
			return pipeline.Map(pipeline.Batch(endless(), 10, time.Second), func([]int) int { hit(); return 0 }).Drain(ctx)
		}},
		"DeadLetter's to": {run: func(ctx context.Context, hit func() error) error {
			to := func(context.Context, pipeline.Letter[int]) error { return hit() }
			fn := func(context.Context, int) (int, error) { return 0, errors.New("bad") }
			return pipeline.Then(endless(), pipeline.DeadLetter(to, fn), pipeline.Workers(2)).Drain(ctx)
		}},
		"Progress": {noErrors: true, run: func(ctx context.Context, hit func() error) error {
			slow := pipeline.Then(endless(), sleeper(func(int) time.Duration { return time.Millisecond }))
			return slow.Progress(time.Millisecond, func(pipeline.Progress) { hit() }).Drain(ctx)
		}},
		"ForEach": {callers: true, run: func(ctx context.Context, hit func() error) error {
			return withSource(endless()).ForEach(ctx, func(context.Context, int) error { return hit() })
		}},
		"ForEach with workers": {run: func(ctx context.Context, hit func() error) error {
			return withSource(endless()).ForEach(ctx, func(context.Context, int) error { return hit() }, pipeline.Workers(3))
		}},
		"Reduce": {noErrors: true, callers: true, run: func(ctx context.Context, hit func() error) error {
			_, err := pipeline.Reduce(ctx, withSource(endless()), 0, func(int, int) int { hit(); return 0 })
			return err
		}},
		"on an executor": {run: func(ctx context.Context, hit func() error) error {
			e := newExecutor(2)
			defer e.tasks.Wait()
			step := func(context.Context, int) (int, error) { return 0, hit() }
			return pipeline.Then(endless(), step, pipeline.Workers(3), pipeline.On(e)).Drain(ctx)
		}},
	}
	for name, opts := range ways {
		ps["Then, "+name] = position{run: func(ctx context.Context, hit func() error) error {
			return pipeline.Then(endless(), func(context.Context, int) (int, error) { return 0, hit() }, opts...).Drain(ctx)
		}}
		ps["Then, read, "+name] = position{run: func(ctx context.Context, hit func() error) error {
			_, err := pipeline.Then(endless(), func(context.Context, int) (int, error) { return 0, hit() }, opts...).Collect(ctx)
			return err
		}}
		ps["Map, "+name] = position{noErrors: true, run: func(ctx context.Context, hit func() error) error {
			return withSource(pipeline.Map(endless(), func(int) int { hit(); return 0 }, opts...)).Drain(ctx)
		}}
		ps["Map after Then, "+name] = position{noErrors: true, run: func(ctx context.Context, hit func() error) error {
			f := pipeline.Map(pipeline.Then(endless(), double, opts...), func(int) int { hit(); return 0 })
			return pipeline.Then(f, double, opts...).Drain(ctx)
		}}
	}
	maps.Copy(ps, branchPositions())
	return ps
}

// after makes a hit of the n-th call.
func after(n int, fn func() error) func() error {
	calls := make(chan int, 1)
	calls <- 0
	return func() error {
		i := <-calls + 1
		calls <- i
		if i == n {
			return fn()
		}
		return nil
	}
}

// No ending of a user's function, anywhere, may hang, leak, crash, or be taken
// for a success.
func TestTorture(t *testing.T) {
	panics := func(t *testing.T, err error) {
		var p *future.PanicError
		require.ErrorAs(t, err, &p)
		require.Equal(t, "oops", p.Value)
		require.Contains(t, string(p.Stack), "torture_test.go")
	}
	cases := []struct {
		name string
		hit  func() error
		want func(t *testing.T, err error)
	}{
		{"error", func() error { return errBoom }, func(t *testing.T, err error) { require.ErrorIs(t, err, errBoom) }},
		{"panic", func() error { panic("oops") }, panics},
		{"goexit", func() error { runtime.Goexit(); return nil }, func(t *testing.T, err error) { require.ErrorIs(t, err, future.ErrGoexit) }},
	}
	for where, p := range positions() {
		for _, c := range cases {
			if c.name == "error" && p.noErrors || c.name == "goexit" && p.callers {
				continue
			}
			for _, n := range []int{1, 50, 3000} {
				if n > 50 && where == "Progress" {
					continue
				}
				t.Run(fmt.Sprint(where, " ", c.name, " ", n), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						err := p.run(t.Context(), after(n, c.hit))
						c.want(t, err)
						var e *pipeline.Error
						require.ErrorAs(t, err, &e)
						require.NotErrorIs(t, err, future.ErrCanceled)
					})
				})
			}
		}
	}
}

// Goexit on the caller's own goroutine, as by t.FailNow in the function that
// ForEach was given, goes on when the flow has been stopped.
func TestGoexitOfTheCallerStopsTheFlow(t *testing.T) {
	for where, p := range positions() {
		if !p.callers {
			continue
		}
		t.Run(where, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gone := make(chan struct{})
				go func() {
					defer close(gone)
					p.run(t.Context(), after(10, func() error { runtime.Goexit(); return nil }))
					t.Error("ForEach returned")
				}()
				<-gone
			})
		})
	}
}

// Whoever cancels, from wherever, gets a cancellation with the cause.
func TestCancelFromEveryPosition(t *testing.T) {
	for where, p := range positions() {
		for _, n := range []int{1, 50, 3000} {
			if n > 50 && where == "Progress" {
				continue
			}
			t.Run(fmt.Sprint(where, " ", n), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancelCause(t.Context())
					err := p.run(ctx, after(n, func() error { cancel(errBoom); return nil }))
					require.ErrorIs(t, err, future.ErrCanceled)
					require.ErrorIs(t, err, errBoom)
					var e *pipeline.Error
					require.False(t, errors.As(err, &e), "a cancellation is nobody's failure")
				})
			})
			t.Run(fmt.Sprint(where, " from a goroutine ", n), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancelCause(t.Context())
					err := p.run(ctx, after(n, func() error { go cancel(errBoom); return nil }))
					require.ErrorIs(t, err, future.ErrCanceled)
					require.ErrorIs(t, err, errBoom)
				})
			})
		}
	}
}

// A flow that stands still, for want of items or of room, ends when ctx does.
func TestCancelOfABlockedFlow(t *testing.T) {
	blockedSource := pipeline.Generate(func(ctx context.Context, yield func(int) bool) error {
		for i := range 10 {
			yield(i)
		}
		<-ctx.Done()
		return context.Cause(ctx)
	})
	stuck := func(ctx context.Context, i int) (int, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	eachWay(t, func(t *testing.T, opts []pipeline.Option) {
		for name, run := range map[string]func(ctx context.Context) error{
			"source": func(ctx context.Context) error { return pipeline.Then(blockedSource, double, opts...).Drain(ctx) },
			"step":   func(ctx context.Context) error { return pipeline.Then(endless(), stuck, opts...).Drain(ctx) },
			"collect": func(ctx context.Context) error {
				_, err := pipeline.Then(endless(), stuck, opts...).Collect(ctx)
				return err
			},
			"foreach": func(ctx context.Context) error {
				return pipeline.Then(endless(), double, opts...).ForEach(ctx, func(ctx context.Context, i int) error {
					_, err := stuck(ctx, i)
					return err
				})
			},
			"later step": func(ctx context.Context) error {
				return pipeline.Then(pipeline.Then(endless(), double, opts...), stuck, opts...).Drain(ctx)
			},
		} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					begun := time.Now()
					ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errBoom)
					defer cancel()
					err := run(ctx)
					require.ErrorIs(t, err, future.ErrCanceled)
					require.ErrorIs(t, err, errBoom)
					require.Equal(t, time.Second, time.Since(begun))
				})
			})
		}
	})
}

func TestAContextThatIsOverStartsNothing(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errBoom)
	f := pipeline.Map(endless(), func(int) int { t.Error("it ran"); return 0 })
	_, collect := f.Collect(ctx)
	_, count := f.Count(ctx)
	_, reduce := pipeline.Reduce(ctx, f, 0, func(a, b int) int { return a + b })
	each := f.ForEach(ctx, func(context.Context, int) error { return nil })
	var all error
	for _, err := range f.All(ctx) {
		all = err
	}
	for _, err := range []error{collect, count, reduce, each, all, f.Drain(ctx)} {
		require.ErrorIs(t, err, future.ErrCanceled)
		require.ErrorIs(t, err, errBoom)
	}
}

// A source that recovers from everything must not make a success of a panic.
func TestASourceThatSwallowsPanics(t *testing.T) {
	f := pipeline.Map(pipeline.From(func(yield func(int) bool) {
		defer func() { recover() }()
		yield(1)
	}), func(int) int { panic("oops") })
	require.ErrorContains(t, f.Drain(context.Background()), "let panics pass")
}
