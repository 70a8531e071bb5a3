package pipelinetest

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/thence-go/thence/pipeline"
)

// Adapter is how the rules reach a stage, and what the stage declares to be.
// Stage and Item are needed; what else is left out declares nothing.
type Adapter[A, B any] struct {
	// Stage is what is tested. It is used in every rule, in another bubble each
	// time: a stage that keeps a channel from the first one fails.
	Stage pipeline.Stage[A, B]

	// Item makes the i-th item of an input, from 0. Inputs have up to 100, and
	// those that have no end go on.
	Item func(i int) A

	// Setup is called before each rule, in the rule's bubble, and what it
	// returns after it: a stage that needs a pool has it made here.
	Setup func() (teardown func())

	// Of tells from which items, by their numbers, b was made.
	Of func(b B) []int

	// Whole: every item is in something that comes out.
	Whole bool

	// Ordered: what comes out is in the order of the items that it is of.
	Ordered bool

	// Repeats: an item may be in several of those that come out.
	Repeats bool

	// Varies: what comes out depends on time or chance, so that two runs may
	// differ.
	Varies bool

	// Drops: items are dropped rather than that who brings them waits, so that
	// a slow consumer does not slow down the source.
	Drops bool

	// AtEnd: all comes out at the end of the input, so that an input without an
	// end gives nothing.
	AtEnd bool

	// Reads is how many items the stage reads, if it then has had enough as Take
	// has; 0: all that there are. What is declared is so of these.
	Reads int

	// Ahead is how many items the stage may read ahead of a consumer that has
	// stopped; 0: 65536.
	Ahead int
}

// declared is an Adapter without its types.
type declared struct {
	of                                            func(b any) []int // nil if there is none
	whole, ordered, repeats, varies, drops, atEnd bool
	reads, ahead                                  int
	setup                                         func() func()
	flow                                          func(*source) flow
}

// flow is a pipeline.Flow of any type, with the stage in it.
type flow interface {
	all(ctx context.Context, body func(b any) bool) error
	each(ctx context.Context, fn func(ctx context.Context, b any) error) error
	take(n int64) flow
	tap(fn func()) flow
}

func (a Adapter[A, B]) declare() declared {
	if a.Stage == nil || a.Item == nil {
		panic("pipelinetest: Conform needs an Adapter with a Stage and an Item: set both")
	}
	d := declared{
		whole: a.Whole, ordered: a.Ordered, repeats: a.Repeats, varies: a.Varies, drops: a.Drops, atEnd: a.AtEnd,
		reads: a.Reads, ahead: a.Ahead, setup: a.Setup,
	}
	if d.ahead == 0 {
		d.ahead = 1 << 16
	}
	if a.Of != nil {
		d.of = func(b any) []int { return a.Of(b.(B)) }
	}
	d.flow = func(s *source) flow {
		return flowOf[B]{pipeline.Via(open(s, a.Item), a.Stage)}
	}
	return d
}

type flowOf[T any] struct{ f pipeline.Flow[T] }

func (f flowOf[T]) all(ctx context.Context, body func(any) bool) error {
	for v, err := range f.f.All(ctx) {
		if err != nil {
			return err
		}
		if !body(v) {
			return nil
		}
	}
	return nil
}

func (f flowOf[T]) each(ctx context.Context, fn func(context.Context, any) error) error {
	return f.f.ForEach(ctx, func(ctx context.Context, v T) error { return fn(ctx, v) })
}

func (f flowOf[T]) take(n int64) flow  { return flowOf[T]{f.f.Take(n)} }
func (f flowOf[T]) tap(fn func()) flow { return flowOf[T]{f.f.Tap(func(T) { fn() })} }

// source is an input of a rule, which sees what is done to it.
type source struct {
	items int                             // how many
	pace  time.Duration                   // between them, in virtual time
	end   func(ctx context.Context) error // what it does after them; nil: it ends

	over                   <-chan struct{} // closed at the end of the rule
	runs, running, yielded atomic.Int64
}

func open[A any](s *source, item func(int) A) pipeline.Flow[A] {
	return pipeline.Generate(func(ctx context.Context, yield func(A) bool) error {
		s.runs.Add(1)
		s.running.Add(1)
		defer s.running.Add(-1)
		for i := range s.items {
			if s.pace > 0 && !s.sleep(ctx) {
				return context.Cause(ctx)
			}
			if !yield(item(i)) {
				return nil
			}
			s.yielded.Add(1)
		}
		if s.end != nil {
			return s.end(ctx)
		}
		return nil
	})
}

func (s *source) sleep(ctx context.Context) bool {
	timer := time.NewTimer(s.pace)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-s.over:
	}
	return false
}

// wait is an end that does not come by itself.
func (s *source) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
	case <-s.over:
	}
	return context.Cause(ctx)
}
