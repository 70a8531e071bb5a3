package ratelimit_test

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/ratelimit"
)

// call is one call on a limiter of a token a microsecond and a burst of four,
// at a time in nanoseconds that the caller names.
type call struct {
	kind int // 0 AllowN, 1 ReserveN, 2 SetBurstAt
	at   int64
	n    int
}

type bucketState struct {
	spent int64
	burst int64
}

// bucketModel is the bucket one call at a time. What a reservation is told is
// its result.
var bucketModel = porcupine.Model{
	Init: func() any { return bucketState{spent: -1e9 - 3000, burst: 4} },
	Step: func(state, input, output any) (bool, any) {
		const interval = 1000
		s, c := state.(bucketState), input.(call)
		got := output.(int64)
		s.spent = max(s.spent, c.at-s.burst*interval)
		if c.kind == 2 {
			s.spent = max(s.spent, c.at-int64(c.n)*interval)
			s.burst = int64(c.n)
			return true, s
		}
		end := s.spent + int64(c.n)*interval
		switch {
		case int64(c.n) > s.burst, c.kind == 0 && end > c.at:
			return got == -1, state
		default:
			s.spent = end
			return got == max(end-c.at, 0), s
		}
	},
	Equal: func(a, b any) bool { return a == b },
}

func (c call) do(l *ratelimit.Limiter) int64 {
	at := origin.Add(time.Duration(c.at))
	switch c.kind {
	case 0:
		if l.AllowN(at, c.n) {
			return 0
		}
		return -1
	case 1:
		if r := l.ReserveN(at, c.n); r.OK() {
			return int64(r.DelayFrom(at))
		}
		return -1
	default:
		l.SetBurstAt(at, c.n)
		return 0
	}
}

// Under concurrency every history is one that a lock around a plain bucket
// could have had, whatever the order of the timestamps.
func TestLinearizable(t *testing.T) {
	for name, kinds := range map[string]int{"Allow": 1, "Reserve too": 2, "SetBurst too": 3} {
		t.Run(name, func(t *testing.T) {
			for round := range 50 {
				seed := rand.Uint64()
				l := ratelimit.NewLimiter(ratelimit.Every(time.Microsecond), 4)
				require.True(t, l.AllowN(origin.Add(-time.Second), 1))
				var (
					clock   atomic.Int64
					mu      sync.Mutex
					history []porcupine.Operation
					wg      sync.WaitGroup
				)
				for client := range 4 {
					random := rand.New(rand.NewPCG(seed, uint64(client)))
					wg.Go(func() {
						for i := range 12 {
							c := call{at: int64(i)*1500 + random.Int64N(6000), n: 1 + random.IntN(3)}
							if c.kind = random.IntN(10); c.kind >= kinds {
								c.kind = 0
							}
							op := porcupine.Operation{ClientId: client, Input: c, Call: clock.Add(1)}
							op.Output = c.do(l)
							op.Return = clock.Add(1)
							mu.Lock()
							history = append(history, op)
							mu.Unlock()
						}
					})
				}
				wg.Wait()
				result := porcupine.CheckOperationsTimeout(bucketModel, history, 10*time.Second)
				require.Equal(t, porcupine.Ok, result, "round %d, seed %d", round, seed)
			}
		})
	}
}

// As many are let through at once as there are tokens, not one more.
func TestSimultaneousAllow(t *testing.T) {
	l := ratelimit.NewLimiter(ratelimit.Every(time.Hour), 500)
	var let atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				if l.Allow() {
					let.Add(1)
				}
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 500, let.Load())
}

// Whoever meets a bucket that is being replaced asks the next one.
func TestAllowDuringSetLimit(t *testing.T) {
	l := ratelimit.NewLimiter(1, 1e9)
	var wg sync.WaitGroup
	var done atomic.Bool
	for range 4 {
		wg.Go(func() {
			for !done.Load() {
				if !l.Allow() || !l.Reserve().OK() || l.Wait(t.Context()) != nil {
					t.Error("refused, of a billion tokens")
					return
				}
			}
		})
	}
	for i := range 2000 {
		l.SetLimit(ratelimit.Limit(1 + i%7))
	}
	done.Store(true)
	wg.Wait()
}

// The same calls one at a time, in many more orders.
func TestSequentialAgainstModel(t *testing.T) {
	for seed := range uint64(2000) {
		random := rand.New(rand.NewPCG(seed, 0))
		l := ratelimit.NewLimiter(ratelimit.Every(time.Microsecond), 4)
		require.True(t, l.AllowN(origin.Add(-time.Second), 1))
		state := bucketModel.Init()
		for i := range 20 {
			c := call{kind: random.IntN(3), at: int64(i)*500 + random.Int64N(6000), n: 1 + random.IntN(3)}
			var ok bool
			ok, state = bucketModel.Step(state, c, c.do(l))
			require.True(t, ok, "seed %d, step %d: %v", seed, i, c)
		}
	}
}
