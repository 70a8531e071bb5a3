package conformance

import (
	"context"
	"errors"
	"fmt"

	"github.com/thence-go/thence/future/futuretest"
)

// made is what many programs have instead of a library.
type made struct {
	done  chan struct{}
	value int
	err   error
}

var errStopped = errors.New("stopped waiting")

func (m *made) Await(ctx context.Context) (int, error) {
	select {
	case <-m.done:
		return m.value, m.err
	default:
	}
	select {
	case <-m.done:
		return m.value, m.err
	case <-ctx.Done():
		return 0, fmt.Errorf("%w: %w", errStopped, context.Cause(ctx))
	}
}

func byHand() Subject {
	return Subject{
		Adapter: futuretest.Adapter{
			Name: "by hand",
			Go: func(ctx context.Context, fn launch) future {
				m := &made{done: make(chan struct{})}
				go func() {
					defer close(m.done)
					m.value, m.err = fn(ctx)
				}()
				return m
			},
			Done:           func(f future) <-chan struct{} { return f.(*made).done },
			StoppedWaiting: func(err error) bool { return errors.Is(err, errStopped) },
			NoContext:      true,
		},
		Notes: []string{"a struct with a channel that a goroutine closes, as many programs have it; no library"},
	}
}
