//go:build race

// Package race tells whether the race detector is on: it allocates, so that
// promises about allocations are checked without it.
package race

// Enabled reports whether the race detector is on.
const Enabled = true
