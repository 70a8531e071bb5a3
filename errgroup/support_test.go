package errgroup_test

import (
	"os"
	"strconv"
	"testing"
)

// stress is how often a racy case is tried; STRESS multiplies it.
func stress(n int) int {
	if testing.Short() {
		return n/10 + 1
	}
	if f, err := strconv.Atoi(os.Getenv("STRESS")); err == nil && f > 0 {
		return n * f
	}
	return n
}
