package future_test

import (
	"math"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/thence-go/thence/future"
)

// Few hashes, so that runs are long and go around the end.
func TestMemoTable_AgainstAMap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		table, model := future.NewTable(), map[int]bool{}
		spread := rapid.SampledFrom([]int{1, 3, 5, 1000}).Draw(rt, "hashes")
		hash := func(k int) uint64 { return math.MaxUint64 - 3 + uint64(k%spread) }
		for range rapid.IntRange(1, 200).Draw(rt, "steps") {
			k := rapid.IntRange(0, 40).Draw(rt, "key")
			if model[k] {
				table.Remove(k, hash(k))
				delete(model, k)
			} else {
				table.Add(k, hash(k))
				model[k] = true
			}
			for k := range 41 {
				if table.Get(k, hash(k)) != model[k] {
					rt.Fatalf("key %d: there %v, want %v", k, !model[k], model[k])
				}
			}
			if table.Len() != len(model) {
				rt.Fatalf("has %d, want %d", table.Len(), len(model))
			}
		}
	})
}

// Whoever looks while others are moved ends, finds no other key's, finds nothing
// that was never there, and, once it is quiet, all that is there.
func TestMemoTable_LooksBesideChanges(t *testing.T) {
	hash := func(k int) uint64 { return uint64(k % 7) }
	for range stress(20) {
		table := future.NewTable()
		var stop atomic.Bool
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				for !stop.Load() {
					for k := range 50 {
						if table.Get(k, hash(k)) && k >= 40 {
							t.Error("a key that was never there")
							return
						}
					}
				}
			})
		}
		for range 20 {
			for k := range 40 {
				table.Add(k, hash(k))
			}
			for k := range 40 {
				table.Remove(k, hash(k))
			}
		}
		table.Add(1, hash(1))
		stop.Store(true)
		wg.Wait()
		require.True(t, table.Get(1, hash(1)))
	}
}
