package errgroup_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/errgroup"
	"github.com/thence-go/thence/future"
)

// Options that contradict each other panic at Collect, and the text says which to
// leave out.
func TestOptions_Contradictions(t *testing.T) {
	enough := func(int, future.Result[int]) bool { return true }
	sink := func(int, error) {}
	pass := limiter(func(context.Context) error { return nil })
	const one = ": a scope is decided in one way, give one of them"
	const all = ": leave AllErrors out, Wait returns every failure if the scope is not decided"
	for text, opts := range map[string][]errgroup.Option{
		"errgroup: Collect got Limit twice: give it once":     {errgroup.Limit(1), errgroup.Limit(2)},
		"errgroup: Collect got On twice: give it once":        {errgroup.On(inline), errgroup.On(inline)},
		"errgroup: Collect got Throttle twice: give it once":  {errgroup.Throttle(pass), errgroup.Throttle(pass)},
		"errgroup: Collect got Supervise twice: give it once": {errgroup.Supervise(sink), errgroup.Supervise(sink)},
		"errgroup: Collect got AllErrors twice: give it once": {errgroup.AllErrors(), errgroup.AllErrors()},
		"errgroup: Collect got Quorum twice: give it once":    {errgroup.Quorum(1), errgroup.Quorum(2)},
		"errgroup: Collect got Until twice: give it once":     {errgroup.Until(enough), errgroup.Until(enough)},
		"errgroup: Collect got WithHooks twice: give it once": {errgroup.WithHooks(errgroup.Hooks{}), errgroup.WithHooks(errgroup.Hooks{})},
		"errgroup: Collect got First and Quorum" + one:        {errgroup.First(), errgroup.Quorum(2)},
		"errgroup: Collect got Until and First" + one:         {errgroup.Until(enough), errgroup.First()},
		"errgroup: Collect got AllErrors and Quorum" + all:    {errgroup.AllErrors(), errgroup.Quorum(2)},
		"errgroup: Collect got AllErrors and First" + all:     {errgroup.First(), errgroup.AllErrors()},
		"errgroup: Collect got AllErrors and Until" + all:     {errgroup.AllErrors(), errgroup.Until(enough)},
		"errgroup: Collect got a nil Option: leave it out":    {errgroup.Limit(1), nil},
		"errgroup: Collect needs an Until for its own results, a func(int, future.Result[int]) bool, got a func(int, future.Result[string]) bool": {
			errgroup.Until(func(int, future.Result[string]) bool { return true })},
	} {
		require.PanicsWithValue(t, text, func() { errgroup.Collect[int](t.Context(), opts...) })
	}
	require.PanicsWithValue(t, "errgroup: Until needs a function that says when it is enough, got nil", func() { errgroup.Until[int](nil) })
	require.PanicsWithValue(t, "errgroup: Throttle needs a limiter, got nil: leave the option out to start calls at once", func() { errgroup.Throttle(nil) })

	// All that can go together does.
	s := errgroup.Collect[int](t.Context(), errgroup.Limit(1), errgroup.On(onGoroutine), errgroup.Throttle(pass), errgroup.Supervise(sink),
		errgroup.AllErrors(), errgroup.WithHooks(errgroup.Hooks{}))
	require.NoError(t, s.Go(t.Context(), value(1)))
	_, err := s.Wait()
	require.NoError(t, err)
}

func TestScope_MisuseOfStartAndCleanup(t *testing.T) {
	s := errgroup.Collect[int](t.Context())
	defer s.Wait()
	child := func(context.Context, func()) (int, error) { return 1, nil }
	clean := func(context.Context) error { return nil }
	var none context.Context
	for text, misuse := range map[string]func(){
		"errgroup: Start needs a context, got nil: pass context.Background() if there is none": func() { s.Start(none, child) },
		"errgroup: Start needs a function, got nil":                                            func() { s.Start(t.Context(), nil) },
		"errgroup: Cleanup needs a function, got nil":                                          func() { s.Cleanup(1, nil) },
		"errgroup: Cleanup needs a positive shield, got 0s: say how long it may take":          func() { s.Cleanup(0, clean) },
		"errgroup: Cleanup needs a positive shield, got -1s: say how long it may take":         func() { s.Cleanup(-time.Second, clean) },
	} {
		require.PanicsWithValue(t, text, misuse)
	}
}

func TestScope_Zero(t *testing.T) {
	ctx := t.Context()
	var s errgroup.Scope[int]
	for _, use := range []func(){
		func() { s.Go(ctx, value(1)) },
		func() { s.TryGo(ctx, value(1)) },
		func() { s.Do(ctx, func(context.Context) error { return nil }) },
		func() { s.Start(ctx, func(context.Context, func()) (int, error) { return 1, nil }) },
		func() { s.Cleanup(1, func(context.Context) error { return nil }) },
		func() { s.Wait() },
		func() { s.Results() },
		func() { s.Cancel(nil) },
		func() { s.Close() },
		func() { s.Stats() },
		func() { s.Context() },
	} {
		require.PanicsWithValue(t, "errgroup: the zero Scope is not usable: make one with Collect", use)
	}
}
