package pool

import "time"

// Tick makes the clock of a timer strike before its time.
func Tick(t *Timer) { t.tick() }

// StartedAt is a schedule of Every as a timer that was made at a time has it.
func StartedAt(s Schedule, t time.Time) Schedule {
	i := s.(interval)
	i.start = t
	return i
}

// HasClock reports whether the runtime still has a timer for t.
func HasClock(t *Timer) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.clock != nil && t.clock.Stop()
}
