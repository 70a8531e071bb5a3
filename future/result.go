package future

// Result is what a future has settled with: a value, an error, or neither work
// nor failure but a cancellation.
type Result[T any] struct {
	Value T
	Err   error
}

// Get returns both parts.
func (r Result[T]) Get() (T, error) { return r.Value, r.Err }

// Canceled reports whether the work itself was canceled. A failure that
// carries a cancellation somewhere inside is still a failure.
func (r Result[T]) Canceled() bool { return isCanceled(r.Err) }
