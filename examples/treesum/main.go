// Treesum computes one SHA-256 digest of all the files below a folder, hashing
// them in parallel.
//
//	go run ./examples/treesum [-workers n] [-compare] [DIR]
//
// DIR is the source tree of the Go installation if it is not given. The digest
// is that of
//
//	cd DIR; find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum
//
// A file that cannot be read is reported and left out, and the exit code is 1.
// Ctrl-C stops at once, says how far it got, and exits with 130.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"go/build"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"time"

	"github.com/thence-go/thence/future"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// The exit codes.
const (
	exitOK          = 0
	exitUnreadable  = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("treesum", flag.ContinueOnError)
	flags.SetOutput(stderr)
	workers := flags.Int("workers", 2*runtime.GOMAXPROCS(0), "files that are hashed at once")
	compare := flags.Bool("compare", false, "run with one worker too, and print the speed-up")
	if flags.Parse(args) != nil || *workers < 1 || flags.NArg() > 1 {
		fmt.Fprintln(stderr, "usage: treesum [-workers n] [-compare] [DIR], with n of at least 1")
		return exitUsage
	}
	dir := filepath.Join(build.Default.GOROOT, "src")
	if flags.NArg() == 1 {
		dir = flags.Arg(0)
	}

	ask := newReporter(stderr)
	expected, err := count(ctx, dir)
	if err == nil {
		fmt.Fprintf(stdout, "%s: %d files, %s\n", dir, expected.files, size(expected.bytes))
		err = sums(ctx, dir, *workers, *compare, expected, stdout, ask)
	}
	switch {
	case errors.Is(err, future.ErrCanceled), err != nil && ctx.Err() != nil:
		fmt.Fprintln(stderr, "interrupted")
		return exitInterrupted
	case err != nil:
		fmt.Fprintln(stderr, err)
		return exitUnreadable
	case ask.failed():
		return exitUnreadable
	}
	return exitOK
}

// sums hashes the tree, with one worker before if it is to be compared, and
// prints what came of it.
func sums(ctx context.Context, dir string, workers int, compare bool, expected tally, stdout io.Writer, r *reporter) error {
	var alone time.Duration
	if compare {
		first, err := sum(ctx, dir, 1, expected, r)
		if err != nil {
			stopped(stdout, first, expected)
			return err
		}
		fmt.Fprintf(stdout, "one worker: %v\n", first.elapsed.Round(time.Millisecond))
		alone = first.elapsed
	}
	total, err := sum(ctx, dir, workers, expected, r)
	if err != nil {
		stopped(stdout, total, expected)
		return err
	}
	fmt.Fprintf(stdout, "%x\n", total.digest)
	fmt.Fprintf(stdout, "%d files, %s in %v with %d workers\n", total.files, size(total.bytes), total.elapsed.Round(time.Millisecond), workers)
	if compare {
		fmt.Fprintf(stdout, "%.2f times as fast as one worker\n", alone.Seconds()/total.elapsed.Seconds())
	}
	return nil
}

func stopped(w io.Writer, got total, expected tally) {
	fmt.Fprintf(w, "stopped after %d of %d files, %s, in %v\n", got.files, expected.files, size(got.bytes), got.elapsed.Round(time.Millisecond))
}
