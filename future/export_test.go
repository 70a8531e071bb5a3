package future

// Followers returns how many links are registered at f.
func (f *Future[T]) Followers() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for l := f.watch; l != nil; l = l.next {
		n++
		if l.next == f.watch {
			break
		}
	}
	return n
}

// Entries counts what is kept.
func (m *Memo[K, V]) Entries() (n int) {
	for i := range m.shards {
		s := &m.shards[i]
		s.mu.RLock()
		n += len(s.entries)
		s.mu.RUnlock()
	}
	return n
}
