package futuretest

import (
	"context"
	"runtime"
)

func panics() []Rule {
	return []Rule{
		{
			ID: "5.1", Title: "A function that panics settles its future with an error; the process lives",
			needs: goes,
			run: func(c *check) {
				c.noSuccess(c.Go(context.Background(), func(context.Context) (int, error) { panic("boom") }))
			},
		},
		{
			ID: "5.2", Title: "Everybody who awaits it is woken",
			needs: goes,
			run: func(c *check) {
				gate, open := c.gate()
				f := c.Go(context.Background(), func(context.Context) (int, error) { <-gate; panic("boom") })
				seen := c.awaitMany(f, racers)
				c.rest()
				open()
				for range racers {
					c.returns("an Await among many", func() { c.want(<-seen == -1, "a panic counts as a success") })
				}
			},
		},
		{
			ID: "5.3", Title: "The error carries the value of the panic",
			needs: goes | isPanic,
			run: func(c *check) {
				_, err := c.outcome(c.Go(context.Background(), func(context.Context) (int, error) { panic("boom") }))
				c.want(err != nil, "a panic counts as a success")
				v, ok := c.Panic(err)
				c.want(ok && v == "boom", "want the panic of boom, got %v of %q", v, err)
			},
		},
		{
			ID: "5.4", Title: "A panic with an error unwraps to that error",
			needs: goes,
			run: func(c *check) {
				c.failure(c.Go(context.Background(), func(context.Context) (int, error) { panic(errBoom) }), errBoom)
			},
		},
		{
			ID: "5.5", Title: "panic(nil) is no success either",
			needs: goes,
			run: func(c *check) {
				c.noSuccess(c.Go(context.Background(), func(context.Context) (int, error) { panic(nil) }))
			},
		},
		{
			ID: "5.6", Title: "A panic with a context error is a panic, even after a cancel",
			needs: goes | cancel | isCanceled,
			run: func(c *check) {
				f, release := c.stubborn(0, func(context.Context) error { panic(context.Canceled) })
				c.Cancel(f, errCause)
				release()
				c.failure(f, context.Canceled)
			},
		},
		{
			ID: "5.7", Title: "Then: a panic of its function is its outcome",
			needs: promises | then,
			run: func(c *check) {
				p := c.promise()
				f := c.Then(p.Future, func(context.Context, int) (int, error) { panic(errBoom) })
				p.Resolve(1)
				c.failure(f, errBoom)
			},
		},
		{
			ID: "5.8", Title: "Catch: a panic of its function is its outcome",
			needs: promises | catch,
			run: func(c *check) {
				p := c.promise()
				f := c.Catch(p.Future, func(context.Context, error) (int, error) { panic(errBoom) })
				p.Reject(errOver)
				c.failure(f, errBoom)
			},
		},
		{
			ID: "5.9", Title: "Finally: a panic of its function is its outcome",
			needs: promises | finally,
			run: func(c *check) {
				p := c.promise()
				f := c.Finally(p.Future, func() { panic(errBoom) })
				p.Resolve(1)
				c.failure(f, errBoom)
			},
		},
		{
			ID: "5.10", Title: "The siblings of a continuation that panics run, and what follows it goes on",
			needs: promises | then | catch,
			run: func(c *check) {
				c.siblingsOf(func(context.Context, int) (int, error) { panic("boom") })
			},
		},
	}
}

func goexits() []Rule {
	exit := func(context.Context) (int, error) { runtime.Goexit(); return 7, nil }
	then6 := func(context.Context, int) (int, error) { return exit(nil) }
	return []Rule{
		{
			ID: "6.1", Title: "A function that calls runtime.Goexit settles its future with an error",
			Why:   "t.FailNow does: a test would hang, or go on with a value that nobody made",
			needs: goes,
			run:   func(c *check) { c.noSuccess(c.Go(context.Background(), exit)) },
		},
		{
			ID: "6.2", Title: "The error says so",
			needs: goes | isGoexit,
			run: func(c *check) {
				_, err := c.outcome(c.Go(context.Background(), exit))
				c.want(err != nil && c.Goexit(err), "want the error of a Goexit, got %v", err)
				c.noCancel(err)
			},
		},
		{
			ID: "6.3", Title: "Then: the same",
			needs: promises | then,
			run: func(c *check) {
				p := c.promise()
				f := c.Then(p.Future, then6)
				go p.Resolve(1)
				c.noSuccess(f)
			},
		},
		{
			ID: "6.4", Title: "Catch: the same",
			needs: promises | catch,
			run: func(c *check) {
				p := c.promise()
				f := c.Catch(p.Future, func(context.Context, error) (int, error) { return exit(nil) })
				go p.Reject(errBoom)
				c.noSuccess(f)
			},
		},
		{
			ID: "6.5", Title: "Finally: the same",
			needs: promises | finally,
			run: func(c *check) {
				p := c.promise()
				f := c.Finally(p.Future, runtime.Goexit)
				go p.Resolve(1)
				c.noSuccess(f)
			},
		},
		{
			ID: "6.6", Title: "The siblings of a continuation that exits run, and what follows it goes on",
			needs: promises | then | catch,
			run:   func(c *check) { c.siblingsOf(then6) },
		},
		{
			ID: "6.7", Title: "A deferred function that panics during a Goexit harms nobody",
			Why:   "the goroutine goes on exiting after such a panic was recovered: nothing runs behind it",
			needs: goes | then | catch,
			run: func(c *check) {
				gate, open := c.gate()
				f := c.Go(context.Background(), func(context.Context) (int, error) {
					defer panic("boom")
					<-gate
					runtime.Goexit()
					return 7, nil
				})
				g := c.Catch(c.Then(f, double), func(context.Context, error) (int, error) { return 3, nil })
				open()
				c.noSuccess(f)
				c.value(g, 3)
			},
		},
		{
			ID: "6.8", Title: "All of a future whose function exits fails",
			needs: goes | all,
			run: func(c *check) {
				f := c.Go(context.Background(), func(context.Context) (int, error) { return 1, nil })
				_, err := c.outcomes(c.All(f, c.Go(context.Background(), exit)))
				c.want(err != nil, "a Goexit counts as a success")
				c.noCancel(err)
			},
		},
	}
}

// noSuccess: f settles, and not with a value.
func (c *check) noSuccess(f Future) {
	_, err := c.outcome(f)
	c.want(err != nil, "it counts as a success")
	c.noCancel(err)
}

// siblingsOf chains bad between two siblings, and a chain behind bad.
func (c *check) siblingsOf(bad func(context.Context, int) (int, error)) {
	for first := range 3 {
		p := c.promise()
		var siblings []Future
		var f Future
		for i := range 3 {
			if i == first {
				f = c.Then(p.Future, bad)
			} else {
				siblings = append(siblings, c.Then(p.Future, double))
			}
		}
		g := c.Catch(c.Then(f, double), func(context.Context, error) (int, error) {
			return 5, nil
		})
		go p.Resolve(1)
		for _, s := range siblings {
			c.value(s, 2)
		}
		c.noSuccess(f)
		c.value(g, 5)
	}
}
