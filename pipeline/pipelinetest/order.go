package pipelinetest

import (
	"cmp"
	"testing"
)

// InOrder fails t if the key of an item is less than that of the item before
// it, and says where.
func InOrder[T any, K cmp.Ordered](t testing.TB, items []T, key func(T) K) {
	t.Helper()
	for i := 1; i < len(items); i++ {
		if key(items[i]) < key(items[i-1]) {
			t.Errorf("pipelinetest: out of order: item %d is %v, and item %d is %v", i-1, items[i-1], i, items[i])
			return
		}
	}
}
