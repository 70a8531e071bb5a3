package pool

import (
	"context"
	"fmt"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strings"
	"time"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/task"
)

// watch is what a pool does around each task if somebody asked for it. It is
// nil if nobody did, and then costs one look at a pointer.
type watch struct {
	pool    *Pool
	hooks   Hooks
	times   *times // nil unless measured
	clock   bool   // somebody wants to know how long things take
	labels  bool
	origins bool
}

func newWatch(p *Pool, c config) *watch {
	if c.hooks == nil && !c.measure && c.adaptive == nil && !c.labels && !c.origins {
		return nil
	}
	w := &watch{pool: p, labels: c.labels, origins: c.origins, clock: c.hooks != nil || c.measure || c.adaptive != nil}
	if c.hooks != nil {
		w.hooks = *c.hooks
	}
	if c.measure {
		w.times = new(times)
	}
	return w
}

// watched is a task with the watch around it.
type watched struct {
	task  future.Task
	watch *watch
	name  string
	at    time.Time // when it was submitted
	start time.Time
	pcs   []uintptr // who submitted it

	byCaller bool // it runs on the submitter's goroutine
	expired  bool // its ctx ended before its turn: only noted for an adaptive pool
}

// unwatched returns the task as it was submitted.
func unwatched(t future.Task) future.Task {
	if w, ok := t.(*watched); ok {
		return w.task
	}
	return t
}

// submit is Pool.place for tasks that are watched.
func (w *watch) submit(ctx context.Context, o *order, policy Overflow) error {
	t := &watched{task: o.task, watch: w}
	if o.scope != nil {
		t.name = o.scope.name
	}
	if w.clock {
		t.at = time.Now()
	}
	if w.origins {
		pcs := make([]uintptr, 8)
		t.pcs = pcs[:runtime.Callers(3, pcs)]
	}
	if hook := w.hooks.Enqueue; hook != nil {
		call(func() { hook(t.info()) })
	}
	o.task = t
	err := w.pool.place(ctx, o, policy)
	if err != nil {
		t.rejected(err)
	}
	return err
}

func (t *watched) info() TaskInfo {
	i := TaskInfo{Pool: t.watch.pool.name, Name: t.name}
	if !t.start.IsZero() {
		i.Waited = t.start.Sub(t.at)
	}
	return i
}

// begin is called before Run, and before anybody else can see the task.
func (t *watched) begin() {
	if t.watch.clock {
		t.start = time.Now()
	}
}

// Run is called by a worker.
func (t *watched) Run(ctx context.Context) (err error) {
	w := t.watch
	if w.times != nil {
		w.times.wait.Record(t.start.Sub(t.at))
	}
	if hook := w.hooks.Start; hook != nil {
		call(func() { hook(t.info()) })
	}
	if w.labels {
		defer t.label(ctx)()
	}
	t.expired = w.pool.adaptive != nil && ctx.Err() != nil
	returned := false
	defer func() {
		if !returned {
			err = badEnd(t.task, recover())
			task.Panicked(ctx, err)
			t.ended(ctx, err)
		}
	}()
	err = t.task.Run(ctx)
	returned = true
	t.ended(ctx, err)
	return err
}

// Refuse is called for a task that will not run.
func (t *watched) Refuse(err error) {
	t.task.Refuse(err)
	t.rejected(err)
}

func (t *watched) ended(ctx context.Context, err error) {
	w := t.watch
	if !w.clock {
		return
	}
	ran := time.Since(t.start)
	if w.times != nil {
		w.times.run.Record(ran)
	}
	if w.pool.adaptive != nil && !t.byCaller && !t.expired {
		w.pool.adaptive.sample(ran, w.pool.slots.busy(), err)
	}
	info := t.info()
	info.Ran = ran
	if l, ok := ctx.(*loan); ok && l.panicked != nil && w.hooks.Panic != nil {
		call(func() { w.hooks.Panic(info, l.panicked) })
	}
	if hook := w.hooks.Done; hook != nil {
		call(func() { hook(info, err) })
	}
}

func (t *watched) rejected(err error) {
	if hook := t.watch.hooks.Reject; hook != nil {
		info := t.info()
		info.Waited = time.Since(t.at)
		call(func() { hook(info, err) })
	}
}

// label tells the profiler and the tracer what the goroutine does from now on,
// until the function that it returns is called.
func (t *watched) label(ctx context.Context) (end func()) {
	labels := pprof.Labels("pool", t.watch.pool.name, "task", t.name)
	pprof.SetGoroutineLabels(pprof.WithLabels(ctx, labels))
	var traced *trace.Task
	if trace.IsEnabled() {
		name := t.name
		if name == "" {
			name = "pool " + t.watch.pool.name
		}
		_, traced = trace.NewTask(ctx, name)
	}
	return func() {
		if traced != nil {
			traced.End()
		}
		if !t.byCaller {
			ctx = context.Background()
		}
		pprof.SetGoroutineLabels(ctx)
	}
}

// where returns the first caller outside of the library.
func (t *watched) where() string {
	if len(t.pcs) == 0 {
		return ""
	}
	frames := runtime.CallersFrames(t.pcs)
	for {
		f, more := frames.Next()
		if f.Function != "" && !isOurs(f.Function) {
			return fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		if !more {
			return ""
		}
	}
}

// isOurs reports whether a function belongs to the packages that submit on
// behalf of others.
func isOurs(function string) bool {
	for _, pkg := range []string{"pool", "future", "errgroup", "pipeline"} {
		if strings.HasPrefix(function, "github.com/thence-go/thence/"+pkg+".") {
			return true
		}
	}
	return false
}
