package pool

// Tick makes the clock of a timer strike before its time.
func Tick(t *Timer) { t.tick() }
