package task

import "context"

// Panicked tells the executor that a task runs on that the task's own function has
// panicked. ctx is what the executor gave to the task. The error of the task does
// not tell it: a function may return what work that it waited for came to.
func Panicked(ctx context.Context, err error) {
	if on, ok := ctx.(interface{ Panicked(error) }); ok {
		on.Panicked(err)
	}
}
