package ratehttp

import "net/http"

const MaxHosts = maxHosts

// Remembered returns how many hosts a Transport remembers.
func Remembered(rt http.RoundTripper) int {
	t := rt.(*transport)
	t.pauses.mu.Lock()
	defer t.pauses.mu.Unlock()
	return len(t.pauses.hosts)
}
