package ratelimit_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/ratelimit"
)

// The semaphore of the textbook: a list of those who wait, looked through from
// the front whenever anything has happened.
type naiveRoom struct {
	size, used int64
	line       []naiveWaiter
	in         map[int]int64
}

type naiveWaiter struct {
	id int
	n  int64
}

func (m *naiveRoom) settle() {
	for len(m.line) > 0 && m.used+m.line[0].n <= m.size {
		m.used += m.line[0].n
		m.in[m.line[0].id] = m.line[0].n
		m.line = m.line[1:]
	}
}

// act is one step of a drawn history: what its numbers mean is up to the test.
type act struct{ Kind, N, X int }

func drawActs(t *rapid.T, kinds, n, x, most int) []act {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) act {
		return act{rapid.IntRange(0, kinds-1).Draw(t, "kind"), rapid.IntRange(0, n).Draw(t, "n"), rapid.IntRange(0, x).Draw(t, "x")}
	}), 1, most).Draw(t, "acts")
}

// bubble runs play, which returns what is wrong, in a bubble inside of rapid.
func bubble(t *testing.T, rt *rapid.T, play func(ctx context.Context) string) {
	var wrong string
	synctest.Test(t, func(t *testing.T) { wrong = play(t.Context()) })
	if wrong != "" {
		rt.Fatal(wrong)
	}
}

func TestConcurrencyAgainstNaiveModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.Int64Range(0, 6).Draw(rt, "size")
		acts := drawActs(rt, 6, 4, 6, 40)
		bubble(t, rt, func(ctx context.Context) string { return roomAgainstModel(ctx, size, acts) })
	})
}

func roomAgainstModel(ctx context.Context, size int64, acts []act) string {
	c, m := ratelimit.NewConcurrency(size), &naiveRoom{size: size, in: map[int]int64{}}
	var (
		mu   sync.Mutex
		in   = map[int]int64{}
		stop = map[int]context.CancelFunc{}
		wg   sync.WaitGroup
	)
	defer wg.Wait()
	defer func() {
		for _, cancel := range stop {
			cancel()
		}
	}()
	for id, a := range acts {
		n := int64(a.N)
		switch a.Kind {
		case 0, 1:
			ctx, cancel := context.WithCancel(ctx)
			stop[id] = cancel
			wg.Go(func() {
				if c.Acquire(ctx, n) == nil {
					mu.Lock()
					defer mu.Unlock()
					in[id] = n
				}
			})
			if n <= m.size {
				m.line = append(m.line, naiveWaiter{id, n})
			}
		case 2:
			ok := len(m.line) == 0 && m.used+n <= m.size
			if c.TryAcquire(n) != ok {
				return fmt.Sprintf("TryAcquire(%d) of %v", n, m)
			}
			if ok {
				m.used += n
				m.in[id], in[id] = n, n
			}
		case 3:
			for who, n := range m.in {
				m.used -= n
				delete(m.in, who)
				delete(in, who)
				c.Release(n)
				break
			}
		case 4:
			m.size = int64(a.X)
			c.Resize(m.size)
			m.line = slices.DeleteFunc(m.line, func(w naiveWaiter) bool { return w.n > m.size })
		case 5:
			if k := len(m.line); k > 0 {
				stop[m.line[a.X%k].id]()
				m.line = slices.Delete(m.line, a.X%k, a.X%k+1)
			}
		}
		m.settle()
		synctest.Wait()
		if !maps.Equal(m.in, in) {
			return fmt.Sprintf("after step %d: inside are %v, not %v", id, in, m.in)
		}
	}
	return ""
}

// roomCall is a call on a Concurrency that does not block.
type roomCall struct {
	kind int // 0 TryAcquire, 1 Release, 2 Resize
	n    int64
}

type roomState struct{ size, used int64 }

var roomModel = porcupine.Model{
	Init: func() any { return roomState{size: 4} },
	Step: func(state, input, output any) (bool, any) {
		s, c := state.(roomState), input.(roomCall)
		ok := output.(bool)
		switch c.kind {
		case 0:
			if s.used+c.n > s.size {
				return !ok, s
			}
			s.used += c.n
			return ok, s
		case 1:
			s.used -= c.n
		case 2:
			s.size = c.n
		}
		return true, s
	},
	Equal: func(a, b any) bool { return a == b },
}

func TestConcurrencyLinearizable(t *testing.T) {
	for round := range 50 {
		seed := rand.Uint64()
		c := ratelimit.NewConcurrency(4)
		var (
			clock   atomic.Int64
			mu      sync.Mutex
			history []porcupine.Operation
			wg      sync.WaitGroup
		)
		for client := range 4 {
			random := rand.New(rand.NewPCG(seed, uint64(client)))
			wg.Go(func() {
				var held []int64
				for range 12 {
					call := roomCall{kind: random.IntN(3), n: 1 + random.Int64N(3)}
					if call.kind == 1 {
						if len(held) == 0 {
							continue
						}
						call.n, held = held[0], held[1:]
					}
					op := porcupine.Operation{ClientId: client, Input: call, Call: clock.Add(1)}
					ok := true
					switch call.kind {
					case 0:
						if ok = c.TryAcquire(call.n); ok {
							held = append(held, call.n)
						}
					case 1:
						c.Release(call.n)
					case 2:
						c.Resize(call.n + 1)
						op.Input = roomCall{kind: 2, n: call.n + 1}
					}
					op.Output, op.Return = ok, clock.Add(1)
					mu.Lock()
					history = append(history, op)
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		result := porcupine.CheckOperationsTimeout(roomModel, history, 10*time.Second)
		require.Equal(t, porcupine.Ok, result, "round %d, seed %d", round, seed)
	}
}
