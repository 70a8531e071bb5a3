package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
)

// token is an item that is one of a kind, so that it can be followed.
type token struct{ n int }

// point is a place with OnUndelivered: what came there, what the step behind it
// began, and what was reported.
type point struct {
	behind            string // the step
	came, begun, left map[*token]int
	unsure            *token // its yield was refused: the source has it back
	silent            bool   // has no OnUndelivered
}

// books follow all items of one run, and stop it at one of the beginnings.
type books struct {
	mu     sync.Mutex
	points []*point
	calls  int
	slow   bool
	stop   func() error
}

func (b *books) point(behind string) *point {
	p := &point{behind: behind, came: map[*token]int{}, begun: map[*token]int{}, left: map[*token]int{}}
	b.points = append(b.points, p)
	return p
}

func (b *books) note(m map[*token]int, t *token) *token {
	b.mu.Lock()
	defer b.mu.Unlock()
	m[t]++
	return t
}

func (b *books) begin(p *point, t *token) error {
	b.note(p.begun, t)
	return b.call()
}

// call may be the one that stops the run.
func (b *books) call() error {
	if b.slow {
		time.Sleep(time.Millisecond)
	}
	b.mu.Lock()
	b.calls--
	now := b.calls == 0
	b.mu.Unlock()
	if now {
		return b.stop()
	}
	return nil
}

// must is begin in a function that cannot fail.
func (b *books) must(p *point, t *token) {
	if err := b.begin(p, t); err != nil {
		panic(err)
	}
}

func (b *books) check() error {
	for i, p := range b.points {
		if p.silent {
			continue
		}
		for t := range p.came {
			if n := min(1, p.begun[t]) + p.left[t]; n != 1 && !(n == 0 && t == p.unsure) {
				return fmt.Errorf("point %d, before %s: item %d was begun %d times and reported %d times (of %d, %d, %d)",
					i, p.behind, t.n, p.begun[t], p.left[t], len(p.came), len(p.begun), len(p.left))
			}
		}
		for _, m := range []map[*token]int{p.begun, p.left} {
			for t := range m {
				if p.came[t] == 0 {
					return fmt.Errorf("point %d, before %s: item %d never came", i, p.behind, t.n)
				}
			}
		}
	}
	return nil
}

var followed = []string{"Map", "Filter", "FlatMap", "Expand", "Then", "Scan", "Distinct", "Take", "TakeWhile",
	"Batch", "timed Batch", "BatchWeight", "Window", "MapAsync", "Tap", "Map with workers", "Skip"}

// follow adds a step behind in; what it makes comes to out.
func (s *script) follow(b *books, f pipeline.Flow[*token], in, out *point) pipeline.Flow[*token] {
	if !in.silent {
		f = f.OnUndelivered(func(t *token) { b.note(in.left, t) })
	}
	fresh := func(t *token) *token { return b.note(out.came, &token{t.n}) }
	k := 1 + s.below(9)
	opts := []pipeline.Option{pipeline.Workers(1 + s.below(4)), pipeline.Ahead(1 + s.below(20))}
	if s.below(2) == 1 {
		opts = append(opts, pipeline.Unordered())
	}
	gathered := func(ts []*token) *token {
		for _, t := range ts {
			b.note(in.begun, t)
		}
		b.must(in, ts[0])
		return fresh(ts[0])
	}
	switch in.behind {
	case "Map", "Map with workers":
		if in.behind == "Map" {
			opts = nil
		}
		return pipeline.Map(f, func(t *token) *token { b.must(in, t); return fresh(t) }, opts...)
	case "Filter":
		return f.Filter(func(t *token) bool {
			b.must(in, t)
			keep := t.n%(k+1) != 0
			if keep {
				b.note(out.came, t)
			}
			return keep
		})
	case "FlatMap":
		return pipeline.FlatMap(f, func(t *token) iter.Seq[*token] {
			b.must(in, t)
			return func(yield func(*token) bool) {
				for range k {
					if !yield(fresh(t)) {
						return
					}
				}
			}
		})
	case "Expand":
		return pipeline.Expand(f, func(_ context.Context, t *token) iter.Seq2[*token, error] {
			err := b.begin(in, t)
			return func(yield func(*token, error) bool) {
				if err != nil {
					yield(nil, err)
					return
				}
				for range k {
					if !yield(fresh(t), nil) {
						return
					}
				}
			}
		}, opts...)
	case "Then":
		return pipeline.Then(f, func(_ context.Context, t *token) (*token, error) {
			if err := b.begin(in, t); err != nil {
				return nil, err
			}
			return fresh(t), nil
		}, opts...)
	case "Scan":
		return pipeline.Scan(f, nil, func(_, t *token) *token { b.must(in, t); return fresh(t) })
	case "Distinct":
		return pipeline.Distinct(f, func(t *token) *token { b.must(in, t); return b.note(out.came, t) }, k)
	case "Take":
		return f.Take(int64(k * k)).Tap(func(t *token) { b.must(in, t); b.note(out.came, t) })
	case "TakeWhile":
		return f.TakeWhile(func(t *token) bool {
			b.must(in, t)
			keep := t.n < k*k
			if keep {
				b.note(out.came, t)
			}
			return keep
		})
	case "Batch":
		return pipeline.Map(pipeline.Batch(f, k, 0), gathered)
	case "timed Batch":
		return pipeline.Map(pipeline.Batch(f, k, time.Second), gathered)
	case "BatchWeight":
		return pipeline.Map(pipeline.BatchWeight(f, int64(k), func(t *token) int64 { return int64(t.n % 4) }, 0), gathered)
	case "Window":
		return pipeline.Map(pipeline.Window(f, k, max(1, k-1)), gathered)
	case "MapAsync":
		return pipeline.MapAsync(f, func(ctx context.Context, t *token) *future.Future[*token] {
			b.must(in, t)
			return future.Go(ctx, func(context.Context) (*token, error) { return fresh(t), nil })
		}, opts...)
	case "Skip": // several at a time go through it, also where nobody watches
		return f.Tap(func(t *token) { b.note(out.came, t) }).Skip(0)
	default:
		return f.Tap(func(t *token) { b.must(in, t); b.note(out.came, t) })
	}
}

