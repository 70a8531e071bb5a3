package future_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/future"
)

// Random histories of a Loader: which batches are sent, when, with which keys,
// whose ctx ends, and what each caller gets.
func TestLoader_AgainstAModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		plan := drawLoaderPlan(rt)
		var fault string
		synctest.Test(t, func(t *testing.T) { fault = plan.run(t) })
		if fault != "" {
			rt.Fatal(fault)
		}
	})
}

type loaderPlan struct {
	max   int
	steps []memoStep
}

func drawLoaderPlan(rt *rapid.T) loaderPlan {
	p := loaderPlan{max: rapid.IntRange(1, 6).Draw(rt, "max")}
	pauses := rapid.SampledFrom([]time.Duration{0, 0, 1, 1, 5, 20, 50})
	ops := rapid.SampledFrom([]string{"go", "go", "get", "get", "leave", "leave", "flip"})
	for range rapid.IntRange(1, 60).Draw(rt, "steps") {
		p.steps = append(p.steps, memoStep{
			pause: pauses.Draw(rt, "pause") * time.Millisecond,
			op:    ops.Draw(rt, "op"),
			key:   rapid.IntRange(0, 7).Draw(rt, "key"),
			who:   rapid.IntRange(0, 1000).Draw(rt, "who"),
		})
	}
	return p
}

const (
	modelWindow = 10 * time.Millisecond
	modelLoad   = 25 * time.Millisecond
)

// How a batch ends.
const (
	loadsAll = iota
	loadsSome
	loadsNone
	loadModes
)

// loaderModel has each batch that was ever opened, in order.
type loaderModel struct {
	max     int
	mode    int
	batches []*modelBatch
}

type modelBatch struct {
	opened, sent time.Duration
	isSent       bool
	over         bool // settled, or of nobody
	mode         int
	keys         []int // as asked for; as sent, once it is
	callers      map[int][]*modelCall
}

func (b *modelBatch) live() (n int) {
	for _, cs := range b.callers {
		for _, c := range cs {
			if !c.settled {
				n++
			}
		}
	}
	return n
}

func (m *loaderModel) send(b *modelBatch, now time.Duration) {
	b.isSent, b.sent, b.mode = true, now, m.mode
	b.keys = slices.DeleteFunc(b.keys, func(k int) bool {
		return !slices.ContainsFunc(b.callers[k], func(c *modelCall) bool { return !c.settled })
	})
}

func (m *loaderModel) advance(now time.Duration) {
	for _, b := range m.batches {
		if !b.over && !b.isSent && b.opened+modelWindow <= now {
			m.send(b, b.opened+modelWindow)
		}
		if !b.over && b.isSent && b.sent+modelLoad <= now {
			b.over = true
			for k, cs := range b.callers {
				for _, c := range cs {
					if !c.settled {
						c.settled = true
						c.value, c.err = loads(b.mode, k)
					}
				}
			}
		}
	}
}

// loads is what a key comes to.
func loads(mode, k int) (int, error) {
	switch {
	case mode == loadsNone || mode == loadsSome && k%3 == 1:
		return 0, errDisk
	case mode == loadsSome && k%3 == 2:
		return 0, future.ErrMissingKey
	}
	return k * 10, nil
}

func (m *loaderModel) ask(now time.Duration, k int) *modelCall {
	c := new(modelCall)
	var b *modelBatch
	if n := len(m.batches); n > 0 && !m.batches[n-1].isSent && !m.batches[n-1].over {
		b = m.batches[n-1]
	} else {
		b = &modelBatch{opened: now, callers: map[int][]*modelCall{}}
		m.batches = append(m.batches, b)
	}
	if !slices.Contains(b.keys, k) {
		b.keys = append(b.keys, k)
	}
	b.callers[k] = append(b.callers[k], c)
	if len(b.keys) == m.max {
		m.send(b, now)
	}
	return c
}

func (m *loaderModel) leave(c *modelCall) {
	if c.settled {
		return
	}
	c.settled, c.left = true, true
	for _, b := range m.batches {
		b.over = b.over || b.live() == 0
	}
}

func (m *loaderModel) sent() (keys [][]int) {
	for _, b := range m.batches {
		if b.isSent {
			keys = append(keys, b.keys)
		}
	}
	return keys
}

// loads answers as the model does, and notes what it was asked for.
type modelSource struct {
	mu      sync.Mutex
	mode    int
	batches [][]int
	running int
}

func (s *modelSource) load(ctx context.Context, keys []int) (map[int]int, error) {
	s.mu.Lock()
	mode := s.mode
	s.batches = append(s.batches, slices.Clone(keys))
	s.running++
	s.mu.Unlock()
	defer func() { s.mu.Lock(); s.running--; s.mu.Unlock() }()
	select {
	case <-time.After(modelLoad):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if mode == loadsNone {
		return nil, errDisk
	}
	values, failed := map[int]int{99: 99}, future.KeyErrors[int]{}
	for _, k := range keys {
		v, err := loads(mode, k)
		switch err {
		case nil:
			values[k] = v
		case errDisk:
			failed[k] = err
		}
	}
	return values, failed
}

func (p loaderPlan) run(t *testing.T) string {
	s, model := &modelSource{}, &loaderModel{max: p.max}
	l := future.NewLoader(s.load, future.BatchWindow(modelWindow), future.MaxBatch(p.max))
	begin := time.Now()
	var callers []memoCaller
	check := func() string {
		running := 0
		for _, b := range model.batches {
			if b.isSent && !b.over {
				running++
			}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if want := model.sent(); !slices.EqualFunc(s.batches, want, slices.Equal) || s.running != running {
			return fmt.Sprintf("sent %v, %d of them run; want %v, %d", s.batches, s.running, want, running)
		}
		for i, c := range callers {
			r, settled := c.got.Poll()
			if errors.Is(r.Err, future.ErrMissingKey) && errors.Is(c.err, future.ErrMissingKey) {
				r.Err = c.err
			}
			if d := c.differs(r, settled); d != "" {
				return fmt.Sprintf("caller %d %s", i, d)
			}
		}
		return ""
	}
	for i, step := range append(p.steps, memoStep{pause: time.Hour}) {
		time.Sleep(step.pause)
		synctest.Wait()
		now := time.Since(begin)
		model.advance(now)
		switch step.op {
		case "go", "get":
			ctx, leave := context.WithCancelCause(t.Context())
			ask := l.Go
			if step.op == "get" {
				ask = func(ctx context.Context, k int) *future.Future[int] {
					return future.Go(context.WithoutCancel(ctx), func(context.Context) (int, error) { return l.Get(ctx, k) })
				}
			}
			callers = append(callers, memoCaller{model.ask(now, step.key), ask(ctx, step.key), leave})
		case "leave":
			if len(callers) > 0 {
				c := callers[step.who%len(callers)]
				model.leave(c.modelCall)
				c.leave(errCause)
			}
		case "flip":
			model.mode = (model.mode + 1) % loadModes
			s.mu.Lock()
			s.mode = model.mode
			s.mu.Unlock()
		}
		synctest.Wait()
		if fault := check(); fault != "" {
			return fmt.Sprintf("step %d, %s %d: %s", i, step.op, step.key, fault)
		}
	}
	for _, c := range callers {
		c.leave(nil)
	}
	require.Zero(t, s.running)
	return ""
}
