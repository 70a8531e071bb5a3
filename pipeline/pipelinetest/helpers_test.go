package pipelinetest_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/future"
	"github.com/thence-go/thence/pipeline"
	"github.com/thence-go/thence/pipeline/pipelinetest"
)

// fake is a testing.TB that keeps what it is told.
type fake struct {
	testing.TB
	said []string
}

func (f *fake) Helper() {}
func (f *fake) Errorf(format string, args ...any) {
	f.said = append(f.said, fmt.Sprintf(format, args...))
}
func (f *fake) Fatalf(format string, args ...any) { f.Errorf(format, args...); panic(f) }

// complaints are what fn tells its testing.TB.
func complaints(t *testing.T, fn func(t testing.TB)) []string {
	f := &fake{TB: t}
	func() {
		defer func() {
			if p := recover(); p != nil && p != any(f) {
				panic(p)
			}
		}()
		fn(f)
	}()
	return f.said
}

func TestRunFailsItsTest(t *testing.T) {
	leaky := pump(func(ctx context.Context, f flow, yield func(int) bool) error {
		later()
		return walk(ctx, f, yield)
	})
	broken := func(f flow) flow {
		return pipeline.Then(f, func(context.Context, int) (int, error) { return 0, errLost })
	}
	require.Contains(t, complaints(t, func(t testing.TB) { pipelinetest.Run(t, mapped, 1) })[0], "need a bubble")
	synctest.Test(t, func(t *testing.T) {
		require.Empty(t, complaints(t, func(t testing.TB) { pipelinetest.Run(t, then(pipeline.Workers(3)), 1, 2, 3) }))
		said := complaints(t, func(t testing.TB) { pipelinetest.Run(t, leaky, 1, 2) })
		require.Len(t, said, 1)
		require.Contains(t, said[0], "time.Sleep")
		require.Contains(t, complaints(t, func(t testing.TB) { pipelinetest.Run(t, broken, 1) })[0], errLost.Error())
		time.Sleep(time.Hour) // for the leak to end
	})
}

func TestInOrder(t *testing.T) {
	require.Empty(t, complaints(t, func(t testing.TB) { pipelinetest.InOrder(t, []int{1, 1, 2}, self) }))
	require.Equal(t, []string{"pipelinetest: out of order: item 1 is 3, and item 2 is 2"},
		complaints(t, func(t testing.TB) { pipelinetest.InOrder(t, []int{1, 3, 2, 1}, self) }))
}

func TestSources(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		got, err := pipelinetest.Outcome(t, mapped, pipelinetest.Paced(time.Second, 1, 2, 3))
		require.NoError(t, err)
		require.Equal(t, []int{1, 2, 3}, got)
		require.Equal(t, 3*time.Second, time.Since(begun))

		_, err = pipelinetest.Outcome(t, mapped, pipelinetest.Fails(errLost, 1, 2))
		require.ErrorIs(t, err, errLost)
		_, err = pipelinetest.Outcome(t, mapped, pipelinetest.Exits(1, 2))
		require.ErrorIs(t, err, future.ErrGoexit)
		_, err = pipelinetest.Outcome(t, mapped, pipelinetest.Panics("oops", 1, 2))
		var p *future.PanicError
		require.ErrorAs(t, err, &p)
		require.Equal(t, "oops", p.Value)

		begun = time.Now()
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errLost)
		defer cancel()
		require.ErrorIs(t, pipelinetest.Waits(1, 2).Drain(ctx), errLost)
		require.Equal(t, time.Second, time.Since(begun))
		require.NoError(t, pipelinetest.Sleeps(time.Minute, 1, 2).Drain(t.Context()))
		require.Equal(t, time.Minute+time.Second, time.Since(begun))

		ctx, stop := context.WithCancelCause(t.Context())
		require.ErrorIs(t, pipelinetest.Cancels(func() { stop(errLost) }, 1, 2).Drain(ctx), errLost)
	})
}

func TestSinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		got, err := pipelinetest.Sink[int]{Each: time.Second}.Drain(t.Context(), pipeline.FromSlice(ints(5)))
		require.NoError(t, err)
		require.Equal(t, ints(5), got)
		require.Equal(t, 5*time.Second, time.Since(begun))

		got, err = pipelinetest.Sink[int]{Fail: -1, Err: errLost}.Drain(t.Context(), endless())
		require.ErrorIs(t, err, errLost)
		require.Empty(t, got)

		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errLost)
		defer cancel()
		_, err = pipelinetest.Sink[int]{Each: time.Hour}.Drain(ctx, endless())
		require.ErrorIs(t, err, errLost)
	})
}

func TestMeasureCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g pipelinetest.Gauge
		pipelinetest.Run(t, func(f flow) flow {
			return pipeline.Then(f, pipelinetest.Measure(&g, jittery), pipeline.Workers(3))
		}, ints(20)...)
		require.Equal(t, []int{20, 3, 0}, []int{g.Calls(), g.Peak(), g.Now()})
	})
}
