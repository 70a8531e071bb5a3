package pool_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pool"
)

// history is what several clients do to one pool.
type history struct {
	workers, capacity int
	policy            pool.Overflow
	watched           bool
	clients           [][]step
}

type step struct {
	view int // of views
	what string
}

var histories = rapid.Custom(func(t *rapid.T) history {
	h := history{
		workers:  rapid.IntRange(1, 4).Draw(t, "workers"),
		capacity: rapid.IntRange(0, 6).Draw(t, "capacity"),
		policy:   pool.Overflow(rapid.IntRange(0, int(pool.DropNewest)).Draw(t, "policy")),
		watched:  rapid.Bool().Draw(t, "watched"),
	}
	if h.policy >= pool.DropOldest {
		h.capacity++
	}
	steps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		return step{
			view: rapid.IntRange(0, 9).Draw(t, "view"),
			what: rapid.SampledFrom([]string{
				"", "sleep", "fail", "panic", "goexit", "await", "foreach", "blocking", "cancel", "brief", "try", "go", "resize", "rarely",
			}).Draw(t, "what"),
		}
	}), 0, 25)
	h.clients = rapid.SliceOfN(steps, 1, 4).Draw(t, "clients")
	return h
})

func views(p *pool.Pool) []future.Executor {
	sub := p.Sub(2)
	return []future.Executor{
		p, p, p.Priority(pool.High), p.Priority(pool.Low), p.Key(1), p.Key("k").Priority(pool.Low),
		p.Tenant("a", 3), p.Tenant("b", 1).Key(1), sub, sub.Sub(1).Tenant("a", 3).Named("deep").Key(2),
	}
}

// run does all of it. A hang is found by the bubble.
func (h history) run(t *remarks) {
	opts := []pool.Option{pool.Queue(h.capacity, h.policy), pool.IdleTimeout(time.Second)}
	if h.watched {
		opts = append(opts, pool.MeasureTimes(), pool.Origins())
	}
	c := &client{p: pool.New(h.workers, opts...)}
	c.views = views(c.p)
	var wg sync.WaitGroup
	for _, steps := range h.clients {
		wg.Go(func() {
			for _, s := range steps {
				c.do(s)
			}
		})
	}
	wg.Wait()
	err := c.p.Shutdown(context.Background())
	c.followed.Wait()
	synctest.Wait()
	assert.Equal(t, err, c.p.Close())
	if !c.closed.Load() {
		assert.NoError(t, err)
	}
	s := c.p.Stats()
	assert.Equal(t, s.Submitted, s.Completed+s.Failed+s.Canceled+s.Rejected+s.Dropped, "%+v", s)
	assert.Zero(t, s.Running+s.Parked+s.Queued+s.Waiting, "%+v", s)
	assert.Equal(t, uint64(c.submitted.Load()), s.Submitted, "%+v", s)
	keys, _ := c.p.Remembered()
	assert.Zero(t, keys)
}

type client struct {
	p         *pool.Pool
	views     []future.Executor
	submitted atomic.Int64
	closed    atomic.Bool
	followed  sync.WaitGroup
}

func (c *client) do(s step) {
	ctx := context.Background()
	switch s.what {
	case "resize":
		_ = c.p.Resize(1 + s.view%5)
		return
	case "rarely":
		if s.view == 9 {
			c.closed.Store(true)
			_ = c.p.Close()
		}
		return
	case "go", "try":
		g := c.views[s.view].(interface {
			goer
			TryGo(context.Context, func(context.Context)) error
		})
		start := g.TryGo
		if s.what == "go" {
			start = g.Go
		}
		c.submitted.Add(1)
		c.followed.Go(func() { _ = start(ctx, nothing) })
		return
	case "brief":
		brief, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		ctx = brief
	}
	c.followed.Go(func() {
		c.submitted.Add(1)
		f := pool.Submit(ctx, c.views[s.view], func(ctx context.Context) (int, error) { return c.task(ctx, s) })
		if s.what == "cancel" {
			f.Cancel(errCause)
		}
		<-f.Done()
	})
}

func (c *client) task(ctx context.Context, s step) (int, error) {
	switch s.what {
	case "sleep", "brief":
		time.Sleep(time.Millisecond)
	case "fail":
		return 0, errDisk
	case "panic":
		panic("boom")
	case "goexit":
		runtime.Goexit()
	case "blocking":
		pool.Blocking(ctx, func() { time.Sleep(time.Millisecond) })
	case "foreach": // on plain tasks, which no key keeps from running
		return 0, pool.ForEach(ctx, counted{c}, []int{1, 2, 3}, func(context.Context, int) error { return nil })
	case "await":
		c.submitted.Add(1)
		return pool.Submit(ctx, c.p, one).Await(ctx)
	}
	return 1, ctx.Err()
}

// counted is the pool, with what ForEach submits counted.
type counted struct{ *client }

func (c counted) Execute(ctx context.Context, t future.Task) error {
	c.submitted.Add(1)
	return c.p.Execute(ctx, t)
}

func TestLaw4_TheBooksBalance(t *testing.T) {
	quiet(t)
	rapid.Check(t, func(rt *rapid.T) {
		h := histories.Draw(rt, "history")
		var wrong remarks
		synctest.Test(t, func(*testing.T) { h.run(&wrong) })
		if len(wrong) > 0 {
			rt.Fatal(wrong[0])
		}
	})
}

// Stats of a busy pool are one picture too: what was submitted is somewhere.
func TestStatsWhileItWorks(t *testing.T) {
	ctx := context.Background()
	p := pool.New(2, pool.Queue(8, pool.Block))
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() {
			on := views(p)[i*4]
			for range stress(3000) {
				f := pool.Submit(ctx, on, func(ctx context.Context) (int, error) {
					if i == 0 {
						return pool.Submit(ctx, p, one).Await(ctx)
					}
					return 0, errors.New("failed")
				})
				_, _ = f.Await(ctx)
			}
		})
	}
	over := make(chan struct{})
	go func() { wg.Wait(); close(over) }()
	var last pool.Stats
	for done := false; !done; {
		select {
		case <-over:
			done = true
		default:
		}
		s := p.Stats()
		ended := s.Completed + s.Failed + s.Canceled + s.Rejected + s.Dropped
		assert.LessOrEqual(t, ended+uint64(s.Queued), s.Submitted, "%+v", s)
		assert.GreaterOrEqual(t, s.Completed, last.Completed)
		assert.GreaterOrEqual(t, s.Submitted, last.Submitted)
		assert.LessOrEqual(t, s.Queued, 8)
		assert.LessOrEqual(t, s.Running, 2)
		last = s
		if t.Failed() {
			break
		}
	}
	<-over
	_ = p.Shutdown(ctx)
	balanced(t, p.Stats())
}
