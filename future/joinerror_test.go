package future_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
)

func TestLaw14_JoinErrorReachesFailuresOnly(t *testing.T) {
	err := error(&future.JoinError{Errs: []future.IndexedError{
		{Index: 1, Err: errDisk},
		{Index: 4, Err: &future.CanceledError{Cause: errCause}},
	}})
	require.ErrorIs(t, err, errDisk)
	require.NotErrorIs(t, err, future.ErrCanceled)
	var indexed future.IndexedError
	require.ErrorAs(t, err, &indexed)
	require.Equal(t, 1, indexed.Index)
}

// What was given twice fails twice, but is looked at once: the time and the text
// do not double with each level.
func TestLaw14_JoinErrorOfTheSameErrors(t *testing.T) {
	f := future.Failed[int](errDisk)
	for range 40 {
		f = future.Any(f, f)
	}
	require.ErrorIs(t, f.Err(), errDisk)
	require.NotErrorIs(t, f.Err(), errCause)
	require.Less(t, len(f.Err().Error()), 5000)

	one := future.Any(future.Failed[int](errDisk))
	require.EqualError(t, future.Any(one, one).Err(), "future: input 0: future: input 0: disk\nfuture: input 1: the same as input 0")
}

// Errors that cannot be compared, and sentinels, all stand there.
func TestLaw14_JoinErrorKeepsWhatWrapsNothing(t *testing.T) {
	same := &future.JoinError{Errs: []future.IndexedError{{Index: 3, Err: errDisk}}}
	err := &future.JoinError{Errs: []future.IndexedError{
		{Index: 0, Err: errDisk}, {Index: 1, Err: errDisk},
		{Index: 2, Err: future.KeyErrors[int]{1: errDisk}}, {Index: 3, Err: future.KeyErrors[int]{1: errDisk}},
		{Index: 4, Err: same}, {Index: 5, Err: same}, {Index: 6},
	}}
	require.Len(t, err.Unwrap(), 6)
	require.ErrorIs(t, err, errDisk)
	require.True(t, errors.Is(err, errDisk))
}
