package testkit

import "sync"

// Gauge counts what is in flight and remembers the peak.
//
// The zero value is ready. A Gauge must not be copied after its first use.
// All methods are safe for concurrent use.
type Gauge struct {
	mu   sync.Mutex // never held across anything that blocks
	now  int
	peak int
}

// Enter counts one more in flight.
func (g *Gauge) Enter() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now++
	g.peak = max(g.peak, g.now)
}

// Leave counts one fewer in flight. It panics if there is none, since such a
// gauge would then report a peak that is too low.
func (g *Gauge) Leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.now == 0 {
		panic("testkit: Leave without Enter: call Enter first, once for each Leave")
	}
	g.now--
}

// Now returns how many are in flight.
func (g *Gauge) Now() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now
}

// Peak returns the most that were ever in flight together.
func (g *Gauge) Peak() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.peak
}
