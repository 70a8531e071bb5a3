package pool

import "fmt"

// Resize changes how many workers the pool has at most, at any time. More come
// at once if there is work; fewer as tasks end or block: nothing is
// interrupted. A number below 1 is an error and changes nothing.
func (p *Pool) Resize(n int) error {
	if n < 1 {
		return fmt.Errorf("pool: Resize needs at least 1 worker, got %d: shut the pool down to stop it", n)
	}
	s := &p.slots
	p.mu.Lock() // of two at once one is the last
	s.limit.Store(uint64(n))
	s.shrunk.Store(true) // until a worker has seen that it is not so
	p.mu.Unlock()
	s.fill()
	p.wakeForWork()
	return nil
}

func (p *Pool) width() int { return int(p.slots.limit.Load()) }
