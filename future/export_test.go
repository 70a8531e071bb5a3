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
