// Cron runs a command whenever a cron expression says so, until it is
// interrupted:
//
//	go run ./examples/cron "0 30 3 * * *" sh backup.sh
//
// The expression may begin with a field for seconds, and may be one like "@daily". It is
// read by github.com/robfig/cron, whose schedules are those of package pool.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/thence-go/thence/pool"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, `usage: cron "second minute hour day month weekday" command [argument ...]`)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Stdout, os.Args[1], func(ctx context.Context) error {
		cmd := exec.CommandContext(ctx, os.Args[2], os.Args[3:]...)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		return cmd.Run()
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run runs job on a schedule until ctx ends, and returns when the last run has.
func run(ctx context.Context, out io.Writer, spec string, job func(context.Context) error) error {
	seconds := cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor
	schedule, err := cron.NewParser(seconds).Parse(spec)
	if err != nil {
		return fmt.Errorf("cron: %w", err)
	}
	p := pool.New(1, pool.Name("cron"))
	// A job that is late for its next time is not run twice.
	timer := p.Every(ctx, schedule, pool.SkipRun, func(ctx context.Context) {
		began := time.Now()
		err := job(ctx)
		fmt.Fprintf(out, "%s: %v after %v\n", began.Format(time.DateTime), err, time.Since(began).Round(time.Millisecond))
	})
	<-timer.Done()
	return p.Shutdown(context.Background())
}
