package pool_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

// plan is what a task does: a tree of tasks that submit to views of one pool,
// and await what they have submitted.
type plan struct {
	key, sub, level int // no key: 0
	steps           []planStep
}

type planStep struct {
	what  string
	child plan // of submit
	nth   int  // of those that were submitted so far: await and chain
}

func drawPlan(t *rapid.T, depth int) plan {
	pl := plan{
		key:   rapid.SampledFrom([]int{0, 1, 1, 1, 2, 2, 3}).Draw(t, "key"),
		sub:   rapid.IntRange(0, 3).Draw(t, "sub"),
		level: rapid.IntRange(-1, 1).Draw(t, "level"),
	}
	for range rapid.IntRange(0, 4).Draw(t, "steps") {
		what := []string{"nap", "sweep"}
		if depth > 0 {
			what = []string{"nap", "submit", "submit", "submit", "await", "await", "chain", "all"}
		}
		s := planStep{what: rapid.SampledFrom(what).Draw(t, "what")}
		if s.what == "submit" {
			s.child = drawPlan(t, depth-1)
		}
		s.nth = rapid.IntRange(0, 3).Draw(t, "nth")
		pl.steps = append(pl.steps, s)
	}
	return pl
}

// known is what the model knows of a task, or of a submitter outside of the
// pool, which has begun.
type known struct {
	key                   int
	accepted, begun, done bool
	submits               *known   // it is in Submit
	awaits                []*known // all of them
}

// hopes is a model of who can go on, in the most hopeful way: whatever runs
// will end, and Subs are in nobody's way.
type hopes struct {
	mu       sync.Mutex
	capacity int
	tasks    []*known
	holder   map[int]*known
	wrong    []string
	over     bool // what hangs will be told
}

func (h *hopes) do(change func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change()
}

// canGoOn returns who is not stuck for ever. With inLine, a task that is still
// being submitted may be in the queue.
func (h *hopes) canGoOn(inLine bool) map[*known]bool {
	can := map[*known]bool{}
	canBegin := func(t *known) bool { return t.key == 0 || h.holder[t.key] == nil || can[h.holder[t.key]] }
	room := func(own *known) bool {
		stuck := 0
		for _, t := range h.tasks {
			if t != own && !t.begun && (t.accepted || inLine) && !canBegin(t) {
				stuck++
			}
		}
		return stuck < h.capacity
	}
	goesOn := func(t *known) bool {
		switch {
		case t.done:
			return true
		case !t.begun:
			return t.accepted && canBegin(t)
		case t.submits != nil && !t.submits.begun:
			return canBegin(t.submits) || room(t.submits)
		}
		for _, on := range t.awaits {
			if !can[on] {
				return false
			}
		}
		return true
	}
	for more := true; more; {
		more = false
		for _, t := range h.tasks {
			if !can[t] && goesOn(t) {
				can[t], more = true, true
			}
		}
	}
	return can
}

// refused is called by a task that was told that it would wait for ever.
func (h *hopes) refused(t *known, what string) {
	if !h.over && h.canGoOn(true)[t] {
		h.wrong = append(h.wrong, fmt.Sprintf("false ErrDeadlock from %s of a task of key %d", what, t.key))
	}
}

// nobodyHopes is called when everything blocks.
func (h *hopes) nobodyHopes() {
	can := h.canGoOn(false)
	h.over = true
	for _, t := range h.tasks {
		if can[t] && !t.done {
			h.wrong = append(h.wrong, fmt.Sprintf("a task of key %d hangs, and need not: %+v", t.key, *t))
		}
	}
}

// world is one pool in which plans run.
type world struct {
	hopes
	pool *pool.Pool
	subs []pool.View
}

func (w *world) view(pl plan) pool.View {
	v := w.subs[pl.sub].Priority(pool.Level(pl.level))
	if pl.key > 0 {
		v = v.Key(pl.key)
	}
	if pl.level < 0 {
		v = v.Tenant("low", 2)
	}
	return v
}

