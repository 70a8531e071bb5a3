package future_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

// promiseOp is one call at a promise or its future.
type promiseOp struct {
	call string
	id   int // what it settles with: the value, and the error's number
}

// promiseOut is what such a call returned. Calls that only look, or wait, return
// an outcome; "" means that there is none yet.
type promiseOut struct {
	won     bool
	outcome string
}

// promiseModel is a promise: settled once, by the first that tries. Its state is
// the outcome, "" while there is none.
var promiseModel = porcupine.Model{
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		is, in, out := state.(string), input.(promiseOp), output.(promiseOut)
		becomes := in.outcome()
		switch in.call {
		case "Resolve", "Reject", "Settle":
			if is == "" {
				return out.won, becomes
			}
			return !out.won, is
		case "Cancel": // does not say who won
			if is == "" {
				return true, becomes
			}
			return true, is
		case "Err":
			return out.outcome == errorPart(is), is
		case "Await", "receive from Done":
			return is != "" && out.outcome == is, is
		}
		// Poll, a look at Done, Await with a ctx that ends: "" if there was nothing yet.
		return out.outcome == is, is
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v -> %+v", input, output) },
}

// outcome is what the future comes to if the call wins.
func (o promiseOp) outcome() string {
	switch o.call {
	case "Resolve":
		return outcomeOf(o.id, nil)
	case "Reject":
		return outcomeOf(0, numbered(o.id))
	case "Settle":
		return outcomeOf(o.id, numbered(o.id))
	case "Cancel":
		return outcomeOf(0, &future.CanceledError{Cause: numbered(o.id)})
	}
	return ""
}

func outcomeOf(v int, err error) string { return fmt.Sprintf("%d, %v", v, err) }

// errorPart is all that Err tells of an outcome.
func errorPart(outcome string) string {
	var v int
	var err string
	if outcome == "" {
		return ""
	}
	_, _ = fmt.Sscanf(outcome, "%d, %s", &v, &err)
	return outcome[len(fmt.Sprintf("%d, ", v)):]
}

type numbered int

func (n numbered) Error() string { return fmt.Sprintf("error %d", int(n)) }

// do makes the call.
func (o promiseOp) do(p future.Promise[int], brief context.Context) (out promiseOut) {
	f := p.Future()
	settled := func(v int, err error) promiseOut {
		if errors.Is(err, future.ErrStoppedWaiting) {
			return promiseOut{}
		}
		return promiseOut{outcome: outcomeOf(v, err)}
	}
	switch o.call {
	case "Resolve":
		out.won = p.Resolve(o.id)
	case "Reject":
		out.won = p.Reject(numbered(o.id))
	case "Settle":
		out.won = p.Settle(o.id, numbered(o.id))
	case "Cancel":
		f.Cancel(numbered(o.id))
	case "Poll":
		if r, ok := f.Poll(); ok {
			out = settled(r.Get())
		}
	case "Err":
		if err := f.Err(); err != future.ErrPending {
			out.outcome = fmt.Sprint(err)
		}
	case "Await":
		out = settled(f.Await(context.Background()))
	case "Await, ctx ends":
		out = settled(f.Await(brief))
	case "look at Done":
		select {
		case <-f.Done():
			r, _ := f.Poll()
			out = settled(r.Get())
		default:
		}
	case "receive from Done":
		<-f.Done()
		r, _ := f.Poll()
		out = settled(r.Get())
	}
	return out
}

// Whatever the calls at a promise overlap with, there is an order of them in
// which each returned what a promise without concurrency would have.
func TestLaw4_ThePromiseIsLinearizable(t *testing.T) {
	looks := []string{"Poll", "Err", "look at Done", "Await, ctx ends"}
	waits := append([]string{"Await", "receive from Done"}, looks...)
	settles := append([]string{"Resolve", "Reject", "Settle", "Cancel"}, looks[:3]...)
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 0))
	for range stress(1000) {
		p := future.NewPromise[int]()
		brief, end := context.WithCancel(context.Background())
		plans := make([][]promiseOp, 4)
		for client := range plans {
			from := settles // the first two never wait, so somebody settles
			if client > 1 {
				from = waits
			}
			for i := range 4 {
				plans[client] = append(plans[client], promiseOp{from[rnd.IntN(len(from))], 10*client + i})
			}
		}
		plans[0] = append(plans[0], promiseOp{settles[rnd.IntN(4)], 99})
		endsBefore := rnd.IntN(5) // of the first client's calls
		start := time.Now()
		histories := make([][]porcupine.Operation, len(plans))
		var together, done sync.WaitGroup
		together.Add(1)
		for client, plan := range plans {
			done.Go(func() {
				together.Wait()
				for i, in := range plan {
					if client == 0 && i == endsBefore {
						end()
					}
					call := time.Since(start).Nanoseconds()
					out := in.do(p, brief)
					histories[client] = append(histories[client], porcupine.Operation{
						ClientId: client, Input: in, Call: call, Output: out, Return: time.Since(start).Nanoseconds(),
					})
				}
			})
		}
		together.Done()
		done.Wait()
		end()
		var history []porcupine.Operation
		for _, h := range histories {
			history = append(history, h...)
		}
		require.True(t, porcupine.CheckOperations(promiseModel, history), "seed %d: %s", seed, story(history))
	}
}

// story tells a history that cannot be, a line a call.
func story(history []porcupine.Operation) (s string) {
	for _, op := range history {
		s += fmt.Sprintf("\n[%d, %d] client %d: %s", op.Call, op.Return, op.ClientId, promiseModel.DescribeOperation(op.Input, op.Output))
	}
	return s
}
