// Crawler follows the links of a web site and reports those that are broken.
//
//	go run ./examples/crawler [-depth n] [-workers n] [-rate r] [URL]
//
// Without a URL it serves a small site on two hosts of this machine and crawls
// that. It is polite: to each host one request at a time and at most so many a
// second, however many hosts there are at once.
//
// The exit code is 0 if every link is good, 1 if one is broken, 2 for wrong
// arguments, and 130 after Ctrl-C, which stops at once and still reports.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"time"

	"github.com/thence-go/thence/ratelimit"
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
	exitBroken      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("crawler", flag.ContinueOnError)
	flags.SetOutput(stderr)
	depth := flags.Int("depth", 3, "links to follow from the first page")
	workers := flags.Int("workers", 8, "hosts that are asked at once")
	rate := flags.Float64("rate", 50, "requests a second to each host")
	if flags.Parse(args) != nil || *depth < 0 || *workers < 1 || *rate <= 0 || flags.NArg() > 1 {
		fmt.Fprintln(stderr, "usage: crawler [-depth n] [-workers n] [-rate r] [URL], with a depth of at least 0, at least 1 worker and a rate above 0")
		return exitUsage
	}

	start := flags.Arg(0)
	if start == "" {
		s, err := serve()
		if err != nil {
			fmt.Fprintln(stderr, "crawler:", err)
			return exitBroken
		}
		defer s.close()
		start = s.start
		fmt.Fprintln(stdout, "serving a site at", start)
	}
	first, err := url.Parse(start)
	if err != nil || first.Host == "" || first.Scheme != "http" && first.Scheme != "https" {
		fmt.Fprintf(stderr, "crawler: %q is not the address of a page: pass one such as https://example.com/\n", start)
		return exitUsage
	}

	c := &crawler{
		client:  &http.Client{Timeout: 10 * time.Second},
		hosts:   ratelimit.NewKeyed[string](ratelimit.Limit(*rate), 1, 10_000),
		workers: *workers,
	}
	found, err := c.crawl(ctx, first, *depth)
	c.client.CloseIdleConnections()
	found.report(stdout)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "interrupted")
		return exitInterrupted
	case err != nil:
		fmt.Fprintln(stderr, "crawler:", err)
		return exitBroken
	case len(found.broken) > 0:
		return exitBroken
	}
	return exitOK
}
