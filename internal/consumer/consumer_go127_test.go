//go:build go1.27

package consumer_test

import (
	"testing"

	consumer "example.com/thence-consumer"
)

func TestFutureMethods(t *testing.T) {
	n, err := consumer.Methods(t.Context())
	want(t, n, err, is(1))
}

func TestPoolMethods(t *testing.T) {
	ns, err := consumer.PooledMethods(t.Context())
	want(t, ns, err, are(1, 2))
}

func TestPipelineMethods(t *testing.T) {
	n, err := consumer.FlowedMethods(t.Context(), []string{"1", "2", "3", "4", "5"})
	want(t, n, err, is(3)) // five in twos are three batches, in twos again two
}
