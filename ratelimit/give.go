package ratelimit

import (
	"fmt"
	"time"
)

// Give gives back n tokens of a [Limiter.Take] whose event did not happen, now:
// to those who wait, who move up, or to the bucket. It never blocks, and panics
// if n is negative.
//
// The Take has to be of less long ago than the empty bucket takes to fill, and
// the limit must not have changed since: the tokens of earlier ones have run
// over. Then never more than the burst and the rate allow gets through. For
// that, Give keeps back
//
//   - what ran over since the Take, or may have. As Give is not told which Take
//     it undoes, that is the worst of them: where the bucket has been nearly
//     full since one of them, up to all. In a bucket that is in use and far
//     from full it is nothing, up to a bucketful of tokens in the time that
//     one takes to come in;
//   - what others have built on: if more was reserved than there is, the tokens
//     go only to those who wait and who want no more than them;
//   - what is more than Take took lately, and all that was taken under another
//     limit or burst.
func (l *Limiter) Give(n int) {
	checkedGive(n)
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucketLocked()
	for n > 0 && b.limit != Inf {
		word, t := b.word.Load(), time.Now() // in this order: who changed word did so before t
		if !b.covers(t) {
			return // it is full by now
		}
		in := b.at(b.clock(t))
		l.recent.overflow(in, b.size)
		claim, units := l.recent.due(b.cost(n))
		switch {
		case !l.line.empty():
			start := l.line.first(b) - b.cost(l.line.runs[0].head.n)
			if start > in {
				start = in - b.size // a reservation lies before those who wait: over it
			}
			l.freeLocked(b, hole{end: start, size: units})
		case word > in:
			units = 0 // all of it is booked
		case !b.word.CompareAndSwap(word, word-units):
			continue
		}
		l.recent.give(claim, units)
		l.tendLocked()
		return
	}
}

func checkedGive(n int) {
	if n < 0 {
		panic(fmt.Sprintf("ratelimit: Give needs 0 or more tokens, got %d: pass how many of a Take were not used", n))
	}
}

// recent is what Take has handed out lately, as far as Give needs it. All
// numbers are units of the bucket; a new bucket begins with none.
//
// The law is that of the token bucket: from any event on, no more gets through
// than the bucket held then and what comes in. So undoing a Take may not fill
// the bucket beyond where it would have run over at one of the events since:
// it had room for that much then, or what is more is lost. The room at the
// events of others is not known; it was at least what it would be if nobody had
// taken anything since the last Take.
//
// A Take is forgotten after one to two times of what fills the bucket, by
// turns: old holds what both generations do, and is replaced by young. The
// answer to whoever comes later would be the worst one for good.
type recent struct {
	old, young account
	start      int64 // of young, on the scale of the bucket
	last       int64 // where the last Take was
	word       int64 // that of the bucket is no less
}

// account is Takes since a moment, and what came back of them.
type account struct {
	taken, undone, back int64

	// Of the events that had less room than what was taken before them: the
	// least room, and the most by which it was less. If undone tokens are all
	// of before such an event, no more than floor may come back; and if over of
	// them do not come back, all others may.
	floor, over int64
}

// take notes that units were taken at in, which left word.
func (r *recent) take(units, word, in, size int64) {
	r.overflow(in, size)
	if in-r.start >= size {
		r.old, r.young, r.start = r.young, account{floor: farthest}, in
	}
	r.old.taken = min(r.old.taken+units, farthest)
	r.young.taken = min(r.young.taken+units, farthest)
	r.last, r.word = in, word
}

// overflow notes that somebody may have taken some at in, or before.
func (r *recent) overflow(in, size int64) {
	if r.old.taken == 0 || in-r.last >= size {
		*r = recent{start: in, old: account{floor: farthest}, young: account{floor: farthest}}
		return
	}
	room := max(r.word+size-in, 0)
	r.old.overflow(room)
	r.young.overflow(room)
}

func (a *account) overflow(room int64) {
	if room += a.back; room < a.taken {
		a.floor = min(a.floor, room)
		a.over = max(a.over, a.taken-room)
	}
}

// due returns how many of the units are taken for those of a Take, and how many
// of these may come back.
func (r *recent) due(units int64) (claim, back int64) {
	a := &r.old
	claim = min(units, a.taken-a.undone)
	return claim, min(claim, max(max(a.floor, a.undone+claim-a.over)-a.back, 0))
}

// give notes that as much of the claim has come back. It may have been of old.
func (r *recent) give(claim, back int64) {
	if r.old.undone += claim; r.old.undone == r.old.taken {
		*r = recent{} // nothing is out
		return
	}
	r.old.back += back
	r.young.back += back
	r.word -= back
}
