package futuretest

import (
	"context"
	"errors"
)

func places() []Rule {
	return []Rule{
		{
			ID: "3.1", Title: "Then on a settled future does not run the function in its caller",
			Why:   "the caller may hold a lock that the function takes",
			needs: promises | then,
			run: func(c *check) {
				p := c.promise()
				p.Resolve(1)
				c.notHere(func(note func()) Future {
					return c.Then(p.Future, func(context.Context, int) (int, error) { note(); return 0, nil })
				})
			},
		},
		{
			ID: "3.2", Title: "Catch on a settled future does not run the function in its caller",
			needs: promises | catch,
			run: func(c *check) {
				p := c.promise()
				p.Reject(errBoom)
				c.notHere(func(note func()) Future {
					return c.Catch(p.Future, func(context.Context, error) (int, error) { note(); return 0, nil })
				})
			},
		},
		{
			ID: "3.3", Title: "Finally on a settled future does not run the function in its caller",
			needs: promises | finally,
			run: func(c *check) {
				p := c.promise()
				p.Resolve(1)
				c.notHere(func(note func()) Future { return c.Finally(p.Future, note) })
			},
		},
		{
			ID: "3.4", Title: "Resolve does not run continuations in its caller",
			needs: promises | then,
			run: func(c *check) {
				p := c.promise()
				c.notHere(func(note func()) Future {
					f := c.Then(p.Future, func(context.Context, int) (int, error) { note(); return 0, nil })
					p.Resolve(1)
					return f
				})
			},
		},
		{
			ID: "3.5", Title: "Resolve does not wait for continuations",
			needs: promises | then,
			run: func(c *check) {
				p := c.promise()
				gate, open := c.gate()
				f := c.Then(p.Future, func(_ context.Context, v int) (int, error) { <-gate; return v, nil })
				c.returns("Resolve with a continuation that blocks", func() { p.Resolve(1) })
				open()
				c.value(f, 1)
			},
		},
		{
			ID: "3.6", Title: "Then does not wait for the future",
			needs: promises | then,
			run: func(c *check) {
				p := c.promise()
				var f Future
				c.returns("Then", func() { f = c.Then(p.Future, double) })
				p.Resolve(1)
				c.value(f, 2)
			},
		},
		{
			ID: "3.7", Title: "Who awaits does not wait for a continuation that blocks",
			needs: promises | then,
			run: func(c *check) {
				p := c.promise()
				gate, open := c.gate()
				f := c.Then(p.Future, func(_ context.Context, v int) (int, error) { <-gate; return v, nil })
				seen := c.awaitMany(p.Future, 1)
				go p.Resolve(1)
				c.returns("Await beside a continuation that blocks", func() { <-seen })
				c.value(p.Future, 1)
				open()
				c.value(f, 1)
			},
		},
		{
			ID: "3.8", Title: "A continuation may use the future that it follows",
			Why:   "it hangs if it runs under the future's lock, or before the future counts as settled",
			needs: promises | then,
			run: func(c *check) {
				p := c.promise()
				f := c.Then(p.Future, func(ctx context.Context, v int) (int, error) {
					w, err := p.Future.Await(ctx)
					if err != nil || p.Resolve(9) && !c.Silent {
						return 0, errors.Join(errBoom, err)
					}
					u, err := c.Then(p.Future, double).Await(ctx)
					return v + w + u, err
				})
				go p.Resolve(1)
				c.value(f, 4)
			},
		},
		{
			ID: "3.9", Title: "A continuation that awaits its sibling does not hang",
			Why:   "it does if they run one after the other on one goroutine",
			needs: promises | then,
			run: func(c *check) {
				for _, first := range []bool{true, false} {
					p := c.promise()
					c.siblings(p.Future, first, func() { go p.Resolve(1) })
				}
			},
		},
		{
			ID: "3.10", Title: "The same behind work that was launched",
			needs: goes | then,
			run: func(c *check) {
				for _, first := range []bool{true, false} {
					f, release := c.stubborn(1, always(nil))
					c.siblings(f, first, release)
				}
			},
		},
		{
			ID: "3.11", Title: "A continuation that blocks does not hold back its siblings",
			needs: promises | then,
			run: func(c *check) {
				p := c.promise()
				gate, open := c.gate()
				wait := func(_ context.Context, v int) (int, error) { <-gate; return v, nil }
				before := c.Then(p.Future, wait)
				f := c.Then(p.Future, double)
				after := c.Then(p.Future, wait)
				go p.Resolve(1)
				c.value(f, 2)
				open()
				c.value(before, 1)
				c.value(after, 1)
			},
		},
	}
}

// notHere calls chain, whose continuation notes where it runs: not on the
// goroutine of that call.
func (c *check) notHere(chain func(note func()) Future) {
	var here string
	there := make(chan string, 1)
	made := make(chan Future, 1)
	go func() {
		here = goroutine()
		made <- chain(func() { there <- goroutine() })
	}()
	var f Future
	c.returns("the call", func() { f = <-made })
	_, _ = c.outcome(f)
	var ran string
	c.returns("the continuation", func() { ran = <-there })
	c.want(ran != here, "it runs on the goroutine of the caller")
}

// siblings chains two continuations on f, one of which awaits the other.
func (c *check) siblings(f Future, first bool, settle func()) {
	sibling := make(chan Future, 1)
	waits := func(ctx context.Context, v int) (int, error) {
		w, err := (<-sibling).Await(ctx)
		return v + w, err
	}
	var sum Future
	if first {
		sum = c.Then(f, waits)
	}
	sibling <- c.Then(f, double)
	if !first {
		sum = c.Then(f, waits)
	}
	settle()
	c.value(sum, 3)
}
