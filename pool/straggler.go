package pool

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ShutdownError says what a shutdown had to leave behind when its ctx ended.
// It unwraps to the cause of that ctx.
type ShutdownError struct {
	Pool       string // the pool's name
	NeverRun   int    // tasks that were queued: they have settled with ErrNotRun
	Canceled   int    // tasks that were running or parked: their ctx has ended
	Stragglers []Straggler
	Cause      error
}

// Straggler is a task that had not returned when the pool was stopped. One
// whose future has settled just before may be among them: its worker had not
// come back from it.
type Straggler struct {
	Name string // of the view that it came through (Named), empty without

	// Age is for how long it has run. For a task that ran already when
	// Shutdown was called, it is for how long at least, unless the pool has
	// hooks or measures times: else nobody looked at the clock when it began.
	Age time.Duration

	Where string // file and line that submitted it, if the pool keeps Origins
}

func (s Straggler) String() string {
	name := s.Name
	if name == "" {
		name = "a task"
	}
	if s.Where != "" {
		name += " from " + s.Where
	}
	return fmt.Sprintf("%s for %v", name, s.Age.Round(time.Millisecond))
}

func (e *ShutdownError) Error() string {
	var b strings.Builder
	b.WriteString("pool")
	if e.Pool != "" {
		b.WriteString(" " + e.Pool)
	}
	fmt.Fprintf(&b, ": shutdown: %d tasks not run, %d still running", e.NeverRun, e.Canceled)
	const shown = 3
	for i, s := range e.Stragglers[:min(shown, len(e.Stragglers))] {
		b.WriteString([]string{" (", ", "}[min(i, 1)] + s.String())
	}
	switch {
	case len(e.Stragglers) > shown:
		b.WriteString(", ...)")
	case len(e.Stragglers) > 0:
		b.WriteString(")")
	}
	fmt.Fprintf(&b, ": %v", e.Cause)
	return b.String()
}

func (e *ShutdownError) Unwrap() error { return e.Cause }

// stragglersLocked returns all that runs, the oldest first.
func (p *Pool) stragglersLocked() (left []Straggler) {
	since := time.Since(p.draining)
	for w := range p.workers {
		if w.busy.Load() {
			left = append(left, w.straggler(since))
		}
	}
	for _, h := range p.callers {
		left = append(left, h.watched.straggler(Straggler{Name: h.name, Age: since}))
	}
	slices.SortStableFunc(left, func(a, b Straggler) int { return cmp.Compare(b.Age, a.Age) })
	return left
}

// cancelLocked cancels all that runs.
func (p *Pool) cancelLocked() {
	for w := range p.workers {
		if l := w.ctx.Load(); l != nil {
			l.Cancel(ErrClosed)
		}
	}
	for l := range p.callers {
		l.Cancel(ErrClosed)
	}
}

// straggler tells of the task that w is with; since is for how long somebody
// has waited for the pool's end.
func (w *worker) straggler(since time.Duration) Straggler {
	s := Straggler{Age: since - time.Duration(w.began.Load())}
	if name := w.shown.Load(); name != nil {
		s.Name = *name
	}
	return w.watched.Load().straggler(s)
}

// straggler adds what the watch knows. t may be nil.
func (t *watched) straggler(s Straggler) Straggler {
	if t == nil {
		return s
	}
	s.Where = t.where()
	if !t.start.IsZero() {
		s.Age = time.Since(t.start)
	}
	return s
}

// stamp notes when a task begins.
func (w *worker) stamp() {
	w.began.Store(int64(time.Since(w.pool.draining)))
}
