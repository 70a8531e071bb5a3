package adapt

// Probing reports whether the limit is halved to measure the baseline.
func (l *Limit) Probing() bool { return l.probing }
