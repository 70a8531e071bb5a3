package future_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/thence-go/thence/future"
)

// Random histories of a Memo whose calls take time: callers come and leave, calls
// fail, results are forgotten, expire, are refreshed and evicted. At every step
// the number of calls, what each caller got and how much is kept are the model's.
func TestMemo_AgainstAModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		plan := drawMemoPlan(rt)
		var fault string
		synctest.Test(t, func(t *testing.T) { fault = plan.run(t) })
		if fault != "" {
			rt.Fatal(fault)
		}
	})
}

type memoPlan struct {
	room                 int
	keepsFailures, ahead bool
	steps                []memoStep
}

type memoStep struct {
	pause    time.Duration
	op       string
	key, who int
}

// drawMemoPlan draws before there is a bubble: rapid ends what it has seen
// enough of by a panic.
func drawMemoPlan(rt *rapid.T) memoPlan {
	p := memoPlan{
		room:          rapid.IntRange(1, 4).Draw(rt, "room"),
		keepsFailures: rapid.Bool().Draw(rt, "keeps failures"),
		ahead:         rapid.Bool().Draw(rt, "refreshes"),
	}
	pauses := rapid.SampledFrom([]time.Duration{1, 1, 1, 100, 700, 1500, 4000})
	ops := rapid.SampledFrom([]string{"go", "get", "get", "leave", "forget", "flip"})
	for range rapid.IntRange(1, 80).Draw(rt, "steps") {
		p.steps = append(p.steps, memoStep{
			pause: pauses.Draw(rt, "pause") * time.Millisecond,
			op:    ops.Draw(rt, "op"),
			key:   rapid.IntRange(0, 4).Draw(rt, "key"),
			who:   rapid.IntRange(0, 1000).Draw(rt, "who"),
		})
	}
	return p
}

// memoCaller is a caller of the Memo and its double in the model.
type memoCaller struct {
	*modelCall
	got   *future.Future[int]
	leave context.CancelCauseFunc
}

func (p memoPlan) run(t *testing.T) (fault string) {
	model := &memoModel{
		took:  time.Second,
		ttl:   10*time.Second + 1, // off the grid, so that no two things happen at once
		ahead: -1 << 60,
		room:  p.room,
	}
	options := []future.MemoOption{future.TTL(model.ttl), future.MaxEntries(model.room)}
	if p.keepsFailures {
		model.errTTL = 3*time.Second + 2
		options = append(options, future.NegativeTTL(model.errTTL))
	}
	if p.ahead {
		model.ahead = 4*time.Second + 3
		options = append(options, future.RefreshAhead(model.ahead))
	}
	var calls atomic.Int64
	var failing atomic.Bool
	m := future.NewMemo(func(ctx context.Context, _ int) (int, error) {
		n, fails := int(calls.Add(1)), failing.Load()
		select {
		case <-time.After(model.took):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		if fails {
			return 0, errDisk
		}
		return n, nil
	}, options...)

	begin := time.Now()
	var callers []memoCaller
	defer func() {
		for _, c := range callers {
			c.leave(errCause)
		}
		time.Sleep(time.Minute)
		if fault == "" && m.Flights() != 0 {
			fault = "calls are left behind"
		}
	}()
	for step, s := range p.steps {
		time.Sleep(s.pause)
		synctest.Wait()
		now := time.Since(begin)
		model.advance(now)
		k := s.key
		switch s.op {
		case "go", "get":
			ctx, leave := context.WithCancelCause(t.Context())
			ask := m.Go
			if s.op == "get" {
				ask = func(ctx context.Context, k int) *future.Future[int] {
					return future.Go(context.WithoutCancel(ctx), func(context.Context) (int, error) { return m.Get(ctx, k) })
				}
			}
			callers = append(callers, memoCaller{model.ask(now, k), ask(ctx, k), leave})
		case "leave":
			if len(callers) > 0 {
				c := callers[s.who%len(callers)]
				model.leave(c.modelCall)
				c.leave(errCause)
			}
		case "forget":
			model.forget(k)
			m.Forget(k)
		case "flip":
			model.failing = !model.failing
			failing.Store(model.failing)
		}
		synctest.Wait()
		if int(calls.Load()) != model.calls || m.Len() != len(model.kept) {
			return fmt.Sprintf("step %d, %s: %d calls, %d kept; want %d, %d", step, s.op, calls.Load(), m.Len(), model.calls, len(model.kept))
		}
		for i, c := range callers {
			r, settled := c.got.Poll()
			if d := c.differs(r, settled); d != "" {
				return fmt.Sprintf("step %d, %s: caller %d %s", step, s.op, i, d)
			}
		}
	}
	return ""
}
