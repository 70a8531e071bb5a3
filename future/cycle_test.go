package future_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

// FlatMaps whose functions return each other's futures wait for each other for
// ever, and hold up nobody but those who await them.
func TestLaw9_FlatMapsThatWaitForEachOther(t *testing.T) {
	ended, end := context.WithCancel(context.Background())
	end()
	for n := 2; n <= 3; n++ {
		for range stress(3000) {
			heads, ring := make([]future.Promise[int], n), make([]ints, n)
			for i := range n {
				heads[i] = future.NewPromise[int]()
				ring[i] = future.FlatMap(heads[i].Future(), func(int) ints { return ring[(i+1)%n] })
			}
			var all []ints
			for i, head := range heads {
				all = append(all, future.Go(context.Background(), func(context.Context) (int, error) {
					head.Resolve(1)
					_, err := ring[i].Await(ended)
					return 0, err
				}))
			}
			for _, f := range all {
				_, err := f.Await(context.Background())
				require.ErrorIs(t, err, context.Canceled)
				require.NotErrorIs(t, err, future.ErrCanceled)
			}
			canceled := make(chan struct{})
			go func() {
				ring[1].Cancel(errCause)
				close(canceled)
			}()
			ring[0].Cancel(errCause)
			<-canceled
			for _, f := range ring {
				_, err := f.Await(context.Background())
				require.Equal(t, &future.CanceledError{Cause: errCause}, err)
			}
		}
	}
}

// One that waits for itself by way of another link does so too.
func TestLaw9_AFlatMapThatWaitsForItself(t *testing.T) {
	for range stress(1000) {
		p := future.NewPromise[int]()
		var end ints
		begin := future.FlatMap(p.Future(), func(int) ints { return end })
		end = future.Map(begin, func(n int) int { return n })
		p.Resolve(1)
		begin.Cancel(errCause)
		_, err := end.Await(context.Background())
		require.Equal(t, &future.CanceledError{Cause: errCause}, err)
	}
}
