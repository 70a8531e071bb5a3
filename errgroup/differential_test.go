package errgroup_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	xsync "golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/errgroup"
)

// grouper is what both packages offer.
type grouper interface {
	Go(func() error)
	TryGo(func() error) bool
	SetLimit(int)
	Wait() error
}

// step is one action of a random program.
type step struct {
	do  string
	arg int
}

func steps(rt *rapid.T) []step {
	return rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) step {
		do := rapid.SampledFrom([]string{"go", "go", "go", "trygo", "trygo", "release", "release", "fail", "wait", "limit"}).Draw(rt, "do")
		return step{do, rapid.IntRange(-1, 4).Draw(rt, "arg")}
	}), 1, 40).Draw(rt, "program")
}

// play runs a program and tells, after each step, what can be seen from
// outside: what runs, who is blocked, what was refused, the error, the cause.
func play(t *testing.T, program []step, with func(context.Context) (grouper, context.Context)) (seen []string) {
	synctest.Test(t, func(t *testing.T) {
		g, ctx := with(context.Background())
		gates := map[int]chan int{} // what ends the functions: 0 nil, else an error
		open := 0                   // callers of Go and functions since the last Wait
		var mu sync.Mutex
		var running []int // functions inside
		blocked := 0      // callers inside Go
		count := func(n int) {
			mu.Lock()
			defer mu.Unlock()
			blocked += n
		}
		inside := func() []int {
			mu.Lock()
			defer mu.Unlock()
			return slices.Sorted(slices.Values(running))
		}
		fn := func(id int) func() error {
			gate := gates[id]
			return func() error {
				mu.Lock()
				running = append(running, id)
				mu.Unlock()
				arg := <-gate
				mu.Lock()
				running = slices.DeleteFunc(running, func(r int) bool { return r == id })
				mu.Unlock()
				if arg != 0 {
					return fmt.Errorf("error of %d", id)
				}
				return nil
			}
		}
		newID := func(id int) func() error {
			gates[id] = make(chan int)
			return fn(id)
		}
		settle := func(result int) {
			now := inside()
			if len(now) == 0 {
				return
			}
			gates[now[0]] <- result
			open--
			synctest.Wait()
		}
		limit := -1
		for id, s := range program {
			note := ""
			switch s.do {
			case "go":
				if limit == 0 {
					continue // blocks for ever, in both
				}
				f := newID(id)
				open++
				count(1)
				go func() { defer count(-1); g.Go(f) }()
			case "trygo":
				ok := g.TryGo(newID(id))
				if ok {
					open++
				}
				note = fmt.Sprint(ok)
			case "release":
				settle(0)
			case "fail":
				settle(1)
			case "wait", "limit":
				for open > 0 {
					settle(0)
				}
				note = fmt.Sprint(g.Wait())
				if s.do == "limit" {
					limit = s.arg
					g.SetLimit(limit)
				}
			}
			synctest.Wait()
			now := inside()
			mu.Lock()
			seen = append(seen, fmt.Sprintf("%s %d: %s running %v blocked %d cause %v", s.do, s.arg, note, now, blocked, context.Cause(ctx)))
			mu.Unlock()
		}
		for open > 0 {
			settle(0)
		}
		seen = append(seen, fmt.Sprint(g.Wait(), context.Cause(ctx)))
	})
	return seen
}

func TestXSync_SameBehavior(t *testing.T) {
	ours := func(ctx context.Context) (grouper, context.Context) { return errgroup.WithContext(ctx) }
	theirs := func(ctx context.Context) (grouper, context.Context) { return xsync.WithContext(ctx) }
	rapid.Check(t, func(rt *rapid.T) {
		program := steps(rt)
		require.Equal(rt, play(t, program, theirs), play(t, program, ours))
	})
}
