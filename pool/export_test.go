package pool

// Remembered returns how many keys and tenants a pool keeps something about.
func (p *Pool) Remembered() (keys, tenants int) {
	p.sched.mu.Lock()
	defer p.sched.mu.Unlock()
	return len(p.sched.chains), len(p.sched.tenants)
}
