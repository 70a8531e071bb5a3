package future

import (
	"context"
	"fmt"
)

// Try lifts a function that can fail but takes no context, such as
// strconv.Atoi, to the shape that Then takes.
func Try[A, B any](fn func(A) (B, error)) func(context.Context, A) (B, error) {
	mustFunc("Try", fn == nil)
	return func(_ context.Context, a A) (B, error) { return fn(a) }
}

// Do lifts a function without a result to the shape that Then takes: what came
// in goes on.
func Do[A any](fn func(context.Context, A) error) func(context.Context, A) (A, error) {
	mustFunc("Do", fn == nil)
	return func(ctx context.Context, a A) (A, error) { return a, fn(ctx, a) }
}

// Void lifts a function without a result to the shape that Go takes.
func Void(fn func(context.Context) error) func(context.Context) (struct{}, error) {
	mustFunc("Void", fn == nil)
	return func(ctx context.Context) (struct{}, error) { return struct{}{}, fn(ctx) }
}

func mustFunc(name string, missing bool) {
	if missing {
		panic("future: " + name + " needs a function, got nil")
	}
}

func mustContext(name string, ctx context.Context) {
	if ctx == nil {
		panic("future: " + name + " needs a context, got nil: pass context.Background() if there is none")
	}
}

func mustFuture(name string, missing bool) {
	if missing {
		panic("future: " + name + " needs a future, got nil")
	}
}

func mustFutures[T any](name string, fs []*Future[T]) {
	for i, f := range fs {
		if f == nil {
			panic(fmt.Sprintf("future: %s needs futures, got nil as number %d", name, i))
		}
	}
}
