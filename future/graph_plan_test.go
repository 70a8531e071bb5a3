package future_test

import (
	"fmt"
	"strings"
	"time"
)

// A graph is read from bytes: nodes, each of which may have former ones as its
// inputs, and a script of what happens to them. Any bytes are a graph.
//
// Whatever takes time in it takes a time of its own: a multiple of slot, and
// the bit of its node. What happens because of it happens at the sum of the
// bits on the way, and a node is on it once at most; so no two things happen at
// the same instant, unless one is the cause of the other.
const (
	slot     = time.Duration(1 << 22)
	maxNodes = 20
)

func bit(node int) time.Duration { return 1 << node }

type op int

const (
	opGo op = iota
	opLazy
	opPromise
	opResolved
	opFailed
	opAfter
	opThen
	opMap
	opCatch
	opHandle
	opFinally
	opFallback
	opTimeout
	opShield
	opFlatMap
	opAll
	opAllSettled
	opAny
	opRace
	opQuorum
	opJoin2
	opJoin3
	opFlatCall // the call of FlatMap's function, which nobody but FlatMap sees
)

var opNames = strings.Fields("Go Lazy Promise Resolved Failed After Then Map Catch Handle Finally WithFallback " +
	"Timeout Shield FlatMap All AllSettled Any Race Quorum Join2 Join3 call")

// way is how a function ends.
type way int

const (
	byValue way = iota
	byPanic
	byGoexit
	byError
	byCtxErr   // ctx.Err()
	byCause    // context.Cause(ctx)
	byDeadline // that of some inner ctx
	byWhatCame // the error that Catch and Handle were given
	plainWays  = byGoexit + 1
	allWays    = byWhatCame + 1
)

// node is a future to be made.
type node struct {
	op     op
	in     []int
	k      int           // of Quorum; what FlatMap's function returns, -1 for nil
	rooted bool          // a leaf that is launched with the ctx that the script can end
	heeds  bool          // its function returns when its ctx ends
	stays  time.Duration // how long the function runs, the timer of After and Timeout; 0 is for ever
	ends   way           // how the function ends
	over   way           // and how, if it heeds the end of its ctx
}

// listed reports whether its value is not an int; a Map makes one of it.
func (n node) listed() bool {
	return n.op == opAfter || n.op == opAll || n.op == opAllSettled || n.op == opQuorum
}

func (n node) pinned() bool { return n.op == opFinally }

func (n node) String() string {
	s := fmt.Sprintf("%s%v", opNames[n.op], n.in)
	if n.k != 0 {
		s += fmt.Sprintf(" k=%d", n.k)
	}
	return s + fmt.Sprintf(" rooted=%t heeds=%t stays=%v ends=%d over=%d", n.rooted, n.heeds, n.stays, n.ends, n.over)
}

type act int

const (
	actResolve act = iota
	actReject
	actCancel
	actAwait
	actAwaitCtx
	actStopWaiting
	actEndRoot
	actDone
)

var actNames = strings.Fields("Resolve Reject Cancel Await AwaitCtx StopWaiting EndRoot Done")

// event is something that happens at an instant of its own.
type event struct {
	act    act
	target int // a node; of actStopWaiting, a waiter
	after  time.Duration
}

func (e event) String() string { return fmt.Sprintf("+%v %s %d", e.after, actNames[e.act], e.target) }

type graph struct {
	nodes  []node
	script []event
}

func (g graph) String() string {
	var s strings.Builder
	for i, n := range g.nodes {
		fmt.Fprintf(&s, "%d: %v\n", i, n)
	}
	for i, e := range g.script {
		fmt.Fprintf(&s, "event %d: %v\n", i, e)
	}
	return s.String()
}

// reader reads choices; behind the end of the bytes it chooses 0.
type reader []byte

func (r *reader) n(n int) int {
	if len(*r) == 0 {
		return 0
	}
	b := (*r)[0]
	*r = (*r)[1:]
	return int(b) % n
}

func pick[T any](r *reader, from []T) T { return from[r.n(len(from))] }

