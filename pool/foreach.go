package pool

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/task"
)

// ForEach calls fn for every item on an executor, such as a pool, and returns
// when all calls have returned. The first failure cancels the ctx of the
// others, keeps fn from being called for the rest, and is returned as a
// *future.JoinError that names the item by its index.
//
// Items are handed out in runs: singly while fn takes its time, in growing
// runs when it is quick, so that tiny functions cost little and slow ones never
// wait behind each other.
//
// An executor that does not accept all the tasks that do this costs speed; only
// if it accepts none of them is its error returned.
//
// On cancel of ctx no more calls begin; ForEach waits for those that run and
// returns a *future.CanceledError. Called from a task of the same pool it gives
// the task's slot back meanwhile. On a view whose Key the calling task has
// itself, the calls are part of that task: they come one after the other on its
// goroutine, ahead of what is queued for the key. If the view is one of a Sub
// that the task is not in, that is future.ErrDeadlock.
func ForEach[T any, E future.Executor](ctx context.Context, on E, items []T, fn func(context.Context, T) error) error {
	mustSubmit("ForEach", ctx, fn == nil)
	s := &sweep{n: len(items), call: func(ctx context.Context, i int) error { return fn(ctx, items[i]) }}
	return s.over(ctx, on, width(on))
}

// Map is ForEach for a function with a result. The results come in the order
// of the items; where fn failed or was not called there is a zero value, and
// the error says why.
func Map[T, U any, E future.Executor](ctx context.Context, on E, items []T, fn func(context.Context, T) (U, error)) ([]U, error) {
	mustSubmit("Map", ctx, fn == nil)
	out := make([]U, len(items))
	s := &sweep{n: len(items), call: func(ctx context.Context, i int) (err error) {
		out[i], err = fn(ctx, items[i])
		return err
	}}
	return out, s.over(ctx, on, width(on))
}

// width is how many tasks an executor can run at a time, as far as it says so.
func width(on any) int {
	if w, ok := on.(interface{ width() int }); ok {
		return w.width()
	}
	return runtime.GOMAXPROCS(0)
}

// keyed is a View, or a pointer to one.
type keyed interface {
	holdsKey(ctx context.Context) bool
	executeHere(ctx context.Context, t future.Task) error
}

// sweep is one ForEach: a few tasks of the executor share the items out among
// themselves.
type sweep struct {
	n    int
	call func(ctx context.Context, i int) error

	next     atomic.Int64 // the first item that nobody has taken
	finished atomic.Int64 // calls that have returned without a failure
	stop     atomic.Bool  // take no more

	mu      sync.Mutex
	sweeps  []sweeper
	todo    int   // tasks that have neither begun nor been refused
	active  int   // tasks that have begun and not ended
	err     error // why it stopped
	refusal error // why a task never ran; matters if no other did the work
	done    chan struct{}
}

// sweeper is one of the tasks.
type sweeper struct {
	*sweep
	ctx    task.Ctx
	active bool
}

func (s *sweep) over(ctx context.Context, on future.Executor, width int) error {
	execute := on.Execute
	if v, ok := on.(keyed); ok && v.holdsKey(ctx) {
		execute = v.executeHere
	}
	s.done = make(chan struct{})
	s.sweeps = make([]sweeper, min(width, s.n))
	s.todo = 1 // this loop: there may be more to come
	for i := range s.sweeps {
		w := &s.sweeps[i]
		w.sweep = s
		s.mu.Lock()
		s.todo++
		s.mu.Unlock()
		if err := execute(ctx, w); err != nil {
			w.Refuse(err) // those before it do the work
			break
		}
		if s.exhausted() {
			break
		}
	}
	s.mu.Lock()
	s.todo--
	s.mu.Unlock()
	s.wait(ctx)
	switch {
	case int(s.finished.Load()) == s.n:
		return nil
	case s.err != nil:
		return s.err
	case ctx.Err() == nil && s.refusal != nil:
		return s.refusal
	}
	return &future.CanceledError{Cause: context.Cause(ctx)}
}

// wait returns when no call runs and none will.
func (s *sweep) wait(ctx context.Context) {
	s.mu.Lock()
	over := s.overLocked()
	s.mu.Unlock()
	if over {
		return
	}
	defer task.Parked(ctx)()
	select {
	case <-s.done:
		return
	case <-ctx.Done():
	}
	s.mu.Lock()
	s.stop.Store(true)
	over = s.overLocked()
	s.mu.Unlock()
	if !over {
		<-s.done
	}
}

func (s *sweep) exhausted() bool { return s.stop.Load() || int(s.next.Load()) >= s.n }

func (s *sweep) overLocked() bool {
	return s.active == 0 && (s.todo == 0 || s.exhausted())
}

func (s *sweep) checkOverLocked() {
	if !s.overLocked() {
		return
	}
	select {
	case <-s.done:
	default:
		close(s.done)
	}
}

// Run is called by the executor.
func (w *sweeper) Run(ctx context.Context) (err error) {
	if !w.begin(ctx) {
		return nil
	}
	at, returned := 0, false
	defer func() {
		if !returned {
			err = future.Recovered(recover())
			task.Panicked(ctx, err)
			w.fail(at, err)
		}
		w.end()
	}()
	for size := 1; w.ctx.Err() == nil; {
		start := int(w.next.Add(int64(size))) - size
		end := min(start+size, w.n)
		if start >= end || w.stop.Load() {
			break
		}
		began := time.Now()
		for at = start; at < end && err == nil; at++ {
			err = w.call(&w.ctx, at)
		}
		if err != nil {
			err = future.Outcome(&w.ctx, err)
			w.fail(at-1, err)
			break
		}
		w.finished.Add(int64(end - start))
		size = w.nextSize(size, start, time.Since(began))
	}
	if w.ctx.Err() != nil {
		w.fail(at, &future.CanceledError{Cause: context.Cause(&w.ctx)})
	}
	returned = true
	return err
}

// quick is how long a run of items may take: long beside what taking one
// costs, short beside what anybody would notice.
const quick = 20 * time.Microsecond

// nextSize doubles the run while it is quick, and leaves enough for the others.
func (w *sweeper) nextSize(size, start int, took time.Duration) int {
	if took < quick/2 {
		size *= 2
	} else if took > quick {
		size /= 2
	}
	fair := (w.n - start) / (2 * len(w.sweeps))
	return max(1, min(size, fair))
}

func (w *sweeper) begin(ctx context.Context) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.todo--
	if w.exhausted() {
		w.checkOverLocked()
		return false
	}
	w.ctx.Init(ctx, task.SlotOf(ctx))
	w.active = true
	w.sweep.active++
	return true
}

func (w *sweeper) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.active = false
	w.sweep.active--
	w.ctx.Release()
	w.checkOverLocked()
}

// fail notes why the sweep stops, if this is the first reason, and cancels the
// others.
func (w *sweeper) fail(i int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stop.Swap(true) {
		return // a consequence of the first
	}
	if _, canceled := err.(*future.CanceledError); canceled {
		w.err = err
	} else {
		w.err = &future.JoinError{Errs: []future.IndexedError{{Index: i, Err: err}}}
	}
	for i := range w.sweeps {
		if other := &w.sweeps[i]; other.active {
			other.ctx.Cancel(w.err)
		}
	}
}

// Refuse is called by the executor.
func (w *sweeper) Refuse(err error) {
	if err == nil {
		panic("pool: Refuse needs an error, got nil: say why the task was not run")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.todo--
	w.refusal = err
	w.checkOverLocked()
}
