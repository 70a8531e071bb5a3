package ring_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/internal/ring"
)

// One goroutine at a time: the ring is a slice with a limit, of which held
// places take their part.
func TestAgainstASlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 9).Draw(t, "limit")
		r := ring.NearWrap[int](limit, rapid.Uint64Range(0, 20).Draw(t, "wraps"))
		var model []int
		closed, next, held := false, 0, 0
		want := func() ring.Status {
			switch {
			case closed:
				return ring.Closed
			case len(model)+held == limit:
				return ring.Full
			}
			return ring.Pushed
		}
		t.Repeat(map[string]func(*rapid.T){
			"push": func(t *rapid.T) {
				is := want()
				require.Equal(t, is, r.Push(next))
				if is == ring.Pushed {
					model = append(model, next)
				}
				next++
			},
			"hold": func(t *rapid.T) {
				is := want()
				require.Equal(t, is, r.Hold())
				if is == ring.Pushed {
					held++
				}
			},
			"release": func(t *rapid.T) {
				if held > 0 {
					held--
					r.Release()
				}
			},
			"pop": func(t *rapid.T) {
				v, ok := r.Pop()
				require.Equal(t, len(model) > 0, ok)
				if ok {
					require.Equal(t, model[0], v)
					model = model[1:]
				}
			},
			"close": func(t *rapid.T) {
				switch rapid.IntRange(0, 40).Draw(t, "rarely") {
				case 0:
					r.Close()
					closed = true
				case 1:
					require.Equal(t, !closed && len(model)+held == 0, r.CloseEmpty())
					closed = closed || len(model)+held == 0
				}
			},
			"": func(t *rapid.T) {
				require.Equal(t, len(model), r.Len())
				require.Equal(t, len(model) > 0, r.Ready())
				require.Equal(t, closed, r.IsClosed())
			},
		})
	})
}

// Pushes and holds race for the places of one limit.
func TestHeldPlacesCountExactly(t *testing.T) {
	const rounds = 100_000
	for _, limit := range []int64{1, 2} {
		r := ring.New[int](int(limit))
		var inside atomic.Int64 // never too high: counted when the place is taken and until it is given back
		use := func() {
			if n := inside.Add(1); n > limit {
				t.Errorf("%d places of %d", n, limit)
			}
			inside.Add(-1)
		}
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				for range rounds {
					if r.Push(1) == ring.Pushed {
						use()
						for _, ok := r.Pop(); !ok; _, ok = r.Pop() {
							runtime.Gosched() // a push before ours is under way
						}
					}
				}
			})
		}
		wg.Go(func() {
			for range rounds {
				if r.Hold() == ring.Pushed {
					use()
					r.Release()
				}
			}
		})
		wg.Wait()
		require.Zero(t, r.Len())
	}
}

func TestEverythingArrivesOnceAndInOrder(t *testing.T) {
	const producers, each = 4, 5000
	for _, limit := range []int{1, 3, 64} {
		r := ring.New[[2]int](limit)
		var producing, consuming sync.WaitGroup
		for p := range producers {
			producing.Go(func() {
				for i := range each {
					for r.Push([2]int{p, i}) == ring.Full {
						runtime.Gosched()
					}
				}
			})
		}
		got := make([][][2]int, 3)
		for c := range got {
			consuming.Go(func() {
				for {
					closed := r.IsClosed()
					v, ok := r.Pop()
					switch {
					case ok:
						got[c] = append(got[c], v)
					case closed:
						return
					default:
						runtime.Gosched()
					}
				}
			})
		}
		producing.Wait()
		r.Close()
		consuming.Wait()
		count := map[[2]int]int{}
		for _, vs := range got {
			last := [producers]int{-1, -1, -1, -1}
			for _, v := range vs {
				require.Greater(t, v[1], last[v[0]], "a producer's values stay in order")
				last[v[0]] = v[1]
				count[v]++
			}
		}
		require.Len(t, count, producers*each)
		for v, n := range count {
			require.Equal(t, 1, n, v)
		}
	}
}

type op struct {
	push  bool
	value int
}

type result struct {
	status ring.Status
	value  int
	ok     bool
}

// model is a bounded queue that may turn a push away, and may look empty, only
// when it is; both with one exception: an operation under way on another
// goroutine counts as it likes, which is why the histories below keep clear of
// the limit.
var model = porcupine.Model{
	Init: func() any { return []int(nil) },
	Step: func(state, input, output any) (bool, any) {
		q, in, out := state.([]int), input.(op), output.(result)
		if in.push {
			return out.status == ring.Pushed, append(q[:len(q):len(q)], in.value)
		}
		if !out.ok {
			return true, q // a push that began before it may still be under way
		}
		return len(q) > 0 && q[0] == out.value, q[min(1, len(q)):]
	},
	Equal: func(a, b any) bool {
		x, y := a.([]int), b.([]int)
		if len(x) != len(y) {
			return false
		}
		for i := range x {
			if x[i] != y[i] {
				return false
			}
		}
		return true
	},
}

func TestLinearizable(t *testing.T) {
	for round := range 100 {
		r := ring.New[int](64)
		start := time.Now()
		var mu sync.Mutex
		var history []porcupine.Operation
		var wg sync.WaitGroup
		for client := range 4 {
			wg.Go(func() {
				for i := range 10 {
					in := op{push: (client+i+round)%2 == 0, value: client*100 + i}
					call := time.Since(start).Nanoseconds()
					var out result
					if in.push {
						out.status = r.Push(in.value)
					} else {
						out.value, out.ok = r.Pop()
					}
					back := time.Since(start).Nanoseconds()
					mu.Lock()
					history = append(history, porcupine.Operation{ClientId: client, Input: in, Call: call, Output: out, Return: back})
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		require.True(t, porcupine.CheckOperations(model, history))
	}
}

func TestPanicsWithoutALimit(t *testing.T) {
	require.Panics(t, func() { ring.New[int](0) })
}
