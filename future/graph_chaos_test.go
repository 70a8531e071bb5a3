package future_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

// TestGraphsAllAtOnce makes the graphs of TestGraphs while their scripts run on
// several goroutines. Nobody can tell what comes of that, but every future
// settles, once and as its inputs allow, each function is called at most once,
// and nothing hangs or is left.
func TestGraphsAllAtOnce(t *testing.T) {
	quiet(t)
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 0))
	for range stress(500) {
		data := randomBytes(rnd)
		synctest.Test(t, func(t *testing.T) { allAtOnce(t, data) })
		if t.Failed() {
			t.Fatalf("seed %d: %x\n%v", seed, data, readGraph(data))
		}
	}
}

func allAtOnce(t *testing.T, data []byte) {
	g := readGraph(data)
	for i := range g.nodes {
		g.nodes[i].stays %= 4 // so that instants coincide
	}
	w := newWorld(g)
	w.nap = func(at int) time.Duration { return time.Duration(at % 3) }
	const clients = 4
	made := len(g.nodes) * int(data[0]) / 256
	for at := range made {
		w.build(at)
	}
	var together, done sync.WaitGroup
	together.Add(1)
	done.Go(func() {
		together.Wait()
		for at := range g.nodes[made:] {
			w.build(made + at)
		}
	})
	for client := range clients {
		done.Go(func() {
			together.Wait()
			for i := client; i < len(g.script); i += clients {
				if e := g.script[i]; e.act != actStopWaiting && w.alive[e.target].Load() != nil {
					w.doAtOnce(i, e, &done)
				}
			}
		})
	}
	together.Done()
	time.Sleep(time.Second) // those who await may need what only stop settles
	w.stop()
	done.Wait()
	for at, n := range g.nodes {
		if n.op != opFlatCall {
			w.mustBeSettled(t, at)
		}
		require.LessOrEqual(t, w.calls[at].Load(), int64(1), "calls of %d", at)
		if ctx := w.ctxs[at].Load(); ctx != nil {
			require.Error(t, (*ctx).Err(), "the ctx of %d", at)
		}
	}
}

func (w *world) doAtOnce(i int, e event, done *sync.WaitGroup) {
	switch e.act {
	case actAwait, actAwaitCtx:
		ctx, stop := context.Background(), context.CancelFunc(func() {})
		if e.act == actAwaitCtx {
			ctx, stop = context.WithTimeout(ctx, time.Duration(i%4))
		}
		done.Go(func() {
			defer stop()
			_, _ = w.alive[e.target].Load().await(ctx)
		})
	default:
		w.do(i, e)
	}
}

// mustBeSettled checks a node's outcome against those of its inputs.
func (w *world) mustBeSettled(t *testing.T, at int) {
	n, l := w.nodes[at], w.alive[at].Load()
	v, err, ok := l.poll()
	require.True(t, ok, "%d has not settled", at)
	again, errAgain := l.await(t.Context())
	is := w.canon(v, err)
	require.Equal(t, is, w.canon(again, errAgain), "of %d", at)
	<-l.done()

	called := w.calls[at].Load() > 0
	var ins []string
	var errs []error
	failed, over := 0, 0
	if n.op != opFlatMap {
		for _, in := range n.in {
			v, err, _ := w.alive[in].Load().poll()
			ins, errs = append(ins, w.canon(v, err)), append(errs, err)
			if isOver(err) {
				over++
			} else if err != nil {
				failed++
			}
		}
	}
	if called {
		switch n.op {
		case opThen, opMap, opJoin2, opJoin3:
			require.Zero(t, failed+over, "%d was called", at)
		case opCatch:
			require.Equal(t, 1, failed, "%d was called", at)
		}
	}
	if called || isOver(err) || n.op < opThen || n.op == opFlatMap {
		return
	}
	switch n.op {
	case opThen, opMap:
		require.Equal(t, ins[0], is, at)
		require.Equal(t, 1, failed+over, at)
	case opCatch, opShield, opTimeout:
		if _, late := err.(*future.TimeoutError); !late {
			require.Equal(t, ins[0], is, at)
		}
	case opHandle, opFinally:
		require.Fail(t, "not called", "%d: %s", at, is)
	case opFallback:
		if failed > 0 {
			require.Equal(t, fmt.Sprint(at), is)
		} else {
			require.Equal(t, ins[0], is, at)
		}
	case opAll:
		if err == nil {
			require.Equal(t, fmt.Sprint(ins), is, at)
			break
		}
		require.Contains(t, blames(errs), is, at)
	case opJoin2, opJoin3:
		require.Contains(t, blames(errs), is, at)
	case opRace:
		if err == nil {
			require.Contains(t, ins, is, at)
		} else {
			require.Contains(t, blames(errs), is, at)
		}
	case opAny:
		if err == nil {
			require.Contains(t, ins, is, at)
		} else {
			require.Equal(t, len(ins), failed+over, at)
		}
	case opAllSettled:
		require.Equal(t, fmt.Sprint(ins), is, at)
	case opQuorum:
		if err != nil {
			require.Greater(t, failed+over, len(ins)-n.k, at)
			break
		}
		values := 0
		for i, r := range v.([]future.Result[int]) {
			if r.Err == nil {
				values++
			}
			if _, waits := r.Err.(*future.WaitError); !waits {
				require.Equal(t, ins[i], w.canon(r.Value, r.Err), at)
			}
		}
		require.GreaterOrEqual(t, values, n.k, at)
	}
}

// blames tells what a combination may fail with that the first failure decides.
func blames(errs []error) (s []string) {
	for i, err := range errs {
		if err != nil {
			s = append(s, canonError(blame(i, err)))
		}
	}
	return s
}
