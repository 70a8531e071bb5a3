package task_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/internal/task"
)

type lender struct {
	context.Context
	told error
}

func (l *lender) Panicked(err error) { l.told = err }

func TestPanickedTellsWhoLentTheContext(t *testing.T) {
	l := &lender{Context: context.Background()}
	child, cancel := context.WithCancel(l)
	defer cancel()
	task.Panicked(child, errCause)
	task.Panicked(nil, errCause) //nolint:staticcheck // a task without an executor
	require.NoError(t, l.told, "a child is not the task's")
	task.Panicked(l, errCause)
	require.Equal(t, errCause, l.told)
}
