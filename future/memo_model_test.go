package future_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/thence-go/thence/future"
)

// memoModel says what a Memo of one shard does, as naively as can be. Time is
// what it is told; nothing happens at the same instant as something else.
type memoModel struct {
	took, ttl, errTTL, ahead time.Duration
	room                     int

	failing bool
	calls   int
	kept    []*modelEntry // newest first
	hand    *modelEntry
	flying  []*modelFlight // whatever becomes of their results
}

type modelEntry struct {
	key     int
	value   int
	err     error
	expires time.Duration
	due     time.Duration
	asked   bool
}

func (e *modelEntry) isGood(now time.Duration) bool { return now < e.expires }

type modelFlight struct {
	key, number int
	fails       bool
	lands       time.Duration
	found       bool // by those who ask
	waiting     []*modelCall
	old         *modelEntry
}

// modelCall is one caller, and what it is to get.
type modelCall struct {
	settled bool
	left    bool
	value   int
	err     error
	flight  *modelFlight
}

func (m *memoModel) entry(k int) *modelEntry {
	for _, e := range m.kept {
		if e.key == k {
			return e
		}
	}
	return nil
}

func (m *memoModel) flight(k int) *modelFlight {
	for _, f := range m.flying {
		if f.key == k && f.found {
			return f
		}
	}
	return nil
}

// advance lets everything happen that is to happen until now.
func (m *memoModel) advance(now time.Duration) {
	for {
		var next *modelFlight
		at := now + 1
		for _, f := range m.flying {
			if f.lands < at {
				next, at = f, f.lands
			}
			if f.isForNobody() && f.old.expires+m.ahead < at {
				next, at = f, f.old.expires+m.ahead
			}
		}
		if next == nil {
			return
		}
		m.flying = slices.DeleteFunc(m.flying, func(f *modelFlight) bool { return f == next })
		if at == next.lands {
			m.land(next)
		}
	}
}

func (f *modelFlight) isForNobody() bool { return f.old != nil && len(f.waiting) == 0 }

func (m *memoModel) land(f *modelFlight) {
	value, err := f.number, error(nil)
	if f.fails {
		value, err = 0, errDisk
	}
	for _, c := range f.waiting {
		c.settled, c.value, c.err = true, value, err
	}
	if !f.found {
		return
	}
	e := &modelEntry{key: f.key, value: value, err: err, due: 1 << 62}
	switch {
	case err == nil:
		e.expires = f.lands + m.ttl
		e.due = e.expires - m.ahead
	case f.old != nil && f.old.isGood(f.lands):
		f.old.due = f.lands + (f.old.expires-f.lands)/2
		return
	case m.errTTL == 0:
		return
	default:
		e.expires = f.lands + m.errTTL
	}
	if old := m.entry(f.key); old != nil {
		e.asked = old.asked
		m.remove(old)
	} else if len(m.kept) == m.room {
		m.evict(f.lands)
	}
	m.kept = slices.Insert(m.kept, 0, e)
}

// evict is SIEVE, as in the paper but that what has expired goes too.
func (m *memoModel) evict(now time.Duration) {
	i := len(m.kept) - 1
	if m.hand != nil {
		i = slices.Index(m.kept, m.hand)
	}
	for m.kept[i].asked && m.kept[i].isGood(now) {
		m.kept[i].asked = false
		i = (i - 1 + len(m.kept)) % len(m.kept)
	}
	m.hand = m.kept[i]
	m.remove(m.kept[i])
}

func (m *memoModel) remove(e *modelEntry) {
	i := slices.Index(m.kept, e)
	if m.hand == e {
		m.hand = nil
		if i > 0 {
			m.hand = m.kept[i-1]
		}
	}
	m.kept = slices.Delete(m.kept, i, i+1)
}

func (m *memoModel) ask(now time.Duration, k int) *modelCall {
	if e := m.entry(k); e != nil && e.isGood(now) {
		if e.due <= now {
			e.due = 1 << 62
			m.depart(now, k).old = e
		}
		e.asked = true
		return &modelCall{settled: true, value: e.value, err: e.err}
	}
	f := m.flight(k)
	if f == nil {
		f = m.depart(now, k)
	}
	c := &modelCall{flight: f}
	f.waiting = append(f.waiting, c)
	return c
}

func (m *memoModel) depart(now time.Duration, k int) *modelFlight {
	m.calls++
	f := &modelFlight{key: k, number: m.calls, fails: m.failing, lands: now + m.took, found: true}
	m.flying = append(m.flying, f)
	return f
}

func (m *memoModel) leave(c *modelCall) {
	if c.settled {
		return
	}
	c.settled, c.left = true, true
	f := c.flight
	f.waiting = slices.DeleteFunc(f.waiting, func(other *modelCall) bool { return other == c })
	if len(f.waiting) == 0 {
		m.end(f)
	}
}

func (m *memoModel) forget(k int) {
	if e := m.entry(k); e != nil {
		m.remove(e)
	}
	if f := m.flight(k); f != nil {
		f.found = false
		if len(f.waiting) == 0 {
			m.end(f)
		}
	}
}

func (m *memoModel) end(f *modelFlight) {
	m.flying = slices.DeleteFunc(m.flying, func(other *modelFlight) bool { return other == f })
}

// differs compares what a caller got with what it is to get.
func (c *modelCall) differs(r future.Result[int], settled bool) string {
	switch {
	case settled != c.settled:
		return fmt.Sprintf("settled is %v, want %v", settled, c.settled)
	case !settled:
		return ""
	case c.left:
		if !errors.Is(r.Err, errCause) {
			return fmt.Sprintf("has left and got %v, %v", r.Value, r.Err)
		}
	case r.Value != c.value || r.Err != c.err:
		return fmt.Sprintf("got %v, %v, want %v, %v", r.Value, r.Err, c.value, c.err)
	}
	return ""
}
