package future

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"sync"
	"time"
)

// ErrBudget says that there was no further attempt because the budget was
// empty. What matches it also reaches the failures of the attempts that there
// were.
var ErrBudget = errors.New("future: the retry budget is empty")

// Budget bounds the retries of many calls together, so that they cannot storm a
// service that is failing: each further attempt of Retry and Hedge costs a
// token, and tokens come from calls that succeed and, slowly, from time. The
// idea is Finagle's ("Retry Budgets", 2016).
//
// Make one for each service that is called, and give it to all policies for
// that service. The zero Budget never has a token: use NewBudget. A Budget must
// not be copied; all its users may share it at any time.
type Budget struct {
	ratio int64         // micro-tokens that a success earns
	cost  time.Duration // floor time that makes one token; 0: there is no floor
	full  time.Duration // the most floor time that is kept

	mu sync.Mutex // held for arithmetic only
	// All of this is as it was at the time at.
	at     time.Time
	floor  time.Duration      // floor time that is not spent
	into   time.Duration      // how much of the current slot has passed
	slot   int                // the current one
	earned [budgetSlots]int64 // micro-tokens, by the second in which they were earned
}

const (
	budgetCredit = 10 * time.Second
	budgetSlot   = time.Second
	budgetSlots  = int(budgetCredit / budgetSlot)
	oneToken     = 1e6 // micro-tokens: 0.1 and 0.2 are exact
)

// NewBudget makes a budget. Each call that succeeds earns ratio tokens, which
// last for ten seconds: with 0.2, one retry for five successes. floorPerSecond
// tokens come each second whatever happens, so that a caller that makes few
// calls can retry at all; ten seconds' worth of them is kept, at least one
// token, and is there at the start. 0.2 and 10 are usual.
//
// So in any time there are never more further attempts than ratio x successes +
// floorPerSecond x seconds + the ten seconds' worth. A success counts where it
// is returned: with one budget for a Retry inside a Hedge, a call can count for
// both. Both parameters may be 0; a Budget that earns nothing allows no retry.
func NewBudget(ratio, floorPerSecond float64) *Budget {
	if !(ratio >= 0 && ratio <= 1000) { // NaN too
		panic(fmt.Sprintf("future: NewBudget needs a ratio from 0 to 1000, such as 0.2; got %v", ratio))
	}
	if !(floorPerSecond >= 0 && floorPerSecond <= 1e9) {
		panic(fmt.Sprintf("future: NewBudget needs a floor from 0 to 1e9 a second, such as 10; got %v", floorPerSecond))
	}
	b := &Budget{ratio: int64(math.Round(ratio * oneToken)), at: time.Now()}
	if floorPerSecond > 0 {
		// Rounded up, and so never more than was promised.
		b.cost = time.Duration(min(math.Ceil(float64(time.Second)/floorPerSecond), math.MaxInt64/4))
		b.full = max(b.cost, budgetCredit, b.cost*time.Duration(floorPerSecond*budgetCredit.Seconds()))
		b.floor = b.full
	}
	return b
}

// earn is called after a success. A nil budget is none.
func (b *Budget) earn() {
	if b == nil || b.ratio == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advanceLocked()
	b.earned[b.slot] += b.ratio
}

// spend takes a token if there is one: what was earned first, since it expires
// first, and the rest from the floor.
func (b *Budget) spend() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advanceLocked()
	rest := int64(oneToken)
	for _, earned := range b.earned {
		rest -= min(rest, earned)
	}
	var fromFloor time.Duration
	if rest > 0 {
		if b.cost == 0 {
			return false
		}
		hi, lo := bits.Mul64(uint64(b.cost), uint64(rest))
		part, left := bits.Div64(hi, lo, oneToken)
		if left > 0 {
			part++
		}
		fromFloor = time.Duration(part)
		if fromFloor > b.floor {
			return false
		}
	}
	b.floor -= fromFloor
	due := oneToken - rest
	for i := 1; due > 0; i++ { // the slot after the current one is the oldest
		s := &b.earned[(b.slot+i)%budgetSlots]
		part := min(due, *s)
		*s -= part
		due -= part
	}
	return true
}

// advanceLocked brings everything up to now. The clock is read under the lock,
// so if it goes back it is another clock, that of the next synctest bubble:
// what there is then stays.
func (b *Budget) advanceLocked() {
	now := time.Now()
	passed := max(0, now.Sub(b.at))
	b.at = now
	b.floor = min(b.floor+min(passed, b.full), b.full)
	b.into += min(passed, budgetCredit)
	for ; b.into >= budgetSlot; b.into -= budgetSlot {
		b.slot = (b.slot + 1) % budgetSlots
		b.earned[b.slot] = 0
	}
}
