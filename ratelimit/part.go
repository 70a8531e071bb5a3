package ratelimit

import (
	"slices"
	"sync/atomic"
	"time"
)

// part is a limiter of this package in a [Chain]. Unlike any [Taker] it can be
// held still while others are asked, so that nothing has to be given back.
type part interface {
	Taker
	rank() uint64 // the order in which parts are seized, so that no two chains wait for each other

	seize()                           // until letGo, nobody takes or changes anything; blocks for a few instructions
	look(t time.Time, n int) Decision // what Take(n) would say at t; once between seize and letGo
	letGo(n int, take bool)           // takes the n if look said that they are there

	watch(changed chan struct{}, on bool) // whether to send when more may be there than was said
}

// ranks counts the limiters that are in chains.
var ranks atomic.Uint64

// seized is what look keeps for letGo.
type seized struct {
	b         *bucket // nil if there is nothing to take from
	word, end int64
}

func (l *Limiter) rank() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.order == 0 {
		l.order = ranks.Add(1)
	}
	return l.order
}

func (l *Limiter) seize() { l.mu.Lock() }

// look freezes the bucket, as if it were about to be replaced: takers come to
// the lock and wait there.
func (l *Limiter) look(t time.Time, n int) Decision {
	b := l.bucketAtLocked(t)
	switch {
	case n < 0, n > b.burst && b.limit != Inf:
		return b.refuse(OverBurst, t, InfDuration)
	case b.limit == Inf:
		return boundless
	}
	word := b.word.Swap(frozen)
	now := b.clock(t)
	in := b.at(now)
	start := max(word, in-b.size)
	end := start + b.cost(n)
	l.seized = seized{b: b, word: word, end: end}
	if end > in {
		return Decision{Reason: Exhausted, RetryAfter: b.delay(now, in, end), Limit: b.burst, Remaining: b.whole(in - start)}
	}
	return Decision{OK: true, Limit: b.burst, Remaining: b.whole(in - end)}
}

func (l *Limiter) letGo(n int, take bool) {
	if b := l.seized.b; b != nil {
		word := l.seized.word
		if take {
			word = l.seized.end
			l.noteLocked(b, n)
		}
		b.word.Store(word)
		l.seized = seized{}
	}
	l.mu.Unlock()
}

// noteLocked remembers for Give that n tokens are taken. The time is not that
// of look: before the bucket was frozen, somebody may have taken some later.
func (l *Limiter) noteLocked(b *bucket, n int) {
	if n > 0 {
		l.recent.take(b.cost(n), l.seized.end, b.at(b.clock(time.Now())), b.size)
	}
}

func (l *Limiter) watch(changed chan struct{}, on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if on {
		l.watchers = append(l.watchers, changed)
		return
	}
	l.watchers = slices.DeleteFunc(l.watchers, func(c chan struct{}) bool { return c == changed })
}

// tellLocked tells those who watch that more may be there than was said.
func (l *Limiter) tellLocked() {
	for _, c := range l.watchers {
		select {
		case c <- struct{}{}:
		default: // has been told
		}
	}
}