// settle runs a random flow until it ends or is stopped, and checks the books.
func settle(ctx context.Context, data []byte) error {
	s := &script{data: data}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stops := []func() error{
		func() error { return nil },
		func() error { return errBoom },
		func() error { panic(errBoom) },
		func() error { runtime.Goexit(); return nil },
		func() error { cancel(); return nil },
	}
	how, n, end := s.below(len(stops)), []int{3, 40, 500}[s.below(3)], s.below(5)
	b := &books{calls: 1 + s.below(min(2*n, 256)), stop: stops[how]}
	b.slow = s.below(2) == 0
	names := []string{followed[s.below(len(followed))]}
	for s.below(3) > 0 && len(names) < 6 {
		names = append(names, followed[s.below(len(followed))])
	}
	for _, name := range names {
		b.point(name).silent = s.below(3) == 0 || name == "Skip"
	}
	last := b.point("the end")
	s.says("stop %d at %d, slow %v, end %d, %d items: %v", how, b.calls, b.slow, end, n, names)

	first := b.points[0]
	var f pipeline.Flow[*token]
	if s.below(2) == 0 {
		f = pipeline.Map(pipeline.FromSlice(upTo(n)), func(i int) *token {
			if err := b.call(); err != nil {
				panic(err)
			}
			return b.note(first.came, &token{i})
		})
	} else {
		f = pipeline.From(func(yield func(*token) bool) {
			for i := range n {
				t := b.note(first.came, &token{i})
				if !yield(t) {
					b.mu.Lock()
					first.unsure = t
					b.mu.Unlock()
					return
				}
			}
		})
	}
	for i := range names {
		f = s.follow(b, f, b.points[i], b.points[i+1])
	}
	f = f.OnUndelivered(func(t *token) { b.note(last.left, t) })
	err := finish(ctx, f, b, last, end)
	if wrong := b.check(); wrong != nil {
		return fmt.Errorf("%v: %w", s.text, wrong)
	}
	if b.calls > 0 && err != nil {
		return fmt.Errorf("%v: %w", s.text, err)
	}
	return nil
}

func finish(ctx context.Context, f pipeline.Flow[*token], b *books, last *point, end int) (err error) {
	gone := make(chan struct{})
	go func() { // Goexit there is the caller's own
		defer close(gone)
		defer func() {
			if v := recover(); v != nil && !errors.Is(v.(error), errBoom) {
				panic(v)
			}
		}()
		switch end {
		case 0:
			err = f.ForEach(ctx, func(_ context.Context, t *token) error { return b.begin(last, t) })
		case 1:
			err = f.ForEach(ctx, func(_ context.Context, t *token) error { return b.begin(last, t) }, pipeline.Workers(3))
		case 2:
			err = pipeline.Map(f, func(t *token) *token { b.must(last, t); return t }).Drain(ctx)
		case 3:
			var all []*token
			all, err = f.Collect(ctx)
			for _, t := range all {
				b.note(last.begun, t)
			}
		default:
			for t, failed := range f.All(ctx) {
				if err = failed; err == nil && b.begin(last, t) != nil {
					break
				}
			}
		}
	}()
	<-gone
	return err
}

// At each point: what came is what the next step began, and what was reported.
func TestNothingIsLostWhenAFlowStops(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		data := rapid.SliceOfN(rapid.Byte(), 12, 50).Draw(r, "script")
		var err error
		synctest.Test(t, func(t *testing.T) { err = settle(t.Context(), data) })
		if err != nil {
			r.Fatal(err)
		}
	})
}

func FuzzUndelivered(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		var err error
		synctest.Test(t, func(t *testing.T) { err = settle(t.Context(), data) })
		if err != nil {
			t.Fatal(err)
		}
	})
}
