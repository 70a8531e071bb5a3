package pipeline

import "context"

// stageCtx is what the functions of a stage are given in a run with figures: so
// Retry finds where to count.
type stageCtx struct {
	context.Context
	stage *stage
}

type stageKey struct{}

func (c stageCtx) Value(key any) any {
	if key == (stageKey{}) {
		return c.stage
	}
	return c.Context.Value(key)
}

// runsAs makes ctx what the functions of s are given.
func (s *segment) runsAs(ctx context.Context) {
	if s.at0.stage != nil {
		ctx = stageCtx{ctx, s.at0.stage}
	}
	s.ctx = ctx
}

// retried counts one further attempt.
func retried(ctx context.Context) {
	if st, ok := ctx.Value(stageKey{}).(*stage); ok {
		st.retried.Add(1)
	}
}
