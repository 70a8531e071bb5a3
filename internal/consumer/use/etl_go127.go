//go:build go1.27

package use

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/thence-go/thence/pipeline"
	"github.com/thence-go/thence/pool"
)

// ETLMethods is ETL, left to right, its parsing on a pool.
func ETLMethods(ctx context.Context, lines iter.Seq2[string, error], db *DB, p *pool.Pool) error {
	return pipeline.FromSeq2(lines).
		Then(pipeline.Try(parse), pipeline.On(p), pipeline.Name("parse")).
		Filter(Event.valid).
		Batch(500, 100*time.Millisecond).
		ForEach(ctx, db.Insert)
}

func Total(ctx context.Context, text string) (int, error) {
	return pipeline.From(strings.Lines(text)).
		Map(strings.TrimSpace).
		Then(pipeline.Try(parse)).
		Via(SumCents).
		Reduce(ctx, 0, func(a, b int) int { return a + b })
}
