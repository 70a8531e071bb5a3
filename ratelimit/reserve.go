package ratelimit

import "time"

// Reservation is tokens that were taken ahead of time. Its holder waits for
// [Reservation.Delay] and then acts, or gives the tokens back with
// [Reservation.Cancel].
//
// The zero Reservation is not OK. It must not be copied. Its methods are safe
// for concurrent use.
type Reservation struct {
	l   *Limiter // nil if not OK
	b   *bucket  // that it was made on
	n   int
	end int64 // where its tokens end on the scale of b, or when it was made if that is later
	at  time.Time
}

// Reserve takes a token that is there or will be. It never blocks.
func (l *Limiter) Reserve() *Reservation { return l.ReserveN(time.Now(), 1) }

// ReserveN takes n tokens, as of t, that are there or will be, behind all that
// were taken, reserved or waited for before. The time to act is then fixed:
// neither SetLimit nor those who give up change it. It never blocks.
//
// The Reservation is not OK if n is more than the burst, or if the tokens
// never come or too late for the limiter's clock: it runs for a year at least, and
// for centuries at most rates. If there is a deadline, or a way to give
// up, [Limiter.Wait] does more.
func (l *Limiter) ReserveN(t time.Time, n int) *Reservation {
	for {
		b := l.bucket.Load()
		if b == nil || !b.covers(t) {
			b = l.bucketAt(t)
		}
		switch {
		case n < 0, n > b.burst && b.limit != Inf:
			return &Reservation{}
		case b.limit == Inf:
			return &Reservation{l: l, b: b, n: n, at: t}
		}
		now := b.clock(t)
		end, delay, how := b.book(now, n, func(d time.Duration) bool { return d < InfDuration })
		switch how {
		case taken:
			return &Reservation{l: l, b: b, n: n, end: max(end, b.at(now)), at: t.Add(delay)}
		case refused:
			return &Reservation{}
		}
		l.bucketAt(t) // waits until b is replaced
	}
}

// OK reports whether there is a reservation: if not, Delay is [InfDuration]
// and Cancel does nothing.
func (r *Reservation) OK() bool { return r.l != nil }

// Delay returns how long to wait from now until the tokens are there.
func (r *Reservation) Delay() time.Duration { return r.DelayFrom(time.Now()) }

// DelayFrom returns how long to wait from t until the tokens are there.
func (r *Reservation) DelayFrom(t time.Time) time.Duration {
	if !r.OK() {
		return InfDuration
	}
	return max(r.at.Sub(t), 0)
}

// Cancel gives the tokens back, now.
func (r *Reservation) Cancel() { r.CancelAt(time.Now()) }

// CancelAt gives the tokens back, as of t: to those who wait behind them, who
// move up, or to the bucket, as far as no later reservation builds on them. It
// does nothing if the time to act has passed: the holder is taken to have
// acted.
func (r *Reservation) CancelAt(t time.Time) {
	if !r.OK() || r.at.Before(t) {
		return
	}
	l := r.l
	l.mu.Lock()
	defer l.mu.Unlock()
	n := r.n
	if r.n = 0; n == 0 {
		return // canceled before
	}
	b, end := l.bucketLocked(), r.end
	if b.limit == Inf || b.era != r.b.era {
		return // the bucket was filled when the limit came back
	}
	if b != r.b {
		end = b.place(r.b.total(end))
	}
	l.freeLocked(b, hole{end: end, size: b.cost(n)})
	l.tendLocked()
}
