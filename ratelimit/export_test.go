package ratelimit

// Sleeping returns how many sleep in Wait.
func (l *Limiter) Sleeping() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.line.runs {
		for w := r.head; w != nil; w = w.next {
			n++
		}
	}
	return n
}

// HasTimer reports whether the limiter keeps a timer.
func (l *Limiter) HasTimer() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.timer != nil
}

// Watchers returns how many Chains watch the limiter.
func (l *Limiter) Watchers() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.watchers)
}

// Hot returns how many keys have a Limiter.
func (k *Keyed[K]) Hot() (n int) {
	for i := range k.shards {
		s := &k.shards[i]
		s.mu.Lock()
		n += len(s.hot)
		s.mu.Unlock()
	}
	return n
}
