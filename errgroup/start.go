package errgroup

import (
	"context"
	"sync"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/internal/task"
)

// Start is Go for a function that has something to get ready first, such as a
// server that listens: it returns when fn calls ready, or when it is certain
// that fn will not. The call is one as of Go, with a place among the values and
// a failure that is the scope's, and goes on after ready for as long as it
// likes. ready may be called from any goroutine; only the first call matters.
//
// Start returns nil once fn is ready. Otherwise it returns what Go returns if
// nothing was started; the failure of fn (*future.PanicError and ErrGoexit
// included) or its *future.CanceledError, if fn ended before it was ready; and
// ErrNotReady, if fn returned without an error and never called ready, which is
// not a failure of the scope.
//
// On cancel of ctx Start stops waiting, with a *future.WaitError, and the call
// goes on. When the scope ends, the context of fn does, and Start waits for fn
// to return: until then it may still hold what it was getting ready.
func (s *Scope[T]) Start(ctx context.Context, fn func(ctx context.Context, ready func()) (T, error)) error {
	mustContext("Start", ctx)
	mustFunc("Start", fn == nil)
	s.mustMade()
	h := &handshake{done: make(chan struct{})}
	j := newCall(s, func(ctx context.Context) (T, error) { return fn(ctx, h.ready) }, false)
	j.hand = h
	if err := s.begin(ctx, j, true); err != nil {
		return err
	}
	return h.wait(ctx)
}

// handshake is what Start waits for.
type handshake struct {
	once sync.Once
	done chan struct{}
	err  error
}

func (h *handshake) ready() { h.say(nil) }

// say answers Start, if nobody has before.
func (h *handshake) say(err error) {
	h.once.Do(func() {
		h.err = err
		close(h.done)
	})
}

func (h *handshake) wait(ctx context.Context) error {
	select {
	case <-h.done:
		return h.err
	default:
	}
	defer task.Parked(ctx)()
	select {
	case <-h.done:
		return h.err
	case <-ctx.Done():
	}
	select {
	case <-h.done: // both: what is known counts
		return h.err
	default:
		return future.StoppedWaiting(ctx)
	}
}

// greet answers Start for a call that has ended.
func (j *job) greet(err error) {
	if j.hand == nil {
		return
	}
	if err == nil {
		err = ErrNotReady
	}
	j.hand.say(err)
}
