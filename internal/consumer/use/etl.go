package use

import (
	"context"
	"encoding/json"
	"iter"
	"strconv"
	"time"

	"github.com/thence-go/thence/pipeline"
)

type Event struct {
	Account string
	Cents   int
}

func parse(line string) (Event, error) {
	var e Event
	return e, json.Unmarshal([]byte(line), &e)
}

func (e Event) valid() bool { return e.Cents > 0 }

// DB is a stand-in for a store.
type DB struct{ Stored []Event }

func (db *DB) Insert(_ context.Context, es []Event) error {
	db.Stored = append(db.Stored, es...)
	return nil
}

// ETL parses, filters and stores in batches; lines that cannot be read go to
// bad with the reason.
func ETL(ctx context.Context, lines iter.Seq2[string, error], db *DB, bad func(line string, err error)) error {
	letter := func(_ context.Context, l pipeline.Letter[string]) error {
		bad(l.Item, l.Err)
		return nil
	}
	events := pipeline.Then(pipeline.FromSeq2(lines), pipeline.DeadLetter(letter, pipeline.Try(parse)), pipeline.Workers(8), pipeline.Name("parse")).
		Filter(Event.valid)
	return pipeline.Batch(events, 500, 100*time.Millisecond).ForEach(ctx, db.Insert)
}

// SumCents is a stage, to be reused.
func SumCents(in pipeline.Flow[Event]) pipeline.Flow[int] {
	return pipeline.Map(in, func(e Event) int { return e.Cents })
}

// FirstOver pulls until it has found what it wants.
func FirstOver(ctx context.Context, texts iter.Seq[string], limit int) (int, error) {
	for n, err := range pipeline.Then(pipeline.From(texts), pipeline.Try(strconv.Atoi), pipeline.Workers(4)).All(ctx) {
		if err != nil {
			return 0, err
		}
		if n > limit {
			return n, nil // everything upstream has stopped when we are here
		}
	}
	return 0, nil
}
