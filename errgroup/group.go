package errgroup

import (
	"context"
	"fmt"
	"sync"

	"github.com/thence-go/thence/future"
)

// Group runs functions as parts of one task: Go starts them, Wait waits for
// all of them and returns the first error. It is golang.org/x/sync/errgroup's
// Group, method for method, so code moves over by its import; the package page
// tells the one difference.
//
// The zero Group is ready, has no limit and cancels nothing. A Group must not
// be copied after its first use. It may be used again after Wait, but an error
// stays. Go, TryGo and Wait may be called from any goroutine, with the rule of
// sync.WaitGroup: the first Go happens before Wait. SetLimit must not run
// beside any other method.
//
// The return of a function synchronizes before the return of the Wait that
// waited for it.
type Group struct {
	cancel  func(error)
	wg      sync.WaitGroup // counts the functions that have not returned; workers, as one
	workers *workers       // nil: no limit

	failing sync.Once
	err     error
}

// WithContext returns a Group and a context made from ctx. The context ends
// with the first error, which is its cause, or when Wait returns.
func WithContext(ctx context.Context) (*Group, context.Context) {
	mustContext("WithContext", ctx)
	ctx, cancel := context.WithCancelCause(ctx)
	return &Group{cancel: cancel}, ctx
}

// Go calls fn on another goroutine. At the limit it blocks until a function
// returns; there is no other way out, so a function of the group must not call
// Go at the limit. Scope has neither restriction.
//
// The first error ends the group's context, if it has one, and is what Wait
// returns. fn runs even if that has happened already.
func (g *Group) Go(fn func() error) {
	mustFunc("Go", fn == nil)
	if g.workers != nil {
		g.workers.start(g, fn, true)
		return
	}
	g.wg.Add(1)
	// In place, since it saves each function a frame and a call.
	go func() {
		returned := false
		defer func() {
			if !returned {
				g.fail(future.Recovered(recover()))
			}
			g.wg.Done()
		}()
		if err := fn(); err != nil {
			g.fail(err)
		}
		returned = true
	}()
}

// TryGo calls fn as Go does, unless the group is at its limit. It reports
// whether fn was accepted.
func (g *Group) TryGo(fn func() error) bool {
	mustFunc("TryGo", fn == nil)
	if g.workers != nil {
		return g.workers.start(g, fn, false)
	}
	g.Go(fn)
	return true
}

// SetLimit lets at most n functions run at once, from now on. A negative n
// means no limit; with 0 every Go blocks for ever and every TryGo refuses.
//
// It panics if functions that were started under the limit that holds are still
// running, unless n is negative.
func (g *Group) SetLimit(n int) {
	if n < 0 {
		g.workers = nil
		return
	}
	if g.workers != nil {
		if active := g.workers.running(); active != 0 {
			panic(fmt.Errorf("errgroup: modify limit while %v goroutines in the group are still active", active))
		}
	}
	g.workers = &workers{limit: n}
}

// Wait blocks until every function has returned, ends the group's context and
// returns the first error, if any.
func (g *Group) Wait() error {
	g.wg.Wait()
	if g.cancel != nil {
		g.cancel(g.err)
	}
	return g.err
}

func (g *Group) fail(err error) {
	g.failing.Do(func() {
		g.err = err
		if g.cancel != nil {
			g.cancel(err)
		}
	})
}
