package pipelinetest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/thence-go/thence/pipeline"
	"github.com/thence-go/thence/pipeline/pipelinetest"
)

var errLost = errors.New("the line is lost")

// shout is a stage as a program has them.
func shout(f pipeline.Flow[string]) pipeline.Flow[string] {
	return pipeline.Map(f, strings.ToUpper)
}

// In a program's own tests this is func TestShout(t *testing.T).
func ExampleRun() {
	_ = func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			if got := pipelinetest.Run(t, shout, "a", "b"); strings.Join(got, "") != "AB" {
				t.Errorf("got %v", got)
			}
		})
	}
}

func ExampleOutcome() {
	_ = func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, err := pipelinetest.Outcome(t, shout, pipelinetest.Fails(errLost, "a", "b"))
			if !errors.Is(err, errLost) {
				t.Errorf("the error of the source is lost: %v", err)
			}
		})
	}
}

func ExampleConform() {
	_ = func(t *testing.T) {
		pipelinetest.Conform(t, pipelinetest.Adapter[string, string]{
			Stage: shout,
			Item:  func(i int) string { return fmt.Sprint("item ", i) },
		})
	}
}

func ExampleFails() {
	got, err := shout(pipelinetest.Fails(errLost, "a", "b")).Collect(context.Background())
	fmt.Println(errors.Is(err, errLost), len(got) <= 2)
	// Output: true true
}

func ExampleSink() {
	items := pipeline.FromSlice([]string{"a", "b", "c"})
	got, err := pipelinetest.Sink[string]{Break: 2}.Drain(context.Background(), shout(items))
	fmt.Println(got, err)
	got, err = pipelinetest.Sink[string]{Fail: 1, Err: errLost}.Drain(context.Background(), shout(items))
	fmt.Println(got, errors.Is(err, errLost))
	// Output:
	// [A B] <nil>
	// [A] true
}

func ExampleMeasure() {
	_ = func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var gauge pipelinetest.Gauge
			slow := pipelinetest.Measure(&gauge, func(_ context.Context, i int) (int, error) {
				time.Sleep(time.Second)
				return i, nil
			})
			got := pipelinetest.Run(t, func(f pipeline.Flow[int]) pipeline.Flow[int] {
				return pipeline.Then(f, slow, pipeline.Workers(3))
			}, 1, 2, 3, 4, 5)
			pipelinetest.InOrder(t, got, func(i int) int { return i })
			if gauge.Peak() != 3 {
				t.Errorf("%d at once", gauge.Peak())
			}
		})
	}
}
