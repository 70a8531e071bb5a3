package future_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thence-go/thence/future"
)

// model is the same graph without any concurrency: tables 1 and 2 as an
// interpreter, with a count of claims that is nothing but a count.
type model struct {
	graph
	start   time.Time
	now     time.Duration
	at      []state
	rooted  []bool // whether the ctx that a node starts from is the root
	root    error  // why that has ended
	waiters []modelWaiter
	givesUp []int // nodes

	// steps are what is still to be done at this instant. Nobody promises an
	// order, so any will do, as long as somebody's outcome can be told by it.
	steps []step
	block int
	cur   int
}

type phase int

const (
	unborn phase = iota
	pending
	running
	settled
)

type state struct {
	phase     phase
	val       any
	err       error
	calls     int
	claims    int
	followers []step        // tell steps
	due       time.Duration // when the function returns, or the timer fires; 0 for never
	over      error         // why the ctx has ended
	heard     bool          // the function has seen that
	launched  bool
	gaveUp    bool
	left      int // All, Join: inputs without a value yet; Quorum: values still needed; ...
	failed    int
	second    int // FlatMap: what its function returned, -1 as long as it has not
}

type modelWaiter struct {
	node    int
	outcome string
}

type stepKind int

const (
	tell stepKind = iota
	begin
	join
	end
)

// step is a bit of bookkeeping: node is told of its input i, or joins it, or
// begins, or is canceled.
type step struct {
	kind    stepKind
	node, i int
	cause   error
	block   int
}

func newModel(g graph, start time.Time) *model {
	return &model{graph: g, start: start, at: make([]state, len(g.nodes)), rooted: make([]bool, len(g.nodes)), block: 2}
}

func (m *model) clone() *model {
	c := *m
	c.at, c.rooted, c.waiters = slices.Clone(m.at), slices.Clone(m.rooted), slices.Clone(m.waiters)
	for i := range c.at {
		c.at[i].followers = slices.Clone(c.at[i].followers)
	}
	c.steps = slices.Clone(m.steps)
	return &c
}

// Beginnings come last, unless somebody tries another order, then what is left
// of making a node; and what settles last tells of it first.
func (m *model) push(block int, steps ...step) {
	for _, s := range steps {
		s.block = block
		m.steps = append(m.steps, s)
	}
}

func (m *model) usual(int) int {
	best := -1
	for i, s := range m.steps {
		if s.block == m.cur {
			return i
		}
		if best < 0 || s.block > m.steps[best].block {
			best = i
		}
	}
	m.cur = m.steps[best].block
	return best
}

func (m *model) settleDown(pick func(n int) int) {
	for len(m.steps) > 0 {
		i := pick(len(m.steps))
		s := m.steps[i]
		m.steps = slices.Delete(m.steps, i, i+1)
		n := &m.at[s.node]
		switch s.kind {
		case tell:
			m.tell(s.node, s.i)
		case begin:
			switch {
			case n.phase != pending:
			case n.over != nil && !m.nodes[s.node].pinned():
				m.settle(s.node, nil, canceledBy(n.over))
			default:
				n.phase = running
				n.calls++
				n.due = 0
				if stays := m.nodes[s.node].stays; stays > 0 {
					n.due = m.now + stays
				}
			}
		case join:
			m.join(s.node, s.i)
		case end:
			m.cancel(s.node, s.cause)
		}
	}
}

// build makes a node.
func (m *model) build(node int) {
	plan, n := m.nodes[node], &m.at[node]
	if plan.op == opFlatCall {
		return // with the next one
	}
	n.phase, n.second, n.left = pending, -1, len(plan.in)
	m.rooted[node] = plan.rooted || len(plan.in) > 0 && m.rooted[plan.in[0]]
	switch plan.op {
	case opGo:
		m.push(0, step{kind: begin, node: node})
	case opResolved:
		n.phase, n.val = settled, node
	case opFailed:
		n.phase, n.err = settled, numbered(node)
	case opAfter, opTimeout:
		n.due = m.now + plan.stays
	case opShield:
		m.at[plan.in[0]].claims++
	case opQuorum:
		n.left = plan.k
	case opFlatMap:
		call := plan.in[0]
		m.at[call] = state{phase: pending, claims: 1, followers: []step{{kind: tell, node: node}}}
		m.rooted[call] = m.rooted[m.nodes[call].in[0]]
		m.rooted[node] = m.rooted[call]
		node = call
	}
	if len(m.nodes[node].in) > 0 {
		for _, in := range m.nodes[node].in {
			m.at[in].claims++
		}
		m.push(1, step{kind: join, node: node})
	}
}

func (m *model) join(node, i int) {
	in := m.nodes[node].in[i]
	m.demand(in)
	if i+1 < len(m.nodes[node].in) {
		m.push(1, step{kind: join, node: node, i: i + 1})
	}
	if m.at[in].phase == settled {
		m.tell(node, i)
	} else if m.at[node].phase != settled {
		m.at[in].followers = append(m.at[in].followers, step{kind: tell, node: node, i: i})
	}
}

func (m *model) demand(node int) {
	if n := &m.at[node]; m.nodes[node].op == opLazy && n.phase == pending && !n.launched {
		n.launched = true
		m.push(0, step{kind: begin, node: node})
	}
}

