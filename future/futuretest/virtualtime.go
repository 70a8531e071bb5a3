package futuretest

import (
	"context"
	"runtime"
	"time"
)

func virtualTime() []Rule {
	return []Rule{
		{
			ID: "9.1", Title: "In a synctest bubble, work that sleeps for an hour takes an hour of its clock",
			needs: goes,
			run: func(c *check) {
				start := time.Now()
				f := c.Go(context.Background(), func(context.Context) (int, error) { time.Sleep(time.Hour); return 1, nil })
				v, err := f.Await(context.Background())
				c.want(v == 1 && err == nil, "want 1, got %d and %v", v, err)
				took := time.Since(start)
				c.want(took == time.Hour, "it took %v", took)
			},
		},
		{
			ID: "9.2", Title: "Await gives up when the deadline of its ctx passes, neither sooner nor later",
			needs: promises | isStopped,
			run: func(c *check) {
				p := c.promise()
				start := time.Now()
				ctx, stop := context.WithTimeout(context.Background(), time.Minute)
				defer stop()
				_, err := p.Future.Await(ctx)
				c.want(err != nil && c.StoppedWaiting(err), "want a wait that was given up, got %v", err)
				took := time.Since(start)
				c.want(took == time.Minute, "it took %v", took)
			},
		},
		{
			ID: "9.3", Title: "It works in a second bubble too",
			Why:   "a channel or a goroutine that outlives its bubble ends the process in the next one",
			needs: goes, where: inTwo,
			run: func(c *check) {
				gate, open := c.gate()
				f := c.Go(context.Background(), func(context.Context) (int, error) { <-gate; return 1, nil })
				other := c.awaitMany(f, racers)
				c.rest()
				open()
				c.value(f, 1)
				for range racers {
					<-other
				}
			},
		},
		{
			ID: "9.4", Title: "The same, of promises and chains",
			needs: promises | then, where: inTwo,
			run: func(c *check) {
				p := c.promise()
				f := c.Then(c.Then(p.Future, double), double)
				c.rest()
				go p.Resolve(1)
				c.value(f, 4)
				c.value(c.Then(p.Future, double), 2)
			},
		},
		{
			ID: "9.5", Title: "A pending promise holds no goroutine, nor does what is chained on it",
			Why:   "a million of them would cost gigabytes, and each one that is forgotten is a leak",
			needs: promises | then,
			run: func(c *check) {
				c.holdsNone(func(p Promise) Future { return c.Then(p.Future, double) })
			},
		},
		{
			ID: "9.6", Title: "All of pending futures holds no goroutine",
			needs: promises | all,
			run: func(c *check) {
				c.holdsNone(func(p Promise) Future { c.All(p.Future, p.Future); return p.Future })
			},
		},
	}
}

// holdsNone builds on many promises and counts goroutines before they settle.
func (c *check) holdsNone(build func(Promise) Future) {
	const n = 1000
	before := runtime.NumGoroutine()
	ps, fs := make([]Promise, n), make([]Future, n)
	for i := range ps {
		ps[i] = c.promise()
		fs[i] = build(ps[i])
	}
	c.rest()
	held := runtime.NumGoroutine() - before
	for i := range ps {
		ps[i].Resolve(1)
		_, _ = c.outcome(fs[i])
	}
	c.want(held < n/10, "%d of them hold %d goroutines", n, held)
}