// What is chosen from, as often as it stands here.
var (
	leaves = []op{opPromise, opPromise, opPromise, opGo, opGo, opGo, opLazy, opLazy, opAfter, opResolved, opFailed}
	inner  = []op{
		opThen, opThen, opMap, opCatch, opHandle, opFinally, opFallback, opTimeout, opShield,
		opFlatMap, opFlatMap, opFlatMap, opAll, opAllSettled, opAny, opRace, opQuorum, opJoin2, opJoin3,
	}
	acts = []act{
		actResolve, actResolve, actResolve, actResolve, actResolve, actReject, actCancel, actCancel, actAwait,
		actAwaitCtx, actAwaitCtx, actStopWaiting, actStopWaiting, actStopWaiting, actEndRoot, actDone,
	}
)

func readGraph(r reader) (g graph) {
	var ints, promises, seen []int // what can be an input, what can be settled, what can be touched
	add := func(n node) int {
		g.nodes = append(g.nodes, n)
		at := len(g.nodes) - 1
		if n.op != opFlatCall {
			seen = append(seen, at)
			if !n.listed() {
				ints = append(ints, at)
			}
		}
		return at
	}
	input := func() int { // mostly a late one, so that graphs get deep
		if late := len(ints) - 3; late > 0 && r.n(2) == 0 {
			return ints[late+r.n(3)]
		}
		return ints[r.n(len(ints))]
	}
	for range 4 + r.n(10) {
		if len(g.nodes)+2 > maxNodes {
			break
		}
		n := node{op: pick(&r, leaves)}
		if len(ints) > 0 && r.n(3) > 0 {
			n.op = pick(&r, inner)
		}
		if n.op >= opThen {
			for range map[op]int{opJoin2: 1, opJoin3: 2}[n.op] + 1 {
				n.in = append(n.in, input())
			}
			if n.op >= opAll && n.op < opJoin2 {
				for range r.n(3) {
					n.in = append(n.in, input())
				}
			}
		}
		at := len(g.nodes)
		switch n.op {
		case opPromise:
			promises = append(promises, at)
		case opGo, opLazy, opThen, opCatch, opHandle, opJoin2, opJoin3:
			n.readFunction(&r, at)
		case opMap, opFinally:
			n.stays, n.ends = time.Duration(r.n(40))*slot+bit(at), way(r.n(9)).orValue(plainWays)
		case opAfter, opTimeout:
			n.rooted = n.op == opAfter && r.n(2) == 0
			n.stays = time.Duration(r.n(60))*slot + bit(at)
		case opQuorum:
			n.k = 1 + r.n(len(n.in))
		case opFlatMap:
			call := node{op: opFlatCall, in: n.in}
			call.k = input()
			if r.n(9) == 0 {
				call.k = -1
			}
			call.stays, call.ends = time.Duration(r.n(40))*slot+bit(at), way(r.n(9)).orValue(plainWays)
			n.in = []int{add(call)}
		}
		at = add(n)
		if n.listed() {
			at++
			add(node{op: opMap, in: []int{at - 1}, stays: bit(at)})
		}
	}
	waiters, settles := 0, 0
	for range 6 + r.n(20) {
		e := event{act: pick(&r, acts), after: time.Duration(1+r.n(3)) * slot}
		switch e.act {
		case actResolve, actReject:
			if len(promises) == 0 {
				continue
			}
			e.target = promises[settles%len(promises)]
			settles++
		case actAwait, actAwaitCtx, actDone:
			e.target = seen[r.n(len(seen))]
			if e.act != actDone {
				waiters++
			}
		case actStopWaiting:
			if waiters == 0 {
				continue
			}
			e.target = r.n(waiters)
		case actCancel:
			e.target = seen[r.n(len(seen))]
		}
		g.script = append(g.script, e)
	}
	from := r.n(len(seen)) // in the end all are canceled
	g.script = append(g.script, event{act: actEndRoot, after: slot})
	for i := range seen {
		g.script = append(g.script, event{act: actCancel, target: seen[(from+i)%len(seen)], after: slot})
	}
	return g
}

func (n *node) readFunction(r *reader, at int) {
	n.rooted = n.op < opThen && r.n(2) == 0
	n.heeds = r.n(2) == 0
	n.ends, n.over = way(r.n(18)).orValue(allWays), way(r.n(9)).orValue(allWays)
	n.stays = time.Duration(r.n(40))*slot + bit(at)
	if n.heeds && r.n(2) == 0 {
		n.stays = 0
	}
}

// orValue leaves more than one choice for a value.
func (w way) orValue(ways way) way {
	if w >= ways {
		return byValue
	}
	return w
}
