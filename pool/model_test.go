package pool_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/pool"
)

// naive says in which order one worker takes tasks, in the simplest way: it
// looks through all that is queued.
type naive struct {
	queue  []*modelTask // by arrival
	passed map[string][3]int
	start  map[string]uint64 // of a tenant's next task
	order  map[string]int    // breaks ties: who has waited longest
	last   map[string]bool   // it had tasks at the last look
	turns  int
	now    uint64
}

type modelTask struct {
	plain  bool
	id     int
	level  pool.Level
	tenant string
	key    any
	sub    int // 0 for none
}

var weights = map[string]int{"": 1, "a": 1, "b": 3}

func (m *naive) ready(tenant string, level int) *modelTask {
	seen := map[any]bool{}
	for _, t := range m.queue {
		first := t.key == nil || !seen[t.key]
		if t.key != nil {
			seen[t.key] = true
		}
		if first && t.tenant == tenant && int(pool.High-t.level) == level {
			return t
		}
	}
	return nil
}

// take removes what one worker would run next: the tenant whose virtual start is
// first, the highest of its levels unless a lower one has waited for its turn,
// the first that arrived.
//
// While only plain tasks are ready they are nobody's turn: nothing is counted.
func (m *naive) take() *modelTask {
	if t := m.onlyPlain(); t != nil {
		m.remove(t)
		return t
	}
	m.look("")
	best, found := "", m.last[""]
	for _, name := range []string{"a", "b"} {
		if !m.last[name] {
			continue
		}
		sooner := m.start[name] < m.start[best]
		tie := m.start[name] == m.start[best] && best != "" && m.order[name] < m.order[best]
		if !found || sooner || tie {
			best, found = name, true
		}
	}
	if !found {
		return nil
	}
	passed := m.passed[best]
	level := -1
	for l := range 3 {
		if m.ready(best, l) == nil {
			passed[l] = -1 // this turn does not count
		} else if level < 0 || passed[l] >= pool.Ageing {
			level = l
		}
	}
	t := m.ready(best, level)
	for l := range passed {
		passed[l]++
	}
	passed[level] = 0
	m.passed[best] = passed
	m.now = m.start[best]
	m.start[best] += 1 << 32 / uint64(weights[best])
	m.turns++
	m.order[best] = m.turns
	m.remove(t)
	return t
}

// look notes which tenants have become active, and have saved nothing up.
func (m *naive) look(names ...string) {
	for _, name := range names {
		has := false
		for level := range 3 {
			has = has || m.ready(name, level) != nil
		}
		if has && !m.last[name] {
			m.start[name] = max(m.start[name], m.now)
			m.turns++
			m.order[name] = m.turns
		}
		m.last[name] = has
	}
}

func (m *naive) add(t *modelTask) {
	m.queue = append(m.queue, t)
	m.look("a", "b")
}

// onlyPlain returns the first task if no other than plain ones are ready: those
// with keys wait for other tasks then.
func (m *naive) onlyPlain() *modelTask {
	if len(m.queue) == 0 || slices.ContainsFunc(m.queue, func(t *modelTask) bool { return !t.plain }) {
		return nil
	}
	return m.queue[0]
}

func (m *naive) remove(t *modelTask) {
	m.queue = slices.DeleteFunc(m.queue, func(o *modelTask) bool { return o == t })
	m.look("a", "b")
}

// One worker, a queue that is filled while it is held up, any mixture of views
// and policies: tasks run in the order that the model says.
func TestLaw10_OrderAgainstAModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		capacity := rapid.IntRange(1, 40).Draw(rt, "capacity")
		policy := rapid.SampledFrom([]pool.Overflow{pool.Reject, pool.DropOldest, pool.DropNewest}).Draw(rt, "policy")
		bursts := rapid.SliceOfN(rapid.SliceOfN(modelTasks, 0, 60), 1, 4).Draw(rt, "bursts")
		var wrong remarks
		synctest.Test(t, func(*testing.T) { orderAgainstAModel(&wrong, capacity, policy, bursts) })
		if len(wrong) > 0 {
			rt.Fatal(wrong[0])
		}
	})
}

// remarks are what is wrong in a bubble, which rapid must not stop.
type remarks []string

func (r *remarks) Errorf(format string, args ...any) { *r = append(*r, fmt.Sprintf(format, args...)) }

var modelTasks = rapid.Custom(func(t *rapid.T) modelTask {
	if rapid.IntRange(0, 2).Draw(t, "plain") == 0 {
		return modelTask{plain: true}
	}
	return modelTask{
		level:  pool.Level(rapid.IntRange(-1, 1).Draw(t, "level")),
		tenant: rapid.SampledFrom([]string{"", "", "a", "b"}).Draw(t, "tenant"),
		key:    rapid.SampledFrom([]any{nil, nil, 1, "k"}).Draw(t, "key"),
		sub:    rapid.IntRange(0, 2).Draw(t, "sub"),
	}
})

func (t *modelTask) submit(p *pool.Pool, subs []pool.View, fn func(context.Context)) error {
	if t.plain {
		return p.Go(context.Background(), fn)
	}
	v := subs[t.sub].Priority(t.level)
	if t.tenant != "" {
		v = v.Tenant(t.tenant, weights[t.tenant])
	}
	if t.key != nil {
		v = v.Key(t.key)
	}
	return v.Go(context.Background(), fn)
}

func orderAgainstAModel(t *remarks, capacity int, policy pool.Overflow, bursts [][]modelTask) {
	ctx := context.Background()
	m := &naive{passed: map[string][3]int{}, start: map[string]uint64{}, last: map[string]bool{}, order: map[string]int{}}
	p := pool.New(1, pool.Queue(capacity, policy))
	subs := []pool.View{p.Priority(pool.Normal), p.Sub(1), p.Sub(2)}
	var ran, want []int
	var dropped, rejected uint64
	id := 0
	for _, burst := range bursts {
		gate := make(chan struct{})
		assert.NoError(t, p.Go(ctx, func(context.Context) { <-gate }))
		synctest.Wait()
		for i := range burst {
			task := &burst[i]
			id++
			task.id = id
			full := len(m.queue) == capacity
			switch {
			case !full:
				m.add(task)
			case policy == pool.DropOldest:
				m.remove(m.queue[0])
				m.add(task)
				dropped++
			case policy == pool.DropNewest:
				dropped++
			default:
				rejected++
			}
			err := task.submit(p, subs, func(context.Context) { ran = append(ran, task.id) })
			assert.Equal(t, full && policy == pool.Reject, err != nil)
			assert.Equal(t, len(m.queue), p.Stats().Queued)
		}
		for task := m.take(); task != nil; task = m.take() {
			want = append(want, task.id)
		}
		close(gate)
		synctest.Wait()
		assert.Equal(t, want, ran, policy.String())
	}
	assert.NoError(t, p.Shutdown(ctx))
	s := p.Stats()
	assert.Equal(t, s.Submitted, s.Completed+s.Rejected+s.Dropped)
	assert.Equal(t, dropped, s.Dropped)
	assert.Equal(t, rejected, s.Rejected)
}
