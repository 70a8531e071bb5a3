package pipelinetest

import (
	"testing"

	"github.com/thence-go/thence/internal/verdict"
	"github.com/thence-go/thence/pipeline"
)

// Run runs s on items and returns what comes out. It fails t if the flow does
// or if a goroutine of the flow is left behind. It must be called in a
// synctest bubble.
//
// On cancel: the flow runs with t's context, and ends with it.
func Run[A, B any](t testing.TB, s pipeline.Stage[A, B], items ...A) []B {
	t.Helper()
	got, err := Outcome(t, s, pipeline.FromSlice(items))
	if err != nil {
		t.Fatalf("pipelinetest: the flow failed: %v", err)
	}
	return got
}

// Outcome runs s on a flow, such as one that [Fails], and returns what comes
// out and the error of the flow. It fails t if a goroutine of the flow is left
// behind. It must be called in a synctest bubble.
//
// On cancel: the flow runs with t's context, and ends with it.
func Outcome[A, B any](t testing.TB, s pipeline.Stage[A, B], from pipeline.Flow[A]) ([]B, error) {
	t.Helper()
	before := verdict.LookAround()
	if before.Bubble == "" {
		t.Fatalf("pipelinetest: Run and Outcome need a bubble: call them inside of synctest.Test")
	}
	got, err := pipeline.Via(from, s).Collect(t.Context())
	if left := before.Newcomers(); left != "" {
		t.Errorf("pipelinetest: the flow has ended and left goroutines behind:\n\n%s", left)
	}
	return got, err
}
