package future

import (
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// record is what hooks are told about one future. It never points to the
// future: it outlives it.
type record struct {
	hooks    *Hooks
	op       string
	launched time.Time
	started  time.Time // zero if the function was never called
	launch   [launchDepth]uintptr

	looked  atomic.Bool           // somebody has seen the outcome, or will
	outcome atomic.Pointer[error] // nil until it has settled
}

const launchDepth = 12

// born begins the record of a future that is about to be handed out, if a hook
// wants one.
func (c *core) born(op string) {
	if h := hooks.Load(); h != nil {
		c.bornRecorded(op, h)
	}
}

func (c *core) bornRecorded(op string, h *Hooks) {
	if h.Start == nil && h.Settle == nil && h.Unobserved == nil {
		return
	}
	r := newRecord(op, h)
	c.record = r
	c.word.Or(recorded)
	if h.Unobserved != nil {
		runtime.AddCleanup(c, (*record).dropped, r)
	}
}

func newRecord(op string, h *Hooks) *record {
	r := &record{hooks: h, op: op, launched: time.Now()}
	runtime.Callers(3, r.launch[:])
	return r
}

// start is called before the function is.
func (r *record) start() {
	r.started = time.Now()
	if r.hooks.Start != nil {
		tellHook(r.hooks.Start, r.event(r.started, nil))
	}
}

// settle is called when the future has settled.
func (r *record) settle(err error) {
	r.outcome.Store(&err)
	if r.hooks.Settle != nil {
		tellHook(r.hooks.Settle, r.event(time.Now(), err))
	}
}

// dropped is called when nothing refers to the future any more.
func (r *record) dropped() {
	err := r.outcome.Load()
	if err != nil && *err != nil && !isCanceled(*err) && !r.looked.Load() {
		tellHook(r.hooks.Unobserved, r.event(r.launched, *err))
	}
}

func (r *record) event(now time.Time, err error) Event {
	e := Event{Op: r.op, Err: err, launch: &r.launch}
	if r.started.IsZero() {
		e.Waited = now.Sub(r.launched)
	} else {
		e.Waited = r.started.Sub(r.launched)
		e.Ran = now.Sub(r.started)
	}
	return e
}

// look notes that the outcome was seen, or will be.
func (c *core) look() {
	if c.record != nil {
		c.record.looked.Store(true)
	}
}

// callerOf returns the innermost call that is not the library's own.
func callerOf(pcs []uintptr) string {
	frames := runtime.CallersFrames(pcs)
	for {
		f, more := frames.Next()
		if f.Function != "" && !isOurs(f.Function) {
			return f.Function + " " + f.File + ":" + strconv.Itoa(f.Line)
		}
		if !more {
			return "unknown"
		}
	}
}

func isOurs(function string) bool {
	rest, ours := strings.CutPrefix(function, "github.com/thence-go/thence/")
	if !ours {
		return false
	}
	switch pkg, _, _ := strings.Cut(rest, "."); pkg {
	case "future", "pool", "errgroup", "pipeline":
		return true
	}
	return false
}
