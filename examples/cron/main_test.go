package main

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Three nights in no time. In a bubble it is the first of January 2000.
func TestThreeNights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 72*time.Hour)
		defer cancel()
		var out bytes.Buffer
		nights := 0
		err := run(ctx, &out, "0 30 3 * * *", func(context.Context) error {
			if nights++; nights == 2 {
				time.Sleep(25 * time.Hour) // late for the third
				return errors.New("no space left")
			}
			time.Sleep(time.Minute)
			return nil
		})
		require.NoError(t, err)
		zone := time.Now().Location()
		first := time.Date(2000, 1, 1, 3, 30, 0, 0, zone)
		if first.Before(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)) {
			first = first.AddDate(0, 0, 1) // west of where the bubble begins
		}
		require.Equal(t, first.Format(time.DateTime)+": <nil> after 1m0s\n"+
			first.AddDate(0, 0, 1).Format(time.DateTime)+": no space left after 25h0m0s\n", out.String())
	})
}

func TestTheRunEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
		defer cancel()
		var out bytes.Buffer
		require.NoError(t, run(ctx, &out, "@every 1m", func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}))
		require.Contains(t, out.String(), ": context deadline exceeded after 30s\n")
	})
}

func TestMistake(t *testing.T) {
	require.ErrorContains(t, run(t.Context(), nil, "every day", nil), "cron: ")
}
