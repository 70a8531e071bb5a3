package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/thence-go/thence/pipeline"
)

// ledger follows tokens through a graph with points at all places where no
// function has an item. Each one that has come must end in one way.
type ledger struct {
	mu    sync.Mutex
	came  map[*token]bool     // false: it may be gone without a trace
	ended map[*token][]string // delivered, left, failed, skipped
	calls int                 // until stop
	stop  func() error
	pause time.Duration
}

func (l *ledger) end(t *token, how string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended[t] = append(l.ended[t], how)
}

func (l *ledger) come(t *token, sure bool) *token {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.came[t] = sure
	return t
}

// call is what every function does with an item. It may fail in any way.
func (l *ledger) call(t *token) error {
	time.Sleep(l.pause * time.Duration(t.n&3))
	l.mu.Lock()
	l.calls--
	now := l.calls == 0
	l.mu.Unlock()
	if !now {
		return nil
	}
	returned := false
	defer func() {
		if !returned {
			l.end(t, "failed")
		}
	}()
	err := l.stop()
	if returned = true; err != nil {
		l.end(t, "failed")
	}
	return err
}

func (l *ledger) must(t *token) *token {
	if err := l.call(t); err != nil {
		panic(err)
	}
	return t
}

func (l *ledger) point(f pipeline.Flow[*token]) pipeline.Flow[*token] {
	return f.OnUndelivered(func(t *token) { l.end(t, "left") })
}

func (l *ledger) check() error {
	for t, sure := range l.came {
		if n := len(l.ended[t]); n != 1 && (sure || n > 1) {
			return fmt.Errorf("item %d ended %d times: %v (of %d)", t.n, n, l.ended[t], len(l.came))
		}
	}
	for t := range l.ended {
		if _, ok := l.came[t]; !ok {
			return fmt.Errorf("item %d never came", t.n)
		}
	}
	return nil
}

const deep = 2 // branches within branches

type (
	tokens     = pipeline.Flow[*token]
	tokenStage = pipeline.Stage[*token, *token]
)

// source draws one, which has a point right behind it. One in a branch of GroupBy
// must be one that can be run again.
func (l *ledger) source(t *rapid.T, at int, opened bool) (func() tokens, string) {
	kinds := []string{"from", "slice"}
	if !opened {
		kinds = append(kinds, "chan", "topic", "dropping topic")
	}
	n := rapid.SampledFrom([]int{0, 1, 5, 100, 300}).Draw(t, "items")
	kind := rapid.SampledFrom(kinds).Draw(t, "source")
	return func() tokens { return l.point(l.from(kind, at, n)) }, fmt.Sprint(kind, n)
}

func (l *ledger) from(kind string, at, n int) tokens {
	switch kind {
	case "slice":
		return pipeline.Map(pipeline.FromSlice(upTo(n)), func(i int) *token { return l.come(&token{at + i}, true) })
	case "chan":
		c := make(chan *token, n)
		for i := range n {
			c <- &token{at + i}
		}
		close(c)
		return pipeline.FromChan(c).Tap(func(t *token) { l.come(t, true) })
	case "topic", "dropping topic":
		o := pipeline.Block
		if kind != "topic" {
			o = pipeline.DropOldest
		}
		topic := pipeline.NewTopic[*token]()
		f := topic.Subscribe(n+1, o)
		for i := range n {
			if err := topic.Publish(context.Background(), l.come(&token{at + i}, true)); err != nil {
				panic(err)
			}
		}
		topic.Close()
		return f
	}
	return pipeline.From(func(yield func(*token) bool) {
		for i := range n {
			t := l.come(&token{at + i}, true)
			if !yield(t) {
				l.come(t, false)
				return
			}
		}
	})
}

