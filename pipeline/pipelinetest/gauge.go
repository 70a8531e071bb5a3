package pipelinetest

import (
	"context"
	"sync"
)

// Gauge counts how many calls are under way at once, and remembers the peak.
//
// The zero value is ready. A Gauge must not be copied after its first use. All
// methods are safe for concurrent use.
type Gauge struct {
	mu               sync.Mutex
	calls, now, peak int
}

// Measure returns fn with its calls counted by g, however they end.
func Measure[A, B any](g *Gauge, fn func(context.Context, A) (B, error)) func(context.Context, A) (B, error) {
	return func(ctx context.Context, v A) (B, error) {
		g.add(1)
		defer g.add(-1)
		return fn(ctx, v)
	}
}

func (g *Gauge) add(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls += max(n, 0)
	g.now += n
	g.peak = max(g.peak, g.now)
}

// Calls returns how many calls have begun.
func (g *Gauge) Calls() int { g.mu.Lock(); defer g.mu.Unlock(); return g.calls }

// Now returns how many calls are under way.
func (g *Gauge) Now() int { g.mu.Lock(); defer g.mu.Unlock(); return g.now }

// Peak returns the most calls that were ever under way at once.
func (g *Gauge) Peak() int { g.mu.Lock(); defer g.mu.Unlock(); return g.peak }
