package futuretest

import (
	"context"
	"sync"
)

// racers is how many goroutines meet where a rule is about a race.
const racers = 64

func settling() []Rule {
	return []Rule{
		{
			ID: "1.1", Title: "A resolved promise gives its value, to each Await",
			needs: promises,
			run: func(c *check) {
				p := c.promise()
				c.pending(p.Future, "before anybody settled it")
				c.returns("Resolve", func() { p.Resolve(1) })
				c.value(p.Future, 1)
				c.value(p.Future, 1)
			},
		},
		{
			ID: "1.2", Title: "A rejected promise gives its error, unchanged, to each Await",
			needs: promises,
			run: func(c *check) {
				p := c.promise()
				c.returns("Reject", func() { p.Reject(errBoom) })
				c.failure(p.Future, errBoom)
				c.failure(p.Future, errBoom)
			},
		},
		{
			ID: "1.3", Title: "The first settler decides, later ones change nothing",
			needs: promises,
			run: func(c *check) {
				p, q := c.promise(), c.promise()
				c.returns("Resolve", func() { p.Resolve(1) })
				c.returns("a later Resolve", func() { p.Resolve(2) })
				c.returns("a later Reject", func() { p.Reject(errBoom) })
				c.value(p.Future, 1)
				c.returns("Reject", func() { q.Reject(errBoom) })
				c.returns("a later Resolve", func() { q.Resolve(2) })
				c.failure(q.Future, errBoom)
			},
		},
		{
			ID: "1.4", Title: "Resolve and Reject report whether they were the first",
			Why:   "whoever loses still owns what it made, and has to close it",
			needs: promises | tells,
			run: func(c *check) {
				p, q := c.promise(), c.promise()
				c.want(p.Resolve(1), "the first Resolve reports false")
				c.want(!p.Resolve(1), "a second Resolve reports true")
				c.want(!p.Reject(errBoom), "a Reject after a Resolve reports true")
				c.want(q.Reject(errBoom), "the first Reject reports false")
				c.want(!q.Resolve(1), "a Resolve after a Reject reports true")
			},
		},
		{
			ID: "1.5", Title: "When many settle at once, all who await see the same",
			needs: promises,
			run: func(c *check) {
				p := c.promise()
				seen := c.awaitMany(p.Future, racers)
				c.resolveMany(p)
				first := <-seen
				for range racers - 1 {
					c.want(<-seen == first, "two who awaited saw different values")
				}
				c.value(p.Future, first)
			},
		},
		{
			ID: "1.6", Title: "When many settle at once, exactly one wins, with the value that is seen",
			needs: promises | tells,
			run: func(c *check) {
				p := c.promise()
				won := c.resolveMany(p)
				c.want(len(won) == 1, "%d settlers won", len(won))
				c.value(p.Future, won[0])
			},
		},
		{
			ID: "1.7", Title: "Settling wakes everybody who awaits",
			needs: promises,
			run: func(c *check) {
				p := c.promise()
				seen := c.awaitMany(p.Future, racers)
				c.rest()
				c.returns("Resolve", func() { p.Resolve(1) })
				for range racers {
					c.returns("an Await among many", func() { <-seen })
				}
			},
		},
		{
			ID: "1.8", Title: "What was written before Resolve is seen after Await",
			Why:   "only the race detector sees it: run with -race",
			needs: promises,
			run: func(c *check) {
				p := c.promise()
				written := 0
				go func() {
					written = 1
					p.Resolve(1)
				}()
				_, _ = p.Future.Await(context.Background())
				c.want(written == 1, "the write is lost")
			},
		},
		{
			ID: "1.9", Title: "Done closes when the future settles, not before, and each time it is asked for",
			needs: promises | done,
			run: func(c *check) {
				p := c.promise()
				early := c.Done(p.Future)
				c.rest()
				c.want(!isClosed(early), "Done is closed before the future has settled")
				c.returns("Resolve", func() { p.Resolve(1) })
				c.rest()
				c.want(isClosed(early), "Done is not closed although the future has settled")
				c.want(isClosed(c.Done(p.Future)), "a second Done is not closed")
			},
		},
		{
			ID: "1.10", Title: "A settled future answers although the ctx of Await has ended",
			Why:   "else it is chance whether a result that is there reaches its user",
			needs: promises | isStopped,
			run: func(c *check) {
				p := c.promise()
				c.returns("Resolve", func() { p.Resolve(1) })
				c.value(p.Future, 1)
				ctx, cancel := context.WithCancel(context.Background())
				cancel()
				for range racers { // a select between both would answer either way
					v, err := p.Future.Await(ctx)
					c.want(err == nil && v == 1, "want 1, got %d and %v", v, err)
				}
			},
		},
		{
			ID: "1.11", Title: "Resolved is settled with its value",
			needs: resolved,
			run:   func(c *check) { c.value(c.Resolved(1), 1) },
		},
		{
			ID: "1.12", Title: "Failed is settled with its error",
			needs: failed,
			run:   func(c *check) { c.failure(c.Failed(errBoom), errBoom) },
		},
	}
}

// awaitMany awaits f n times, and sends what is seen: -1 for an error.
func (c *check) awaitMany(f Future, n int) <-chan int {
	seen := make(chan int, n)
	for range n {
		go func() {
			v, err := f.Await(context.Background())
			if err != nil {
				v = -1
			}
			seen <- v
		}()
	}
	return seen
}

// resolveMany settles p from many goroutines at once, each with a value of its
// own, and returns those that were told that they won.
func (c *check) resolveMany(p Promise) (won []int) {
	var (
		mu    sync.Mutex
		all   sync.WaitGroup
		start = make(chan struct{})
	)
	for i := range racers {
		all.Go(func() {
			<-start
			if p.Resolve(i) {
				mu.Lock()
				defer mu.Unlock()
				won = append(won, i)
			}
		})
	}
	close(start)
	c.returns("Resolve by many", all.Wait)
	return won
}

func isClosed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}