// steps draws some, of which the last is a function. There must be a point before
// the first of them, and there is one behind the last.
func (l *ledger) steps(t *rapid.T, depth int, opened bool) (tokenStage, string) {
	text := ""
	var all []tokenStage
	for range rapid.IntRange(0, 2).Draw(t, "steps") {
		s, name := l.step(t, depth, opened)
		all = append(all, s)
		text += name + "."
	}
	opts := drawOptions(t)
	return func(f tokens) tokens {
		for _, s := range all {
			f = s(f)
		}
		f = pipeline.Then(f, func(_ context.Context, t *token) (*token, error) { return t, l.call(t) }, opts...)
		return l.point(f)
	}, text + "then"
}

// step has a point before it and behind it.
func (l *ledger) step(t *rapid.T, depth int, opened bool) (tokenStage, string) {
	kinds := []string{"map", "filter", "flatmap", "expand", "then", "partition", "throttle", "buffer", "in flight", "take", "progress"}
	if depth > 0 {
		kinds = append(kinds, "merge", "concat", "zip", "split", "broadcast", "groupby", "split", "broadcast", "groupby", "merge")
	}
	kind := rapid.SampledFrom(kinds).Draw(t, "step")
	m := rapid.IntRange(1, 7).Draw(t, "number")
	if inside := depth < deep; inside && (kind == "take" || kind == "zip") {
		kind = "map" // a branch that has had enough drops what comes
	}
	opts := drawOptions(t)
	switch kind {
	case "merge", "concat":
		other, name := l.source(t, 10_000*rapid.IntRange(1, 1000).Draw(t, "at"), opened)
		return func(f tokens) tokens {
			fs := []tokens{f, other()}
			if m%2 == 0 {
				slices.Reverse(fs)
			}
			if kind == "concat" {
				return l.point(pipeline.Concat(fs...))
			}
			return l.point(pipeline.Map(pipeline.Merge(fs...), l.must))
		}, fmt.Sprintf("%s(%s)", kind, name)
	case "split", "broadcast", "groupby":
		before := rapid.Bool().Draw(t, "point before the join")
		yes, a := l.branch(t, depth-1, before, opened || kind == "groupby")
		no, b := l.branch(t, depth-1, before, opened)
		return func(f tokens) tokens {
			switch kind {
			case "split":
				f = pipeline.Split(f, func(t *token) bool { return l.must(t).n%m == 0 }, yes, no)
			case "broadcast":
				f = f.Tap(func(t *token) { l.must(t); l.end(t, "copied") })
				f = pipeline.Broadcast(f, l.copied(yes), l.copied(no))
			default:
				f = pipeline.GroupBy(f, func(t *token) int { return l.must(t).n % m }, func(_ int, in tokens) tokens { return yes(in) })
			}
			if before { // a join begins nothing
				f = pipeline.Map(f, l.must)
			}
			return l.point(f)
		}, fmt.Sprintf("%s(%s; %s) %v", kind, a, b, before)
	}
	return func(f tokens) tokens { return l.point(l.simple(f, kind, m, opts)) }, kind
}

// branch has a point at its beginning and its end, an empty one has one for both.
// If the point stands behind the join, there is nothing in the branch that could
// hold an item.
func (l *ledger) branch(t *rapid.T, depth int, point, opened bool) (tokenStage, string) {
	if !point {
		return func(in tokens) tokens { return in }, ""
	}
	if rapid.Bool().Draw(t, "empty") {
		return l.point, "point"
	}
	s, name := l.steps(t, depth, opened)
	return func(in tokens) tokens { return s(l.point(in)) }, name
}

func (l *ledger) copied(s tokenStage) tokenStage {
	return func(in tokens) tokens {
		return s(pipeline.Map(in, func(t *token) *token { return l.come(&token{t.n}, true) }))
	}
}