// submit returns nil if the task was not accepted.
func (w *world) submit(ctx context.Context, by *known, pl plan) (*known, *future.Future[int]) {
	child := &known{key: pl.key}
	w.do(func() {
		w.tasks = append(w.tasks, child)
		by.submits = child
	})
	ctx = context.WithoutCancel(ctx) // it may outlive this task
	f := pool.Submit(ctx, w.view(pl), func(ctx context.Context) (int, error) { return w.run(ctx, child, pl), nil })
	w.do(func() {
		if err := f.Err(); errors.Is(err, future.ErrDeadlock) {
			w.refused(by, "Submit")
			f, child.done = nil, true
		}
		child.accepted = true
		by.submits = nil
	})
	return child, f
}

func (w *world) run(ctx context.Context, t *known, pl plan) int {
	w.do(func() {
		t.begun = true
		if t.key > 0 {
			w.holder[t.key] = t
		}
	})
	defer w.do(func() {
		t.done = true
		if t.key > 0 {
			w.holder[t.key] = nil
		}
	})
	var children []*known
	var fs []*future.Future[int]
	for _, s := range pl.steps {
		i := s.nth
		if len(fs) > 0 {
			i %= len(fs)
		}
		switch {
		case s.what == "nap":
			time.Sleep(time.Millisecond)
		case s.what == "sweep" && pl.key > 0:
			_ = pool.ForEach(ctx, w.view(pl), []int{1, 2}, func(context.Context, int) error {
				time.Sleep(time.Millisecond)
				return nil
			})
		case s.what == "submit":
			if c, f := w.submit(ctx, t, s.child); f != nil {
				children, fs = append(children, c), append(fs, f)
			}
		case len(fs) == 0:
		case s.what == "await":
			await(ctx, w, t, fs[i], children[i:i+1])
		case s.what == "chain":
			await(ctx, w, t, future.Map(fs[i].Shield(), func(v int) int { return v }), children[i:i+1])
		case s.what == "all":
			await(ctx, w, t, future.All(fs...), children)
		}
	}
	return 1
}

func await[T any](ctx context.Context, w *world, t *known, f *future.Future[T], on []*known) {
	w.do(func() { t.awaits = on })
	_, err := f.Await(ctx)
	w.do(func() {
		if errors.Is(err, future.ErrDeadlock) {
			w.refused(t, "Await")
		}
		t.awaits = nil
	})
}

// Whatever tasks submit and await: one that is told of a deadlock is in one, and
// one that hangs is in one.
func TestLaw9_DeadlocksAreWhatTheModelSays(t *testing.T) {
	for range stress(5) {
		checkPlans(t)
	}
}

func checkPlans(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		workers := rapid.IntRange(1, 3).Draw(rt, "workers")
		capacity := rapid.IntRange(0, 2).Draw(rt, "capacity")
		var roots []plan
		for range rapid.IntRange(1, 5).Draw(rt, "roots") {
			roots = append(roots, drawPlan(rt, 2))
		}
		synctest.Test(t, func(t *testing.T) {
			w := &world{pool: pool.New(workers, pool.Queue(capacity, pool.Block))}
			w.holder, w.capacity = map[int]*known{}, capacity
			sub := w.pool.Sub(2)
			w.subs = []pool.View{w.pool.Priority(pool.Normal), w.pool.Sub(1), sub, sub.Sub(1)}
			for _, pl := range roots {
				by := &known{begun: true}
				w.do(func() { w.tasks = append(w.tasks, by) })
				go func() {
					w.submit(context.Background(), by, pl)
					w.do(func() { by.done = true })
				}()
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			w.do(w.nobodyHopes)
			_ = w.pool.Close() // what hangs is told
			time.Sleep(time.Minute)
			balanced(t, w.pool.Stats())
			if len(w.wrong) > 0 {
				t.Errorf("%v", w.wrong)
			}
		})
		if t.Failed() {
			rt.FailNow()
		}
	})
}
