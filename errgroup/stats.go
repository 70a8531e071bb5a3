package errgroup

// Stats counts the calls of a scope: Started = Running + Done.
type Stats struct {
	Started    int // functions that were called
	Running    int // and have not returned
	Done       int // and have returned, panicked or exited
	Failed     int // calls with an outcome that is a failure
	NotStarted int // calls that were refused, or canceled before they began
}

// Stats returns the counts of this moment.
func (s *Scope[T]) Stats() Stats {
	s.mustMade()
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stats
	stats.Started = int(s.begun.Load())
	stats.Running = stats.Started - stats.Done
	return stats
}
