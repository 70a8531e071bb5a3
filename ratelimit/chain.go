package ratelimit

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"
)

// Chain is several limits on one event, as so many a second and so many an
// hour, or of a user and of all together. An event gets through if all of them
// let it; if not, none has lost anything.
//
// Most callers want [Chain.Take], or [Chain.Wait] if the event has to happen.
//
// For each [Limiter], and each Limiter of a Chain in the chain, this is exact:
// all are asked at one moment, in which nobody else takes from them. Of a Taker
// of another kind the tokens are taken first, and given back if another one
// refuses; what then comes back is up to its Give.
//
// The zero Chain lets nothing through; use [NewChain]. A Chain must not be
// copied. All methods are safe for concurrent use. A Limiter may be in many
// chains, and be used beside them.
type Chain struct {
	parts  []part  // each once, in the order of their ranks
	others []Taker // taken from first, in order

	mu          sync.Mutex // held for a few instructions; no foreign code runs under it
	first, last *link      // who waits, in order; the first one asks
}

// NewChain returns the chain of the limiters. One that occurs twice counts
// once, for Limiters. It panics without any, and if one is nil.
func NewChain(ts ...Taker) *Chain {
	if len(ts) == 0 {
		panic("ratelimit: NewChain needs limiters, got none: pass those that all have to let an event through")
	}
	c := &Chain{}
	for i, t := range ts {
		switch t := t.(type) {
		case nil:
			panic(fmt.Sprintf("ratelimit: NewChain needs limiters, got nil as number %d: leave it out", i))
		case *Chain:
			c.parts = append(c.parts, t.parts...)
			c.others = append(c.others, t.others...)
		case part:
			c.parts = append(c.parts, t)
		default:
			c.others = append(c.others, t)
		}
	}
	slices.SortFunc(c.parts, func(a, b part) int { return cmp.Compare(a.rank(), b.rank()) })
	c.parts = slices.CompactFunc(c.parts, func(a, b part) bool { return a.rank() == b.rank() })
	return c
}

// Take takes n tokens of each limiter if all of them have them now; or it takes
// none, and says why and when to try again. It never blocks.
//
// Of several refusals it is that with the greatest RetryAfter; limiters of other
// kinds are asked only up to the first that refuses. Limit and Remaining are
// the least of all.
func (c *Chain) Take(n int) Decision {
	v := c.ask(n, true)
	return v.decision(n)
}

// ask asks all limiters, and takes the tokens if all of them have them. If not
// asked to take, it leaves out the others.
func (c *Chain) ask(n int, take bool) (v verdict) {
	v.limit, v.left, v.over = math.MaxInt, math.MaxInt, math.MaxInt
	if len(c.parts)+len(c.others) == 0 {
		v.refusal, v.limit, v.left = Decision{Reason: OverBurst, RetryAfter: InfDuration}, 0, 0
		return v
	}
	if n < 0 { // nobody is to be asked for it, but they know their limits
		v.add(Decision{Reason: OverBurst, RetryAfter: InfDuration, Limit: math.MaxInt, Remaining: math.MaxInt}, false)
	}
	taken, agreed := 0, false
	defer func() { // also if one of the others panics
		for ; taken > 0 && !agreed; taken-- {
			c.others[taken-1].Give(n)
		}
	}()
	for i := 0; take && i < len(c.others) && v.ok(); i++ {
		d := c.others[i].Take(n)
		if d.OK {
			taken++
		}
		v.add(d, true)
	}
	for _, p := range c.parts {
		p.seize()
	}
	t := time.Now()
	for _, p := range c.parts {
		v.add(p.look(t, n), false)
	}
	agreed = v.ok()
	for _, p := range c.parts {
		p.letGo(n, take && agreed)
	}
	return v
}

// verdict is what several limiters say together.
type verdict struct {
	refusal Decision // the one with the greatest RetryAfter; zero if there is none
	other   bool     // it is that of a limiter of another kind
	limit   int
	left    int // of those that refuse
	over    int // of those that agree, after that
}

func (v *verdict) ok() bool { return v.refusal.Reason == 0 }

func (v *verdict) add(d Decision, other bool) {
	v.limit = min(v.limit, d.Limit)
	if d.OK {
		v.over = min(v.over, d.Remaining)
		return
	}
	v.left = min(v.left, d.Remaining)
	if d.Reason == 0 {
		d.Reason = Exhausted
	}
	if v.ok() || d.RetryAfter > v.refusal.RetryAfter {
		v.refusal, v.other = d, other
	}
}

// decision returns the Decision of all: after a refusal, those that agreed have
// their n back.
func (v *verdict) decision(n int) Decision {
	if v.ok() {
		return Decision{OK: true, Limit: v.limit, Remaining: v.over}
	}
	d := v.refusal
	d.Limit, d.Remaining = v.limit, v.left
	if v.over <= math.MaxInt-n {
		d.Remaining = min(d.Remaining, v.over+n)
	}
	return d
}

// Give gives back n tokens of a Take whose event did not happen, to each of the
// limiters: see [Limiter.Give]. It panics if n is negative.
func (c *Chain) Give(n int) {
	checkedGive(n)
	for _, p := range c.parts {
		p.Give(n)
	}
	for _, t := range c.others {
		t.Give(n)
	}
}
