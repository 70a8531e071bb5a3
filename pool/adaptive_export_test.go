package pool

import "time"

// Resizer is what an Adapter resizes.
type Resizer = resizer

// Adapter is the adaptive part of a pool, by itself.
type Adapter struct{ a *adaptive }

func NewAdapter(c AdaptiveConfig, workers int, p Resizer) (Adapter, int) {
	a, first := newAdaptive(c, workers, p)
	return Adapter{a}, first
}

func (a Adapter) Sample(run time.Duration, running int, err error) { a.a.sample(run, running, err) }

func (a Adapter) Limit() int {
	a.a.mu.Lock()
	defer a.a.mu.Unlock()
	return a.a.limit.Limit()
}
