package consumer_test

import (
	"slices"
	"testing"

	consumer "example.com/thence-consumer"
)

func want[T any](t *testing.T, got T, err error, ok func(T) bool) {
	t.Helper()
	if err != nil || !ok(got) {
		t.Fatalf("got %v, %v", got, err)
	}
}

func is[T comparable](want T) func(T) bool { return func(got T) bool { return got == want } }

func are(want ...int) func([]int) bool {
	return func(got []int) bool { return slices.Equal(got, want) }
}

func TestFuture(t *testing.T) {
	s, err := consumer.Chain(t.Context())
	want(t, s, err, is("x"))
}

func TestPool(t *testing.T) {
	n, err := consumer.Pooled(t.Context())
	want(t, n, err, is(2))
}

func TestErrgroup(t *testing.T) {
	ns, err := consumer.Scoped(t.Context())
	want(t, ns, err, are(1, 2, 3))
	want(t, true, consumer.DropIn(t.Context()), is(true))
}

func TestPipeline(t *testing.T) {
	sum, seen, bad, err := consumer.Flowed(t.Context(), []string{"1", "2", "x", "3"})
	want(t, sum, err, is(6))
	if seen != 3 || !slices.Equal(bad, []string{"x"}) {
		t.Fatalf("saw %d, letters %q", seen, bad)
	}
}

func TestRatelimit(t *testing.T) {
	n, err := consumer.Limited(t.Context())
	want(t, n, err, is(2)) // one of the three went to Wait
	codes, err := consumer.Served(t.Context())
	want(t, codes, err, are(404, 404, 429))
	want(t, consumer.LimitedEach(), nil, is(2))
}