func (m *model) settle(node int, val any, err error) {
	n := &m.at[node]
	n.phase, n.val, n.err, n.due = settled, val, err, 0
	if n.over == nil {
		n.over = context.Canceled // its function has returned
	}
	m.withdrawAll(node) // before anybody can see it
	m.block++
	m.push(m.block, n.followers...)
	n.followers = nil
}

// withdrawAll gives up the claims of a node, and then those of what is canceled
// because of that, and so on.
func (m *model) withdrawAll(node int) {
	m.givesUp = append(m.givesUp, node)
	if len(m.givesUp) > 1 {
		return // under way, and comes to that
	}
	for len(m.givesUp) > 0 {
		node := m.givesUp[0]
		claims := len(m.nodes[node].in)
		if m.nodes[node].op == opFlatMap {
			claims = 2
		}
		for i := range claims {
			m.withdraw(node, i)
		}
		m.givesUp = m.givesUp[1:]
	}
}

// withdraw gives up a claim: the last one cancels.
func (m *model) withdraw(node, i int) {
	n := &m.at[node]
	flat := m.nodes[node].op == opFlatMap
	var from int
	switch {
	case flat && i == 1 && n.second < 0:
		n.gaveUp = true
		return
	case flat && i == 1:
		from = n.second
	default:
		from = m.nodes[node].in[i]
	}
	in := &m.at[from]
	if in.phase == settled {
		return
	}
	if n.phase == settled && !(flat && i == 0) { // what is pinned follows on, and FlatMap needs to know what its function began
		in.followers = slices.DeleteFunc(in.followers, func(s step) bool { return s.node == node && s.i == i })
	}
	in.claims--
	if in.claims == 0 && m.nodes[node].op != opAllSettled {
		m.cancel(from, m.reason(node))
	}
}

func (m *model) reason(node int) error {
	n := m.at[node]
	var over *future.CanceledError
	switch {
	case n.phase != settled:
		return n.over
	case n.err == nil:
		return future.ErrNotNeeded
	case errors.As(n.err, &over) && n.err == error(over):
		return over.Cause
	}
	return n.err
}

func (m *model) cancel(node int, cause error) {
	n := &m.at[node]
	switch {
	case n.phase == settled:
	case m.nodes[node].pinned():
		m.endCtx(node, cause)
		if !n.gaveUp && n.phase == pending {
			m.withdrawAll(node)
		}
		n.gaveUp = true
	case n.phase == pending:
		m.settle(node, nil, canceledBy(cause))
	default:
		m.endCtx(node, cause)
	}
}

func (m *model) endCtx(node int, cause error) {
	n := &m.at[node]
	if n.over == nil {
		n.over = cause
	}
	if n.phase == running && m.nodes[node].heeds && !n.heard {
		n.heard, n.due = true, m.now+bit(node)
	}
}

// do makes an event happen.
func (m *model) do(i int, e event) {
	n := &m.at[e.target%len(m.at)]
	switch e.act {
	case actResolve, actReject:
		if n.phase != pending {
			break
		}
		if e.act == actResolve {
			m.settle(e.target, 1_000_000+i, nil)
		} else {
			m.settle(e.target, nil, numbered(100+i))
		}
	case actCancel:
		m.cancel(e.target, numbered(200+i))
	case actAwait, actAwaitCtx:
		m.waiters = append(m.waiters, modelWaiter{node: e.target, outcome: "-"})
		n.claims++
		m.demand(e.target)
	case actStopWaiting:
		one := &m.waiters[e.target]
		if m.waitsFor(e.target) && one.outcome == "-" {
			one.outcome = "stopped(" + canonError(numbered(300+i)) + ")"
			m.at[one.node].claims--
		}
	case actEndRoot:
		if m.root != nil {
			break
		}
		m.root = numbered(400 + i)
		for node := range m.at {
			if m.rooted[node] && m.at[node].phase != settled && !m.nodes[node].pinned() { // which has no ctx
				m.endCtx(node, m.root)
				if m.nodes[node].op == opAfter {
					m.push(2, step{kind: end, node: node, cause: m.root})
				}
			}
		}
	case actDone:
		m.demand(e.target)
	}
}

// waitsFor reports whether the waiter's ctx can end.
func (m *model) waitsFor(waiter int) bool {
	for _, e := range m.script {
		if e.act == actAwait || e.act == actAwaitCtx {
			if waiter == 0 {
				return e.act == actAwaitCtx
			}
			waiter--
		}
	}
	return false
}

func (m *model) observe() string {
	var s strings.Builder
	for at, n := range m.at {
		outcome := "-"
		if n.phase == settled && m.nodes[at].op != opFlatCall {
			outcome = canon(m.start, n.val, n.err)
		}
		seen := n.calls > 0 && m.nodes[at].hasCtx() && n.over != nil
		heard := "-"
		if n.heard {
			heard = canonError(n.over)
		}
		fmt.Fprintf(&s, "%d %s: %s, calls %d, over %t, heard %s\n", at, opNames[m.nodes[at].op], outcome, n.calls, seen, heard)
	}
	for i := range m.waiters {
		one := &m.waiters[i]
		if n := m.at[one.node]; one.outcome == "-" && n.phase == settled {
			one.outcome = canon(m.start, n.val, n.err)
		}
		fmt.Fprintf(&s, "waiter %d at %d: %s\n", i, one.node, one.outcome)
	}
	return s.String()
}

func canceledBy(cause error) error { return &future.CanceledError{Cause: cause} }
