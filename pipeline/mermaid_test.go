package pipeline_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pipeline"
)

func TestMermaidEscapesNames(t *testing.T) {
	f := pipeline.Then(endless(), double, pipeline.Name("a\"b#c<d>&`e\r\nf"))
	require.Equal(t, "flowchart LR\n"+
		"\tn0[\"source\"]\n"+
		"\tn1[\"a#quot;b#35;c#lt;d#gt;#amp;#96;e<br/>f\"]\n"+
		"\tn0 --> n1\n", f.Mermaid())
}

func TestMermaidOfARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pipeline.Then(pipeline.FromSlice(upTo(10)), takes(time.Second), pipeline.Name("slow")).
			OnUndelivered(func(int) {}).
			Filter(func(i int) bool { return i > 4 })
		r := f.Start(t.Context(), func(_ context.Context, i int) error {
			if i == 5 {
				return pipeline.ErrSkip
			}
			return nil
		})
		require.NoError(t, r.Wait())
		got := r.Mermaid()
		require.Contains(t, got, `["slow<br/>in 10, out 10<br/>workers 1, queued 0<br/>busy 10s, 100 %"]`)
		require.Contains(t, got, `["filter#35;3<br/>in 10, out 5"]`)
		require.Contains(t, got, `["start#35;4<br/>in 5, out 0<br/>failed 0, skipped 1<br/>`)
		for _, st := range r.Stats() {
			require.NotEmpty(t, st.Name)
		}
	})
}

func ExampleFlow_Mermaid() {
	f := pipeline.FromSlice([]int{1, 2, 3}).Filter(func(i int) bool { return i > 1 })
	fmt.Print(pipeline.Then(f, double, pipeline.Name("double"), pipeline.Workers(4)).Mermaid())
	// Output:
	// flowchart LR
	// 	n0["source"]
	// 	n1["filter#35;1"]
	// 	n2["double"]
	// 	n0 --> n1
	// 	n1 --> n2
}