func (l *ledger) simple(f tokens, kind string, m int, opts []pipeline.Option) tokens {
	switch kind {
	case "map":
		return pipeline.Map(f, l.must)
	case "filter":
		return f.Filter(func(t *token) bool {
			l.must(t)
			if t.n%m == 0 && m > 1 {
				l.end(t, "skipped")
				return false
			}
			return true
		})
	case "flatmap":
		return pipeline.FlatMap(f, func(t *token) iter.Seq[*token] {
			l.must(t)
			return func(yield func(*token) bool) { yield(t) }
		})
	case "expand":
		return pipeline.Expand(f, func(_ context.Context, t *token) iter.Seq2[*token, error] {
			err := l.call(t)
			l.come(t, false) // its sequence may never be asked
			return func(yield func(*token, error) bool) { yield(l.come(t, true), err) }
		}, opts...)
	case "then":
		return pipeline.Then(f, func(_ context.Context, t *token) (*token, error) {
			if t.n%m == 1 {
				l.end(t, "skipped")
				return nil, pipeline.ErrSkip
			}
			return t, l.call(t)
		}, opts...)
	case "partition":
		return pipeline.Partition(f, func(t *token) int { return t.n % m }, func(_ context.Context, t *token) (*token, error) {
			return t, l.call(t)
		}, opts...)
	case "throttle":
		return f.Throttle(waiter(func(ctx context.Context) error {
			if m > 3 {
				return nil
			}
			select {
			case <-time.After(time.Duration(m) * time.Microsecond):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}))
	case "zip":
		other := endless()
		if m%2 == 0 {
			other = other.Take(int64(10 * m))
		}
		return pipeline.Zip(f, other, func(t *token, _ int) *token { return l.must(t) })
	case "buffer": // begins nothing
		return pipeline.Map(f.Buffer(m, pipeline.Block), l.must)
	case "in flight": // likewise
		return pipeline.Map(f.InFlight(m), l.must)
	case "progress":
		return f.Progress(time.Hour, func(pipeline.Progress) {})
	default:
		return f.Take(int64(m * m))
	}
}

// Whatever is joined and branched, and however it stops: each item that a source
// has given ends once, delivered, reported, failed or skipped.
func TestNothingIsLostInAGraph(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l := &ledger{came: map[*token]bool{}, ended: map[*token][]string{}}
		l.pause = rapid.SampledFrom([]time.Duration{0, time.Microsecond}).Draw(rt, "pause")
		l.calls = rapid.SampledFrom([]int{1, 2, 3, 10, 50, 99, 200, 600, math.MaxInt}).Draw(rt, "calls")
		how := rapid.SampledFrom([]string{"error", "panic", "goexit", "cancel", "nothing"}).Draw(rt, "how")
		end := rapid.SampledFrom([]string{"foreach", "foreach workers", "all", "drain", "start"}).Draw(rt, "end")
		broke := rapid.SampledFrom([]int{1, 20, math.MaxInt}).Draw(rt, "break")
		source, name := l.source(rt, 0, false)
		stage, text := l.steps(rt, deep, false)
		text = fmt.Sprintf("%s.%s; %s at %d, %s", name, text, how, l.calls, end)
		var wrong error
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			l.stop = map[string]func() error{
				"error":   func() error { return errBoom },
				"panic":   func() error { panic(errBoom) },
				"goexit":  func() error { runtime.Goexit(); return nil },
				"cancel":  func() error { cancel(); return nil },
				"nothing": func() error { return nil },
			}[how]
			l.finish(ctx, stage(source()), end, broke)
			wrong = l.check()
		})
		if wrong != nil {
			rt.Fatalf("%s: %v", text, wrong)
		}
	})
}

func (l *ledger) finish(ctx context.Context, f tokens, end string, broke int) {
	deliver := func(_ context.Context, t *token) error {
		l.end(t, "delivered")
		if broke--; broke == 0 {
			return errBoom
		}
		return nil
	}
	switch end {
	case "foreach":
		_ = f.ForEach(ctx, deliver)
	case "foreach workers":
		_ = f.ForEach(ctx, func(_ context.Context, t *token) error { l.end(t, "delivered"); return nil }, pipeline.Workers(3))
	case "drain":
		_ = f.Tap(func(t *token) { l.end(t, "delivered") }).Drain(ctx)
	case "start":
		stops := broke == 20
		r := f.Start(ctx, deliver)
		if stops {
			_ = r.Stop(ctx)
		}
		_ = r.Wait()
	default:
		for t, err := range f.All(ctx) {
			if err != nil || errors.Is(deliver(ctx, t), errBoom) {
				break
			}
		}
	}
}
