package future_test

import (
	"context"
	"errors"
	"time"

	"github.com/thence-go/thence/future"
)

// What becomes of a node when an input of it has settled, or its function
// returns: table 2 and table 1, in the model's words.

var errNil = errors.New("future: the function that was given to FlatMap returned nil: return a future, Resolved or Failed for one that is there already")

func (n node) hasCtx() bool {
	switch n.op {
	case opGo, opLazy, opThen, opCatch, opHandle, opJoin2, opJoin3:
		return true
	}
	return false
}

func isOver(err error) bool {
	_, over := err.(*future.CanceledError)
	return over
}

// tell tells node of its input i, which has settled.
func (m *model) tell(node, i int) {
	plan, n := m.nodes[node], &m.at[node]
	if plan.op == opFlatMap {
		m.tellFlat(node, i)
		return
	}
	in := m.at[plan.in[i]]
	if n.phase != pending {
		return
	}
	start := step{kind: begin, node: node}
	switch plan.op {
	case opThen, opMap, opFlatCall:
		if in.err != nil {
			m.settle(node, nil, in.err)
		} else {
			m.push(0, start)
		}
	case opCatch:
		if in.err == nil || isOver(in.err) {
			m.settle(node, in.val, in.err)
		} else {
			m.push(0, start)
		}
	case opHandle, opFinally:
		m.push(0, start)
	case opFallback:
		if in.err == nil || isOver(in.err) {
			m.settle(node, in.val, in.err)
		} else {
			m.settle(node, node, nil)
		}
	case opTimeout, opShield:
		m.settle(node, in.val, in.err)
	case opAll, opJoin2, opJoin3:
		n.left--
		switch {
		case in.err != nil:
			m.settle(node, nil, blame(i, in.err))
		case n.left == 0 && plan.op == opAll:
			m.settle(node, m.values(node), nil)
		case n.left == 0:
			m.push(0, start)
		}
	case opAllSettled:
		if n.left--; n.left == 0 {
			m.settle(node, m.results(node), nil)
		}
	case opAny:
		n.left--
		if in.err == nil {
			m.settle(node, in.val, nil)
		} else if n.left == 0 {
			m.settle(node, nil, m.failures(node))
		}
	case opRace:
		if in.err == nil {
			m.settle(node, in.val, nil)
		} else {
			m.settle(node, nil, blame(i, in.err))
		}
	case opQuorum:
		if in.err != nil {
			if n.failed++; n.failed == len(plan.in)-plan.k+1 {
				m.settle(node, nil, m.failures(node))
			}
		} else if n.left--; n.left == 0 {
			m.settle(node, m.results(node), nil)
		}
	}
}

// tellFlat tells FlatMap of the call of its function, or of what that returned.
func (m *model) tellFlat(node, i int) {
	n, call := &m.at[node], m.nodes[node].in[0]
	pass := func(s state) {
		if n.phase == pending {
			m.settle(node, s.val, s.err)
		}
	}
	if i == 1 {
		pass(m.at[n.second])
		return
	}
	if m.at[call].err != nil {
		pass(m.at[call])
		return
	}
	second := m.nodes[call].k
	if second < 0 {
		pass(state{err: errNil})
		return
	}
	in := &m.at[second]
	if n.gaveUp { // nobody waits for what the function began
		if in.phase != settled && in.claims == 0 {
			m.cancel(second, m.reason(node))
		}
		return
	}
	n.second = second
	m.demand(second)
	if in.phase == settled {
		pass(*in)
		return
	}
	in.claims++
	in.followers = append(in.followers, step{kind: tell, node: node, i: 1})
}

func blame(i int, err error) error {
	if isOver(err) {
		return err
	}
	return &future.JoinError{Errs: []future.IndexedError{{Index: i, Err: err}}}
}

func (m *model) values(node int) (vs []int) {
	for _, in := range m.nodes[node].in {
		vs = append(vs, m.at[in].val.(int))
	}
	return vs
}

func (m *model) results(node int) (rs []future.Result[int]) {
	for _, in := range m.nodes[node].in {
		s := m.at[in]
		r := future.Result[int]{Err: s.err}
		if s.phase != settled {
			r.Err = &future.WaitError{Cause: future.ErrNotNeeded}
		} else if s.err == nil {
			r.Value = s.val.(int)
		}
		rs = append(rs, r)
	}
	return rs
}

func (m *model) failures(node int) error {
	var join future.JoinError
	failed := false
	for i, in := range m.nodes[node].in {
		if s := m.at[in]; s.phase == settled && s.err != nil {
			join.Errs = append(join.Errs, future.IndexedError{Index: i, Err: s.err})
			failed = failed || !isOver(s.err)
		}
	}
	if !failed {
		return join.Errs[0].Err
	}
	return &join
}

// next returns the node that something is due at next, and when; -1 if nothing
// is.
func (m *model) next() (node int, when time.Duration) {
	node = -1
	for i, n := range m.at {
		if n.phase != unborn && n.phase != settled && n.due > 0 && (node < 0 || n.due < when) {
			node, when = i, n.due
		}
	}
	return node, when
}

// come lets happen what is due at node.
func (m *model) come(node int) {
	plan, n := m.nodes[node], &m.at[node]
	switch plan.op {
	case opAfter:
		m.settle(node, m.start.Add(m.now), nil)
		return
	case opTimeout:
		m.settle(node, nil, &future.TimeoutError{After: plan.stays})
		return
	}
	ends := plan.ends
	if n.heard {
		ends = plan.over
	}
	switch ends {
	case byPanic:
		m.settle(node, nil, &future.PanicError{Value: node})
		return
	case byGoexit:
		m.settle(node, nil, future.ErrGoexit)
		return
	}
	var first state
	if len(plan.in) > 0 {
		first = m.at[plan.in[0]]
	}
	switch plan.op {
	case opFlatCall:
		m.settle(node, nil, nil)
		return
	case opFinally:
		if n.gaveUp {
			m.settle(node, nil, canceledBy(n.over))
		} else {
			m.settle(node, first.val, first.err)
		}
		return
	}
	var given any
	switch plan.op {
	case opThen, opMap, opHandle:
		given = first.val
	case opJoin2, opJoin3:
		given = m.values(node)
	}
	err := m.returned(n, node, ends, first.err)
	if plan.op == opHandle && isOver(first.err) && err == first.err {
		m.settle(node, nil, err)
		return
	}
	m.settle(node, digest(node, canon(m.start, given, first.err)), outcomeOfTable1(n.over, err))
}

// returned is the error that the function returns.
func (m *model) returned(n *state, node int, ends way, came error) error {
	switch ends {
	case byError:
		return numbered(node)
	case byCtxErr:
		if n.over != nil {
			return context.Canceled
		}
	case byCause:
		return n.over
	case byDeadline:
		return context.DeadlineExceeded
	case byWhatCame:
		return came
	}
	return nil
}

// outcomeOfTable1 is what an error comes to, given why the task's ctx had ended.
func outcomeOfTable1(over, err error) error {
	if over != nil && err != nil && isEchoOf(over, err) {
		return canceledBy(over)
	}
	return err
}

func isEchoOf(over, err error) bool {
	var timeout *future.TimeoutError
	if join, ok := err.(*future.JoinError); ok && err != over {
		for _, one := range join.Errs {
			if !isOver(one.Err) && !isEchoOf(over, one.Err) {
				return false
			}
		}
		return true
	}
	return err == context.Canceled || err == context.DeadlineExceeded || err == over || isOver(err) || errors.As(err, &timeout)
}
