package ratehttp

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/thence-go/thence/ratelimit"
)

// maxHosts is how many hosts are remembered at once. When there are more, that
// one is forgotten whose pause would have ended first.
const maxHosts = 1024

// pauses is what servers have asked for, by host. Only hosts that want
// something are in it, and only until that is over.
type pauses struct {
	mu    sync.Mutex // held for a few instructions, never while anybody waits
	hosts map[string]*pause
}

// pause is what a host has asked for. It never changes: another answer makes
// another pause.
type pause struct {
	open time.Time          // no request before
	pace *ratelimit.Limiter // of those from then on until slow; nil if there is none
	slow time.Time
}

func (p *pause) end() time.Time {
	if p.pace != nil && p.slow.After(p.open) {
		return p.slow
	}
	return p.open
}

// learn remembers what a refusal says.
func (ps *pauses) learn(host string, resp *http.Response) {
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
		return
	}
	wait, said := RetryAfter(resp)
	limits := limits(resp.Header)
	for _, l := range limits {
		if l.units == 0 && !said { // Retry-After has precedence
			wait = max(wait, l.within)
		}
	}
	var gap, within time.Duration
	for _, l := range limits {
		if l.units > 0 && l.within > wait {
			if g := upDiv(l.within-wait, l.units); g > gap {
				gap, within = g, l.within
			}
		}
	}
	if wait > 0 || gap > 0 {
		ps.add(host, wait, gap, within)
	}
}

// upDiv rounds up, so that the distances of n requests fill d.
func upDiv(d time.Duration, n int64) time.Duration {
	return d/time.Duration(n) + min(d%time.Duration(n), 1)
}

func (ps *pauses) add(host string, wait, gap, within time.Duration) {
	now := time.Now()
	p := &pause{open: now.Add(wait)}
	if gap > 0 {
		p.pace, p.slow = ratelimit.NewLimiter(ratelimit.Every(gap), 1), now.Add(within)
	}
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if old := ps.hosts[host]; old != nil { // answers come in any order: what one of them asked for holds
		if old.open.After(p.open) {
			p.open = old.open
		}
		if p.pace == nil {
			p.pace, p.slow = old.pace, old.slow
		}
	}
	if ps.hosts == nil {
		ps.hosts = map[string]*pause{}
	}
	ps.hosts[host] = p
	if len(ps.hosts) > maxHosts {
		ps.forgetLocked(now)
	}
}

// forgetLocked drops the hosts whose pause is over, or else the one whose
// pause ends first.
func (ps *pauses) forgetLocked(now time.Time) {
	var first string
	for host, p := range ps.hosts {
		switch {
		case !p.end().After(now):
			delete(ps.hosts, host)
		case first == "" || p.end().Before(ps.hosts[first].end()):
			first = host
		}
	}
	if len(ps.hosts) > maxHosts {
		delete(ps.hosts, first)
	}
}

// of returns the pause of a host; nil if it wants nothing.
func (ps *pauses) of(host string, now time.Time) *pause {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p := ps.hosts[host]
	if p != nil && !p.end().After(now) {
		delete(ps.hosts, host)
		return nil
	}
	return p
}

// wait waits until the host may be asked, and returns the pause that it has
// waited for. What was known before is not waited for again.
func (ps *pauses) wait(ctx context.Context, host string, known *pause) (*pause, error) {
	for {
		now := time.Now()
		p := ps.of(host, now)
		switch {
		case p == nil || p == known:
			return p, nil
		case p.open.After(now):
			if err := sleep(ctx, host, p.open.Sub(now)); err != nil {
				return nil, err
			}
		default:
			paced, err := p.walk(ctx, host)
			if err != nil {
				return nil, err
			}
			if paced {
				known = p
			}
		}
	}
}

// walk waits for its turn in a pace, or reports false when there is no pace
// any more.
func (p *pause) walk(ctx context.Context, host string) (bool, error) {
	inside, cancel := context.WithDeadline(ctx, p.slow)
	defer cancel()
	err := p.pace.Wait(inside)
	if err == nil {
		return true, nil
	}
	if end, ok := ctx.Deadline(); ctx.Err() != nil || ok && end.Before(p.slow) {
		return false, err
	}
	return false, sleep(ctx, host, time.Until(p.slow)) // its turn would come after the pace
}

// sleep waits for d, unless ctx ends before that.
func sleep(ctx context.Context, host string, d time.Duration) error {
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= d {
		if err := ctx.Err(); err != nil {
			return &PausedError{Host: host, Wait: d, err: err, cause: context.Cause(ctx)}
		}
		return &PausedError{Host: host, Wait: d, err: context.DeadlineExceeded}
	}
	begin := time.Now()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return &PausedError{Host: host, Wait: d - time.Since(begin), err: ctx.Err(), cause: context.Cause(ctx)}
	}
}
