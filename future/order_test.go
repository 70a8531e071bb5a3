package future_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

// Whoever was woken by a timeout may await at once what timed out. That must not
// count as a claim that keeps it alive, else both would hang.
func TestLaw11_ClaimsAreGivenUpBeforeAnybodyIsWoken(t *testing.T) {
	for range stress(500) {
		synctest.Test(t, func(t *testing.T) {
			ctx := context.Background()
			f := future.Go(ctx, untilDone)
			_, err := future.Then(f, identity).Timeout(1).Await(ctx)
			require.ErrorIs(t, err, future.ErrTimeout)
			_, err = f.Await(ctx)
			require.ErrorIs(t, err, future.ErrCanceled)
		})
	}
}
