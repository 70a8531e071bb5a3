package pipeline

import (
	"context"

	"github.com/thence-go/thence/future"
)

// Try lifts a function that can fail but takes no context, such as
// strconv.Atoi, to the shape that Then takes.
func Try[A, B any](fn func(A) (B, error)) func(context.Context, A) (B, error) {
	mustFunc("Try", "function", fn == nil)
	return future.Try(fn)
}

// Do lifts a function without a result to the shape that Then takes: the item
// goes on as it came.
func Do[A any](fn func(context.Context, A) error) func(context.Context, A) (A, error) {
	mustFunc("Do", "function", fn == nil)
	return future.Do(fn)
}
