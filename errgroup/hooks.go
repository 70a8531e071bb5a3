package errgroup

import (
	"context"
	"time"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/task"
)

// Hooks are told of what happens to the calls of a scope. A nil function is off
// and costs nothing. They are called inline, on the goroutine where it happens,
// with no lock held: a slow hook slows the call or the caller down, and must not
// call Wait. A hook that panics, or ends its goroutine, crashes the process.
//
// Each call is told of either by Start and Done, or by Reject. Wait returns after
// that.
type Hooks struct {
	// Start: the function of a call is about to be called. Waited is set.
	Start func(CallInfo)
	// Done: it has returned, panicked or exited, with this outcome; nobody else
	// knows of that yet. Waited and Ran are set.
	Done func(CallInfo, error)
	// Panic: the function has panicked; Done follows.
	Panic func(CallInfo, *future.PanicError)
	// Reject: the function will not be called. The error is what Go returns to
	// its caller, or what the call came to before it began. Waited is set.
	Reject func(CallInfo, error)
}

// CallInfo says which call a hook is told of.
type CallInfo struct {
	Call   int           // its number among all calls, from 0, as in Supervise; -1 if it was never accepted
	Waited time.Duration // from the start of Go until the function was called, or will not be
	Ran    time.Duration
}

// WithHooks has h told of what happens to each call. It costs an allocation and
// three looks at the clock a call.
func WithHooks(h Hooks) Option {
	return option{"WithHooks", hooks, func(c *config) { c.hooks = &h }}
}

// times are of a call that hooks are told of.
type times struct {
	asked, began time.Time
}

// beginTold is begin with hooks.
func (c *core) beginTold(ctx context.Context, j *job, wait bool) (err error) {
	j.times = &times{asked: time.Now()}
	defer func() { j.onRefusal(err) }()
	return c.admit(ctx, j, wait)
}

func (j *job) onStart() {
	j.times.began = time.Now()
	if hook := j.core.hooks.Start; hook != nil {
		told(func() { hook(j.info(j.seq, j.times.began)) })
	}
}

func (j *job) onPanic(err error) {
	p, panicked := err.(*future.PanicError)
	if hook := j.core.hooks.Panic; hook != nil && panicked {
		told(func() { hook(j.ended(), p) })
	}
}

func (j *job) onDone(err error) {
	if hook := j.core.hooks.Done; hook != nil {
		told(func() { hook(j.ended(), err) })
	}
}

func (j *job) onReject(call int, err error) {
	if j.times == nil {
		return
	}
	if hook := j.core.hooks.Reject; hook != nil {
		told(func() { hook(j.info(call, time.Now()), err) })
	}
}

// onRefusal is the end of Go. If the call was accepted all the same, whoever
// settles it tells of it.
func (j *job) onRefusal(err error) {
	j.core.mu.Lock()
	refused := j.phase == waiting || j.phase == withdrawn
	if err == nil {
		err = j.err // the executor has panicked
	}
	j.core.mu.Unlock()
	if refused {
		j.onReject(-1, err)
	}
}

func (j *job) info(call int, until time.Time) CallInfo {
	return CallInfo{Call: call, Waited: until.Sub(j.times.asked)}
}

func (j *job) ended() CallInfo {
	i := j.info(j.seq, j.times.began)
	i.Ran = time.Since(j.times.began)
	return i
}

// told runs a hook.
func told(hook func()) { task.Hook("errgroup", hook) }
